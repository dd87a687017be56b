import { count, type DatasetEdit } from '../../../contract/index.ts'
import type { PhotoState } from './state.ts'

/** What a step is called in “Undo: …”, e.g. “relabel 3 photos”. */
export function describeEdits(
  { classNames, attributeNames }: Pick<PhotoState, 'classNames' | 'attributeNames'>,
  edits: readonly DatasetEdit[],
): string {
  const [first] = edits
  const total = edits.reduce((sum, edit) => sum + sizeOf(edit), 0)
  const kinds = [...new Set(edits.map(({ kind }) => kind))]
  if (kinds.length === 2) {
    const parts = kinds.map((kind) => edits.filter((edit) => edit.kind === kind))
    return parts.map((part) => describeEdits({ classNames, attributeNames }, part)).join(' and ')
  }
  if (kinds.length > 2) return counted(edits.length, 'change')
  if (edits.length > 1) return `${verbs[first.kind]} ${counted(total, things[first.kind])}`
  switch (first.kind) {
    case 'add-attribute':
    case 'add-class':
      return `${verbs[first.kind]} ${things[first.kind]} ${quoted(first.name)}`
    case 'rename-attribute':
      return `rename attribute ${quoted(attributeNames.at(first.attribute))} to ${quoted(first.name)}`
    case 'rename-class':
      return `rename class ${quoted(classNames.at(first.class))} to ${quoted(first.name)}`
    case 'remove-class':
      return `remove class ${quoted(classNames.at(first.class))}`
    case 'set-role':
      return `make ${counted(total, 'class')} ${first.role}`
    default:
      return `${verbs[first.kind]} ${counted(total, things[first.kind])}`
  }
}

const verbs: Readonly<Record<DatasetEdit['kind'], string>> = {
  'set-attributes': 'change',
  'add-attribute': 'add',
  'rename-attribute': 'rename',
  'remove-attributes': 'remove',
  'group-attributes': 'group',
  'add-class': 'add',
  'rename-class': 'rename',
  'remove-class': 'remove',
  'set-role': 'change the role of',
  relabel: 'relabel',
  'remove-photos': 'remove',
  'restore-photos': 'bring back',
}

const things: Readonly<Record<DatasetEdit['kind'], string>> = {
  'set-attributes': 'value',
  'add-attribute': 'attribute',
  'rename-attribute': 'attribute',
  'remove-attributes': 'attribute',
  'group-attributes': 'attribute',
  'add-class': 'class',
  'rename-class': 'class',
  'remove-class': 'class',
  'set-role': 'class',
  relabel: 'photo',
  'remove-photos': 'photo',
  'restore-photos': 'photo',
}

function sizeOf(edit: DatasetEdit): number {
  if ('cells' in edit) return edit.cells.length
  if ('photos' in edit) return edit.photos.length
  if ('attributes' in edit) return edit.attributes.length
  return 'classes' in edit ? edit.classes.length : 1
}

export const counted = (n: number, thing: string): string =>
  count(n, thing, thing.endsWith('s') ? `${thing}es` : `${thing}s`)

const longest = 40 // characters of a name

export function quoted(name = ''): string {
  const characters = Array.from(new Intl.Segmenter().segment(name), ({ segment }) => segment)
  return `“${characters.length > longest ? `${characters.slice(0, longest).join('')}…` : name}”`
}
