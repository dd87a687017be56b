import { count, type ClassEdit } from '../../contract/index.ts'
import { quoted } from '../datasets/index.ts'
import type { BookState } from './book.ts'

/** What a step is called in “Undo: …”, e.g. “change 3 values of “leopard””. */
export function describeEdits(before: BookState, edits: readonly ClassEdit[]): string {
  const [first] = edits
  if (edits.some(({ kind }) => kind !== first.kind)) return count(edits.length, 'change')
  const total = edits.reduce((sum, edit) => sum + sizeOf(edit), 0)
  const of = (id: string): string => {
    const name = before.classes.find((one) => one.id === id)?.name
    const same = edits.every((edit) => 'class' in edit && edit.class === id)
    return name === undefined || !same ? '' : ` of ${quoted(name)}`
  }
  const one = edits.length === 1
  switch (first.kind) {
    case 'add-class':
      return one ? `add ${quoted(first.name)}` : `add ${count(total, 'class', 'classes')}`
    case 'rename-class':
      return one ? `rename to ${quoted(first.name)}` : `rename ${count(total, 'class', 'classes')}`
    case 'remove-classes':
      return `remove ${count(total, 'class', 'classes')}`
    case 'set-attributes':
      return `change ${count(total, 'value')}${of(first.class)}`
    case 'set-visual':
      return `change the visual anchor${of(first.class)}`
    case 'switch':
    case 'switch-own':
      return `switch ${count(total, 'class', 'classes')} ${first.on ? 'on' : 'off'}`
    case 'group-attributes':
      return `group ${count(total, 'attribute')}`
    case 'remove-photos':
      return `remove ${count(total, 'photo')}${of(first.class)}`
  }
}

function sizeOf(edit: ClassEdit): number {
  if ('cells' in edit) return edit.cells.length
  if ('photos' in edit) return edit.photos.length
  if ('attributes' in edit && Array.isArray(edit.attributes)) return edit.attributes.length
  if ('classes' in edit) return edit.classes.length
  return 'names' in edit ? edit.names.length : 1
}
