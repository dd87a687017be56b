import { AppError, grouped, type ClassEdit, type VisualSource } from '../../contract/index.ts'
import { noVisual, type BookClass, type BookState } from './book.ts'
import { unknownClass, wrongLength } from './failures.ts'
import type { RunClasses } from './run-classes.ts'

/** One graph spans all classes, and its matrices grow with their square. */
export const mostClasses = 2000
/** The model computes with 32 bits. */
const largestValue = 3.4e38

/** What these edits make of a book; it itself stays as it is. @throws AppError where one cannot be made: none is then. */
export function applyEdits(before: BookState, edits: readonly ClassEdit[], run: RunClasses): BookState {
  const classes = new Map(before.classes.map((one) => [one.id, one]))
  const off = new Set(before.off)
  const groups = new Map(before.groups)
  const change = (id: string, make: (one: BookClass) => Partial<BookClass>): void => {
    const one = classes.get(id)
    if (!one) throw unknownClass()
    classes.set(id, { ...one, ...make(one) })
  }
  for (const edit of edits) {
    switch (edit.kind) {
      case 'add-class':
        if (classes.has(edit.id)) {
          throw new AppError('classes/id-taken', 'There is a class with this id already.', {
            next: 'Choose another id.',
          })
        }
        classes.set(edit.id, {
          ...{ id: edit.id, name: edit.name.trim(), on: true, photos: [] },
          attributes: requireAttributes(edit.attributes, run).slice(),
          visual: requireVisual(edit.visual ?? noVisual, run),
        })
        break
      case 'rename-class':
        change(edit.class, () => ({ name: edit.name.trim() }))
        break
      case 'remove-classes':
        for (const id of edit.classes) if (!classes.delete(id)) throw unknownClass()
        break
      case 'set-attributes':
        change(edit.class, ({ attributes: old }) => {
          const attributes = old.slice()
          for (const { attribute, value } of edit.cells) {
            requireAttribute(attribute, run)
            if (value !== null) requireFinite(value)
            attributes[attribute] = value ?? NaN
          }
          return { attributes }
        })
        break
      case 'set-visual':
        change(edit.class, () => ({ visual: requireVisual(edit.visual, run) }))
        break
      case 'switch':
        for (const id of edit.classes) change(id, () => ({ on: edit.on }))
        break
      case 'switch-own':
        for (const name of edit.names) {
          requireUnseen(name, run)
          if (edit.on) off.delete(name)
          else off.add(name)
        }
        break
      case 'group-attributes':
        for (const attribute of edit.attributes) {
          requireAttribute(attribute, run)
          if (edit.group === null) groups.delete(run.attributeNames[attribute])
          else groups.set(run.attributeNames[attribute], edit.group.trim())
        }
        break
      case 'remove-photos': {
        const gone = new Set(edit.photos)
        change(edit.class, ({ photos }) => ({ photos: photos.filter(({ sha256 }) => !gone.has(sha256)) }))
      }
    }
  }
  const after = { classes: [...classes.values()], off: [...off], groups }
  requireRoom(after.classes.length)
  requireNames(after, before, run)
  return after
}

/** K values, each finite or NaN. Throws `classes/wrong-length` and `classes/not-finite`. */
export function requireAttributes(
  attributes: Float32Array,
  { attributeNames: { length: K } }: RunClasses,
): Float32Array {
  if (attributes.length !== K) throw wrongLength(attributes.length, K)
  for (const value of attributes) if (!Number.isNaN(value)) requireFinite(value)
  return attributes
}

/** Throws `classes/unknown-anchor`: only seen classes have photos to lend. */
export function requireVisual(visual: VisualSource, { own }: RunClasses): VisualSource {
  const seen = new Set(own.flatMap(({ name, role }) => (role === 'seen' ? [name] : [])))
  const stranger = visual.anchors?.find((anchor) => !seen.has(anchor.class))
  if (stranger === undefined) return visual
  throw new AppError('classes/unknown-anchor', `“${stranger.class}” is not a seen class of this run.`, {
    next: 'A visual anchor is a class that the model has seen photos of. Choose one of those.',
  })
}

export function requireRoom(classes: number): void {
  if (classes <= mostClasses) return
  throw new AppError(
    'classes/too-many',
    `That would be ${grouped(classes)} classes of yours; a run takes ${grouped(mostClasses)}.`,
    { next: 'Remove some that are not needed, or add fewer. Nothing was changed.' },
  )
}

function requireAttribute(index: number, { attributeNames }: RunClasses): void {
  if (index < attributeNames.length) return
  throw new AppError('classes/unknown-attribute', `There is no attribute with the number ${index}.`, {
    next: 'Look at the run again.',
  })
}

function requireFinite(value: number): void {
  if (Math.abs(value) <= largestValue) return
  throw new AppError('classes/not-finite', 'An attribute would be infinite.', {
    next: 'Give finite numbers; leave out what is not known.',
  })
}

function requireUnseen(name: string, { own }: RunClasses): void {
  if (own.some((one) => one.name === name && one.role === 'unseen')) return
  throw new AppError('classes/not-unseen', `“${name}” is not an unseen class of this run.`, {
    next: 'Only unseen classes can be switched off: the model is made of the seen ones.',
  })
}

/** Names that look alike are alike: é can be one character or two. */
export const nameKey = (name: string): string => name.trim().normalize('NFC')

/** Names that the run's own classes have, those that are switched off left out: they can be described anew. */
export function ownNames({ own }: RunClasses, off: Iterable<string>): Map<string, 'seen' | 'unseen'> {
  const without = new Set(off)
  return new Map(own.flatMap(({ name, role }) => (without.has(name) ? [] : [[nameKey(name), role] as const])))
}

/** Every name of its own once all edits are made: two may change places. Only touched names are held against it. */
function requireNames(after: BookState, before: BookState, run: RunClasses): void {
  const own = ownNames(run, after.off)
  const old = new Map(before.classes.map(({ id, name }) => [id, name]))
  const switchedOn = before.off.filter((name) => !after.off.includes(name)).map(nameKey)
  const counts = new Map<string, number>()
  for (const { name } of after.classes) counts.set(nameKey(name), (counts.get(nameKey(name)) ?? 0) + 1)
  for (const { id, name } of after.classes) {
    const key = nameKey(name)
    if (old.get(id) === name && !switchedOn.includes(key)) continue
    const role = own.get(key)
    if (role === undefined && counts.get(key) === 1) continue
    const whose =
      role === undefined ? 'You have another class' : `The run has ${role === 'seen' ? 'a seen' : 'an unseen'} class`
    throw new AppError('classes/name-taken', `${whose} called “${name}”.`, {
      next:
        role === 'unseen'
          ? 'Choose another name, or switch that class off: yours can then take its place.'
          : 'Choose another name.',
    })
  }
}
