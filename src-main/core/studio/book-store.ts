import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError, runIdSchema, type ClassBook, type RunId } from '../../contract/index.ts'
import { readJson, writeFileAtomic } from '../workspace/index.ts'
import { bookCodec, emptyBook, shown, storedStateSchema, type BookCodec, type BookState } from './book.ts'

// `classes.json`: the book as it is, and which step of its history led here. `class-history/<step>.json`: what each step
// changed, before and after. `class-versions/<id>.json`: whole books that the person kept.

/** Steps back that are kept. */
const mostSteps = 200

const versionSchema = z.object({ id: z.string(), name: z.string(), keptAt: z.iso.datetime(), classes: z.int() })
const bookFileSchema = storedStateSchema.extend({
  run: runIdSchema,
  revision: z.int().min(0),
  step: z.int().min(0),
  versions: z.array(versionSchema),
})

/** One side of a step: all ids in their order, and the classes that the other side does not have just so. */
const sideSchema = storedStateSchema.extend({ order: z.array(z.string()) })
const stepSchema = z.object({ text: z.string(), before: sideSchema, after: sideSchema })
type Side = z.infer<typeof sideSchema>

/** The book of one run: read once, and written at every change before anyone is told. */
export interface BookStore {
  readonly state: BookState
  readonly shown: ClassBook
  /** One step of undo; nothing where nothing differs. */
  change(text: string, after: BookState): Promise<ClassBook>
  /** Throws `classes/nothing-to-undo`. */
  undo(): Promise<ClassBook>
  /** Throws `classes/nothing-to-redo`. */
  redo(): Promise<ClassBook>
  keepVersion(name: string): Promise<ClassBook>
  restoreVersion(id: string): Promise<ClassBook>
  removeVersion(id: string): Promise<ClassBook>
}

export const bookFiles = (folder: string) => ({
  book: join(folder, 'classes.json'),
  history: join(folder, 'class-history'),
  versions: join(folder, 'class-versions'),
  photos: join(folder, 'class-photos'),
})

