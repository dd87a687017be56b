import { z } from 'zod'

const index = z.int().min(0)
const indices = z.array(index).min(1).max(1_000_000)
const name = z.string().trim().min(1).max(200)

/** In which list of the split a photo is. `removed`: left out by the person; it can come back. */
export const photoPlaceSchema = z.enum(['none', 'trainval', 'testSeen', 'testUnseen', 'removed'])
export type PhotoPlace = z.infer<typeof photoPlaceSchema>

/** Every photo of a dataset, column by column; a photo's index is its row and never changes. */
export const photoTableSchema = z.object({
  /** Name of the file as it was dropped. */
  files: z.array(z.string()),
  /** Class of each. */
  labels: z.instanceof(Int32Array),
  /** Index into `photoPlaceSchema.options`. */
  places: z.instanceof(Int32Array),
  /** Pixels, upright. */
  widths: z.instanceof(Int32Array),
  heights: z.instanceof(Int32Array),
})
export type PhotoTable = z.infer<typeof photoTableSchema>

/**
 * One change to a dataset of photos. Indices are those before the whole list of changes is applied; classes and
 * attributes that the list adds are numbered on behind them, in order.
 */
export const datasetEditSchema = z.discriminatedUnion('kind', [
  /** `value` null: not known. */
  z.object({
    kind: z.literal('set-attributes'),
    cells: z
      .array(z.object({ class: index, attribute: index, value: z.number().nullable() }))
      .min(1)
      .max(1_000_000),
  }),
  z.object({ kind: z.literal('add-attribute'), name }),
  z.object({ kind: z.literal('rename-attribute'), attribute: index, name }),
  z.object({ kind: z.literal('remove-attributes'), attributes: indices }),
  /** `group` null: in none. */
  z.object({ kind: z.literal('group-attributes'), attributes: indices, group: name.nullable() }),
  z.object({ kind: z.literal('add-class'), name }),
  z.object({ kind: z.literal('rename-class'), class: index, name }),
  /** Only a class without photos. */
  z.object({ kind: z.literal('remove-class'), class: index }),
  z.object({ kind: z.literal('set-role'), classes: indices, role: z.enum(['seen', 'unseen']) }),
  z.object({ kind: z.literal('relabel'), photos: indices, class: index }),
  z.object({ kind: z.literal('remove-photos'), photos: indices }),
  z.object({ kind: z.literal('restore-photos'), photos: indices }),
])
export type DatasetEdit = z.infer<typeof datasetEditSchema>

/** What the next undo and redo would do, in a few words; null: nothing. */
export const editHistorySchema = z.object({ undo: z.string().nullable(), redo: z.string().nullable() })
export type EditHistory = z.infer<typeof editHistorySchema>
