import { AppError, count, grouped, type DatasetEdit } from '../../../contract/index.ts'
import { splitsByHash } from './splits-by-hash.ts'
import type { PhotoState } from './state.ts'

/** Of the attribute matrix; more would not be a table that a person edits. */
const mostValues = 20_000_000
/** Training computes with 32 bits. */
const largestValue = 3.4e38

/** Rows or columns while edits are applied: what was there keeps its index, what is added comes behind it. */
interface Entry {
  name: string
  /** Index before; null for an added one. */
  readonly from: number | null
  removed: boolean
}
interface ClassEntry extends Entry {
  unseen: boolean
}
interface AttributeEntry extends Entry {
  group: string | null
}

/**
 * What these edits make of a dataset; it itself stays as it is. Indices are those before the whole list; classes and
 * attributes that the list adds are numbered on behind them. @throws AppError where an edit cannot be made: none is then.
 */
export function applyEdits(state: PhotoState, edits: readonly DatasetEdit[]): PhotoState {
  const classes = state.classNames.map((name, from): ClassEntry => ({
    name,
    from,
    removed: false,
    unseen: state.declaredUnseen[from],
  }))
  const attributes = state.attributeNames.map((name, from): AttributeEntry => ({
    name,
    from,
    removed: false,
    group: state.attributeGroups[from],
  }))
  const cells: { class: number; attribute: number; value: number | null }[] = []
  const photos = [...state.photos]
  const labels = state.labels.slice()

  const at = <T>(entries: readonly T[], index: number, what: 'class' | 'attribute' | 'photo'): T => {
    if (index < entries.length) return entries[index]
    throw new AppError(`dataset/unknown-${what}`, `There is no ${what} with the number ${index}.`, {
      next: 'The dataset has changed since. Look at it again.',
    })
  }
  const takeOut = (indices: readonly number[], removed: boolean): void => {
    for (const index of indices) {
      const photo = at(photos, index, 'photo')
      if (photo.removed !== removed) photos[index] = { ...photo, removed }
    }
  }

  for (const edit of edits) {
    switch (edit.kind) {
      case 'set-attributes':
        for (const one of edit.cells) {
          at(classes, one.class, 'class')
          at(attributes, one.attribute, 'attribute')
          if (one.value !== null && !(Math.abs(one.value) <= largestValue)) throw notFinite()
        }
        cells.push(...edit.cells)
        break
      case 'add-attribute':
        attributes.push({ name: edit.name, from: null, removed: false, group: null })
        break
      case 'rename-attribute':
        at(attributes, edit.attribute, 'attribute').name = edit.name
        break
      case 'remove-attributes':
        for (const index of edit.attributes) at(attributes, index, 'attribute').removed = true
        break
      case 'group-attributes':
        for (const index of edit.attributes) at(attributes, index, 'attribute').group = edit.group
        break
      case 'add-class':
        classes.push({ name: edit.name, from: null, removed: false, unseen: false })
        break
      case 'rename-class':
        at(classes, edit.class, 'class').name = edit.name
        break
      case 'remove-class':
        at(classes, edit.class, 'class').removed = true
        break
      case 'set-role':
        for (const index of edit.classes) at(classes, index, 'class').unseen = edit.role === 'unseen'
        break
      case 'relabel':
        at(classes, edit.class, 'class')
        for (const index of edit.photos) {
          at(photos, index, 'photo')
          labels[index] = edit.class
        }
        break
      case 'remove-photos':
        takeOut(edit.photos, true)
        break
      case 'restore-photos':
        takeOut(edit.photos, false)
    }
  }

  requireEmpty(classes, labels)
  requireNames(classes, state.classNames, 'class')
  requireNames(attributes, state.attributeNames, 'attribute')
  return assemble(state, { classes, attributes, cells, photos, labels })
}