/** @param attributeNames of the run. Throws `file/damaged`. Where there is no book yet, an empty one. */
export async function openBook(
  folder: string,
  run: RunId,
  attributeNames: readonly string[],
  clock: () => Date,
  steps = mostSteps,
): Promise<BookStore> {
  const files = bookFiles(folder)
  const codec = bookCodec(attributeNames)
  const stepFile = (step: number): string => join(files.history, `${String(step).padStart(6, '0')}.json`)
  const versionFile = (id: string): string => join(files.versions, `${id}.json`)
  const readStep = (step: number) => readJson(stepFile(step), stepSchema)
  const textOf = (step: number): Promise<string | null> =>
    readStep(step).then(
      ({ text }) => text,
      () => null,
    )

  const stored = await readJson(files.book, bookFileSchema).catch((thrown: unknown) => {
    if (thrown instanceof AppError && thrown.code === 'file/missing') return null
    throw thrown
  })
  let state = stored === null ? emptyBook : readState(codec, stored)
  let revision = stored?.revision ?? 0
  let step = stored?.step ?? 0
  let versions = stored?.versions ?? []
  let history = { undo: await textOf(step), redo: await textOf(step + 1) }

  const show = (): ClassBook => ({
    ...{ run, revision, history, versions },
    yours: state.classes.map(shown),
    off: [...state.off],
  })
  let current = show()

  /** Writes first: what is told has happened. */
  async function become(next: BookState, at: number, kept: typeof versions = versions): Promise<ClassBook> {
    const head = { run, revision: revision + 1, step: at, versions: kept }
    await writeFileAtomic(files.book, writeState(codec, next, head))
    ;[state, revision, step, versions] = [next, head.revision, at, kept]
    history = { undo: await textOf(step), redo: await textOf(step + 1) }
    return (current = show())
  }

  async function change(text: string, after: BookState): Promise<ClassBook> {
    const before = state
    const sides = { before: sideOf(codec, before, after), after: sideOf(codec, after, before) }
    if (sides.before === sides.after) return current
    await mkdir(files.history, { recursive: true })
    // What was undone goes first, the last of it before the others: no step may follow one that it does not belong to.
    const kept = (await readdir(files.history)).flatMap((name) => (/^\d+\.json$/.test(name) ? [parseInt(name)] : []))
    for (const undone of kept.filter((one) => one > step).sort((a, b) => b - a)) await rm(stepFile(undone))
    const content = `{\n"text": ${JSON.stringify(text)},\n"before": ${sides.before},\n"after": ${sides.after}\n}\n`
    await writeFileAtomic(stepFile(step + 1), content)
    const book = await become(after, step + 1)
    for (const old of kept.filter((one) => one <= step - steps)) await rm(stepFile(old), { force: true })
    return book
  }

  async function move(by: -1 | 1): Promise<ClassBook> {
    const found = await readStep(by < 0 ? step : step + 1).catch((cause: unknown) => {
      const word = by < 0 ? 'undo' : 'redo'
      throw new AppError(`classes/nothing-to-${word}`, `There is nothing to ${word}.`, { cause })
    })
    return become(withSide(codec, state, by < 0 ? found.before : found.after), step + by)
  }

  const requireVersion = (id: string) => {
    const version = versions.find((one) => one.id === id)
    if (version) return version
    throw new AppError('classes/unknown-version', 'This version is not there any more.', {
      next: 'Choose one of those in the list.',
    })
  }

  return {
    get state() {
      return state
    },
    get shown() {
      return current
    },
    change,
    undo: () => move(-1),
    redo: () => move(1),

    async keepVersion(name) {
      const id = randomUUID()
      await mkdir(files.versions, { recursive: true })
      await writeFileAtomic(versionFile(id), writeState(codec, state))
      const version = { id, name, keptAt: clock().toISOString(), classes: state.classes.length }
      return become(state, step, [...versions, version])
    },
    async restoreVersion(id) {
      const { name } = requireVersion(id)
      return change(`go back to “${name}”`, readState(codec, await readJson(versionFile(id), storedStateSchema)))
    },
    async removeVersion(id) {
      requireVersion(id)
      const book = await become(
        state,
        step,
        versions.filter((one) => one.id !== id),
      )
      await rm(versionFile(id), { force: true })
      return book
    },
  }
}

function readState(codec: BookCodec, { classes, off, groups }: z.infer<typeof storedStateSchema>): BookState {
  return { classes: classes.map((one) => codec.read(one)), off, groups: new Map(Object.entries(groups)) }
}

/** Put together from texts, most of which are kept. */
function writeState(codec: BookCodec, { classes, off, groups }: BookState, head: object = {}): string {
  const rest = JSON.stringify({ ...head, off, groups: Object.fromEntries(groups) }, null, 2).slice(2, -2)
  return `{\n${rest},\n  "classes": [\n${classes.map((one) => codec.write(one)).join(',\n')}\n]}\n`
}

/** JSON of a side; the same text for both where nothing differs. */
function sideOf(codec: BookCodec, state: BookState, other: BookState): string {
  const others = new Map(other.classes.map((one) => [one.id, one]))
  const differs = state.classes.filter((one) => {
    const twin = others.get(one.id)
    return twin === undefined || (twin !== one && codec.write(twin) !== codec.write(one))
  })
  const order = state.classes.map(({ id }) => id)
  return writeState(codec, { ...state, classes: differs }, { order })
}

function withSide(codec: BookCodec, state: BookState, side: Side): BookState {
  const { classes, off, groups } = readState(codec, side)
  const all = new Map([...state.classes, ...classes].map((one) => [one.id, one]))
  return { classes: side.order.flatMap((id) => all.get(id) ?? []), off, groups }
}
