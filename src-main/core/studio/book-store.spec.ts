import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { classBookSchema, type ClassBook, type ClassEdit } from '../../contract/index.ts'
import { bookFiles, openBook, type BookStore } from './book-store.ts'
import { describeEdits } from './describe-edits.ts'
import { applyEdits } from './edit-book.ts'
import { smallRun } from './testing/run-classes.ts'

const run = smallRun()
let folder: string
let book: BookStore

const open = async (names = run.attributeNames): Promise<BookStore> =>
  (book = await openBook(folder, 'a-run', names, () => new Date('2026-01-02T03:04:05Z'), 5))
const edit = (...edits: ClassEdit[]): Promise<ClassBook> =>
  book.change(describeEdits(book.state, edits), applyEdits(book.state, edits, run))
const add = (id: string, ...values: number[]): ClassEdit => ({
  ...{ kind: 'add-class', id, name: `class ${id}`, attributes: Float32Array.from(values) },
})
const names = ({ yours }: ClassBook): string[] => yours.map(({ name }) => name)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-book-'))
  await open()
})
afterEach(() => rm(folder, { recursive: true }))

describe('a book of classes', () => {
  it('lies in a file that a person can read: values by name, short, unknown ones absent', async () => {
    const shown = await edit(add('a', 0.2, NaN, -1.5, 0), { kind: 'switch-own', names: ['eel'], on: false })
    expect(classBookSchema.parse(shown)).toEqual(shown)
    const file = JSON.parse(await readFile(bookFiles(folder).book, 'utf8')) as Record<string, unknown>
    expect(file).toMatchObject({
      ...{ run: 'a-run', revision: 1, off: ['eel'] },
      classes: [{ id: 'a', name: 'class a', on: true, attributes: { stripes: 0.2, size: -1.5, wings: 0 } }],
    })
    expect((file.classes as object[])[0]).not.toHaveProperty(['attributes', 'tail'])
    await open()
    expect(book.shown).toEqual(shown)
    expect([...book.shown.yours[0].attributes]).toEqual([Math.fround(0.2), NaN, -1.5, 0])
  })

  it('undoes and redoes every change, also after a restart', async () => {
    await edit(add('a', 1, 1, 1, 1), add('b', 0, 0, 0, 0))
    await edit({ kind: 'set-attributes', class: 'a', cells: [{ attribute: 1, value: null }] })
    const last = await edit({ kind: 'remove-classes', classes: ['a'] })
    expect(last.history).toEqual({ undo: 'remove 1 class', redo: null })
    await open()
    expect(names(await book.undo())).toEqual(['class a', 'class b'])
    expect([...book.shown.yours[0].attributes]).toEqual([1, NaN, 1, 1])
    expect(book.shown.history).toEqual({ undo: 'change 1 value of “class a”', redo: 'remove 1 class' })
    await book.undo()
    expect([...book.shown.yours[0].attributes]).toEqual([1, 1, 1, 1])
    await book.undo()
    expect(book.shown).toMatchObject({ yours: [], history: { undo: null, redo: 'add 2 classes' }, revision: 6 })
    await expect(book.undo()).rejects.toMatchObject({ code: 'classes/nothing-to-undo' })
    await open()
    for (let step = 0; step < 3; step++) await book.redo()
    expect(names(book.shown)).toEqual(['class b'])
    await expect(book.redo()).rejects.toMatchObject({ code: 'classes/nothing-to-redo' })
  })

  it('forgets what was undone once something else is changed', async () => {
    await edit(add('a', 1, 1, 1, 1))
    await edit(add('b', 1, 1, 1, 1))
    await book.undo()
    await book.undo()
    await edit(add('c', 1, 1, 1, 1))
    expect(book.shown.history.redo).toBeNull()
    expect(await readdir(bookFiles(folder).history)).toHaveLength(1)
    expect(names(await book.undo())).toEqual([])
    expect(names(await book.redo())).toEqual(['class c'])
  })

  it('keeps so many steps, and no step where nothing changes', async () => {
    await edit(add('a', 1, 1, 1, 1))
    const before = book.shown
    expect(await edit({ kind: 'rename-class', class: 'a', name: 'class a' })).toBe(before)
    for (let at = 0; at < 8; at++) await edit({ kind: 'rename-class', class: 'a', name: `name ${at}` })
    expect(await readdir(bookFiles(folder).history)).toHaveLength(5)
    for (let at = 0; at < 5; at++) await book.undo()
    expect(names(book.shown)).toEqual(['name 2'])
    expect(book.shown.history.undo).toBeNull()
  })

  it('keeps versions, goes back to them as a step, and forgets them', async () => {
    await edit(add('a', 1, 1, 1, 1))
    const [version] = (await book.keepVersion('first try')).versions
    expect(version).toMatchObject({ name: 'first try', classes: 1, keptAt: '2026-01-02T03:04:05.000Z' })
    await edit({ kind: 'remove-classes', classes: ['a'] })
    expect(names(await book.restoreVersion(version.id))).toEqual(['class a'])
    expect(book.shown.history.undo).toBe('go back to “first try”')
    expect(names(await book.undo())).toEqual([])
    expect((await book.removeVersion(version.id)).versions).toEqual([])
    await expect(book.restoreVersion(version.id)).rejects.toMatchObject({ code: 'classes/unknown-version' })
    expect(await readdir(bookFiles(folder).versions)).toEqual([])
  })

  it('finds its values by name where the attributes of the run stand otherwise', async () => {
    await edit(add('a', 1, 2, 3, 4))
    await open(['wings', 'beak', 'stripes'])
    expect([...book.shown.yours[0].attributes]).toEqual([4, NaN, 1])
  })

  it('says so where its file is damaged, and leaves it as it is', async () => {
    await writeFile(bookFiles(folder).book, '{"classes": [')
    await expect(open()).rejects.toMatchObject({ code: 'file/damaged' })
    expect(await readFile(bookFiles(folder).book, 'utf8')).toBe('{"classes": [')
  })

  it('keeps five hundred classes, and writes only the changed one again', async () => {
    await edit(...Array.from({ length: 500 }, (_, at) => add(`c${at}`, at, at, at, at)))
    await edit({ kind: 'set-attributes', class: 'c7', cells: [{ attribute: 0, value: 1000 }] })
    const step = await readFile(join(bookFiles(folder).history, '000002.json'), 'utf8')
    expect(step.match(/"name"/g)).toHaveLength(2)
    await open()
    expect(book.shown.yours).toHaveLength(500)
    expect(book.shown.yours[7].attributes[0]).toBe(1000)
  })
})
