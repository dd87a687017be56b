import type { AttributeTable, DatasetEdit, Matrix } from '../../../../src-main/contract/index.ts'
import type { Pasted } from './clipboard.ts'
import { changing, withColumns, type CellEdit } from './sheet.ts'

/**
 * What a table from elsewhere would do to a dataset, as what is pasted has it. What the table does not know stays as it
 * is.
 */
export function pastedOf({ classes, attributes, values }: AttributeTable): Pasted {
  const isNew = ({ index }: { readonly index: number | null }): boolean => index === null
  return {
    edits: cellsOf(
      classes,
      attributes.map(({ index }) => index),
      values,
    ),
    byAttribute: true,
    byClass: true,
    unknownAttributes: attributes.filter(isNew).map(({ name }) => name),
    unknownClasses: classes.filter(isNew).map(({ name }) => name),
    ...{ refused: [], refusedCount: 0, outside: 0 },
  }
}

/** The attributes that the table has and the dataset has not, with their groups, and all values: one step of undo. */
export function editsWithNew({ classes, attributes, values }: AttributeTable, matrix: Matrix): DatasetEdit[] {
  let next = matrix.columns
  const columns = attributes.map(({ index }) => index ?? next++)
  const added = attributes.filter(({ index }) => index === null)
  const groups = new Map<string, number[]>()
  attributes.forEach(({ index, group }, at) => {
    if (index === null && group !== null) groups.set(group, [...(groups.get(group) ?? []), columns[at]])
  })
  const cells = changing(withColumns(matrix, added.length), cellsOf(classes, columns, values))
  return [
    ...added.map(({ name }) => ({ kind: 'add-attribute' as const, name })),
    ...[...groups].map(([group, members]) => ({ kind: 'group-attributes' as const, attributes: members, group })),
    ...(cells.length > 0 ? [{ kind: 'set-attributes' as const, cells }] : []),
  ]
}

function cellsOf(
  classes: AttributeTable['classes'],
  columns: readonly (number | null)[],
  { columns: width, values }: Matrix,
): CellEdit[] {
  return classes.flatMap(({ index }, row) =>
    columns.flatMap((column, at) => {
      const value = values[row * width + at]
      return index === null || column === null || Number.isNaN(value)
        ? []
        : [{ class: index, attribute: column, value }]
    }),
  )
}
