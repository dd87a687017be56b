import { join } from 'node:path'
import { AppError, type Backend, type ClassBook, type ClassTable, type RunId } from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import { createThumbnailCache } from '../datasets/index.ts'
import { createAdditions, type TableCast } from './additions.ts'
import { bookFiles } from './book-store.ts'
import { castOf } from './cast.ts'
import { writeClassTable } from './class-table.ts'
import { describeEdits } from './describe-edits.ts'
import { applyEdits } from './edit-book.ts'
import { unknownClass } from './failures.ts'
import type { Cast } from './extend-model.ts'
import type { StudioNeighbours } from './neighbours.ts'
import { createStudios } from './open-studio.ts'
import { createPreviews } from './previews.ts'
import { guideOf } from './run-classes.ts'

export interface StudioCommands extends Pick<
  Backend,
  | 'getClassGuide'
  | 'getClassBook'
  | 'editClasses'
  | 'undoClassEdit'
  | 'redoClassEdit'
  | 'importClasses'
  | 'exportClasses'
  | 'carryClasses'
  | 'keepClassVersion'
  | 'restoreClassVersion'
  | 'removeClassVersion'
  | 'addClassPhotos'
  | 'getClassPhotoThumbnails'
  | 'openTray'
  | 'previewClass'
  | 'evaluateClasses'
> {
  /** Of the runs that have any class of the person's. */
  list(): ClassBook[]
  /** What takes part besides, or instead of, a run's own classes. */
  takingPart(run: RunId): Promise<Cast>
  /** The same from a table that is not kept. */
  ofTable(run: RunId, table: ClassTable): Promise<TableCast>
}

/** Classes that a person describes: a book for each run, kept at every change, and what the run's model makes of them. */
export async function studioCommands(context: BackendContext, neighbours: StudioNeighbours): Promise<StudioCommands> {
  const studios = createStudios(context, neighbours.training)
  await studios.openAll(context.log)
  const additions = createAdditions(context, studios, neighbours)
  const { openTray, previewClass } = createPreviews(studios, neighbours)
  const thumbnails = createThumbnailCache(context.workspace.cache)

  return {
    list: () => studios.list(),
    takingPart: async (id) => {
      // A run that nobody described a class of needs nothing of it, not even a model that keeps descriptions.
      if (!studios.hasBook(id)) return { described: [], off: [] }
      const { book, run, kappa, meanOf } = await studios.of(id)
      return castOf(book.state, run, kappa, meanOf)
    },
    ofTable: (run, table) => additions.ofTable(run, table),

    getClassGuide: async ({ run: id }) => {
      const { run, book, summary } = await studios.of(id)
      return guideOf(run, book.state.groups, summary.result?.firstPhotos ?? null)
    },
    getClassBook: async ({ run }) => (await studios.of(run)).book.shown,
    editClasses: ({ run: id, edits }) =>
      studios.change(id, ({ book, run }) => {
        const after = applyEdits(book.state, edits, run)
        return book.change(describeEdits(book.state, edits), after)
      }),
    undoClassEdit: ({ run }) => studios.change(run, ({ book }) => book.undo()),
    redoClassEdit: ({ run }) => studios.change(run, ({ book }) => book.redo()),
    keepClassVersion: ({ run, name }) => studios.change(run, ({ book }) => book.keepVersion(name)),
    restoreClassVersion: ({ run, version }) => studios.change(run, ({ book }) => book.restoreVersion(version)),
    removeClassVersion: ({ run, version }) => studios.change(run, ({ book }) => book.removeVersion(version)),

    importClasses: additions.importClasses,
    carryClasses: additions.carryClasses,
    addClassPhotos: additions.addClassPhotos,
    exportClasses: async ({ run: id, classes: wanted }) => {
      const { run, book, summary } = await studios.of(id)
      if (book.state.classes.length === 0) throw noClasses()
      const classes = book.state.classes.filter((one) => wanted === null || wanted.includes(one.id))
      if (classes.length === 0) throw unknownClass()
      const text = writeClassTable(classes, run.attributeNames)
      return { name: `${summary.dataset} classes.csv`, type: 'text/csv', bytes: new TextEncoder().encode(text) }
    },

    getClassPhotoThumbnails: async ({ run: id, class: wanted, photos }) => {
      const { book, folder } = await studios.of(id)
      const one = book.state.classes.find((candidate) => candidate.id === wanted)
      if (!one) throw unknownClass()
      return Promise.all(
        photos.map((hash) => {
          const photo = one.photos.find(({ sha256 }) => sha256 === hash)
          if (!photo) throw unknownPhoto()
          return thumbnails.get(photo.sha256, join(bookFiles(folder).photos, `${photo.sha256}.${photo.extension}`))
        }),
      )
    },

    openTray,
    previewClass,
    evaluateClasses: async ({ run: id, classes: table }) => {
      const model = neighbours.models.of(id)
      if (table) {
        const { cast, findings } = await additions.ofTable(id, table)
        return { ...(await model.ask('evaluate', { cast, given: [] })), findings }
      }
      const { book, run, kappa, meanOf, rowsOf } = await studios.of(id)
      const photographed = book.state.classes.filter(({ on, photos }) => on && photos.length > 0)
      const given = await Promise.all(
        photographed.map(async ({ id, photos }) => ({ id, features: await rowsOf(photos) })),
      )
      const cast = await castOf(book.state, run, kappa, meanOf)
      return { ...(await model.ask('evaluate', { cast, given })), findings: [] }
    },
  }
}

const noClasses = (): AppError =>
  new AppError('classes/none', 'No class has been described for this run yet.', {
    next: 'Describe one on the page Classes, or import a table of them.',
  })

const unknownPhoto = (): AppError =>
  new AppError('classes/unknown-photo', 'This photo is not the class’s any more.', { next: 'Look at the class again.' })