function assemble(
  before: PhotoState,
  edited: {
    classes: readonly ClassEntry[]
    attributes: readonly AttributeEntry[]
    cells: readonly { class: number; attribute: number; value: number | null }[]
    photos: PhotoState['photos']
    labels: Int32Array
  },
): PhotoState {
  const classes = edited.classes.filter(({ removed }) => !removed)
  const attributes = edited.attributes.filter(({ removed }) => !removed)
  if (classes.length * attributes.length > mostValues) {
    throw new AppError('dataset/too-many-values', 'The table of attributes would become too large.', {
      next: `Keep classes × attributes below ${grouped(mostValues)}.`,
    })
  }
  const newIndex = (all: readonly Entry[]): number[] => {
    let next = 0
    return all.map(({ removed }) => (removed ? -1 : next++))
  }
  const rowOf = newIndex(edited.classes)
  const columnOf = newIndex(edited.attributes)
  const oldWidth = before.attributeNames.length
  const values = new Float64Array(classes.length * attributes.length).fill(NaN)
  classes.forEach(({ from: row }, c) => {
    if (row === null) return
    attributes.forEach(({ from: column }, k) => {
      if (column !== null) values[c * attributes.length + k] = before.attributes[row * oldWidth + column]
    })
  })
  for (const { class: row, attribute, value } of edited.cells) {
    const [c, k] = [rowOf[row], columnOf[attribute]]
    if (c >= 0 && k >= 0) values[c * attributes.length + k] = value ?? NaN
  }
  const after = {
    classNames: kept(before.classNames, names(classes)),
    declaredUnseen: kept(
      before.declaredUnseen,
      classes.map(({ unseen }) => unseen),
    ),
    attributeNames: kept(before.attributeNames, names(attributes)),
    attributeGroups: kept(
      before.attributeGroups,
      attributes.map(({ group }) => group),
    ),
    attributes: kept(before.attributes, values),
    photos: kept(before.photos, edited.photos),
    labels: kept(
      before.labels,
      edited.labels.map((label) => rowOf[label]),
    ),
  }
  return { ...after, splits: splitsAfter(before, after) }
}

/** What the files gave as a split stays until something else than attributes changes. */
function splitsAfter(before: PhotoState, after: Omit<PhotoState, 'splits'>): PhotoState['splits'] {
  const { photos, labels, declaredUnseen } = before
  const same = photos === after.photos && labels === after.labels && declaredUnseen === after.declaredUnseen
  return same ? before.splits : splitsByHash(after)
}

const names = (entries: readonly Entry[]): string[] => entries.map(({ name }) => name)

/** The old one where nothing in it changed, so that nothing is written for it. */
function kept<T extends readonly unknown[] | Float64Array | Int32Array>(before: T, after: T): T {
  return before.length === after.length && before.every((value, i) => Object.is(value, after[i])) ? before : after
}

const notFinite = (): AppError =>
  new AppError('dataset/attributes-not-finite', 'An attribute would be infinite.', {
    next: 'Give finite numbers; leave out what is not known.',
  })

function requireEmpty(classes: readonly ClassEntry[], labels: Int32Array): void {
  const images = new Map<number, number>()
  for (const label of labels) images.set(label, (images.get(label) ?? 0) + 1)
  classes.forEach(({ removed, name }, index) => {
    const own = images.get(index) ?? 0
    if (!removed || own === 0) return
    throw new AppError(
      'dataset/class-has-photos',
      `“${name}” still has ${count(own, 'photo')}, those taken out among them.`,
      { next: 'Give its photos to other classes first.' },
    )
  })
}

/** Every name of its own, once all edits are made: two may change places. Only touched names are held against it. */
function requireNames(entries: readonly Entry[], before: readonly string[], what: 'class' | 'attribute'): void {
  const taken = new Map<string, number>()
  const kept = entries.filter(({ removed }) => !removed)
  for (const { name } of kept) taken.set(key(name), (taken.get(key(name)) ?? 0) + 1)
  for (const { name, from } of kept) {
    if (from !== null && before[from] === name) continue
    if (name.trim() === '') {
      throw new AppError('dataset/name-empty', `Every ${what} needs a name.`, { next: 'Write at least one letter.' })
    }
    if (taken.get(key(name))! > 1) {
      throw new AppError('dataset/name-taken', `There is another ${what} called “${name}”.`, {
        next: 'Choose another name.',
      })
    }
  }
}

/** Names that look alike are alike: é can be one character or two. */
const key = (name: string): string => name.trim().normalize('NFC')
