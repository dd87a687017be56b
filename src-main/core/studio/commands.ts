import { AppError, type Backend, type ClassBook, type ClassTable, type RunId } from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import type { Models } from '../inference/models.ts'
import type { Cast } from './extend-model.ts'

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
> {
  /** Of the runs that have any class of the person's. */
  list(): ClassBook[]
  /** What takes part besides, or instead of, a run's own classes. */
  takingPart(run: RunId): Promise<Cast>
  /** The same from a table that is not kept. */
  ofTable(run: RunId, table: ClassTable): Promise<Cast>
}

const notYet = () => Promise.reject(new AppError('app/not-yet', 'Not there yet.'))

export function studioCommands(_context: BackendContext, _models: Models): StudioCommands {
  return {
    list: () => [],
    takingPart: () => Promise.resolve({ described: [], off: [] }),
    ofTable: notYet,
    getClassGuide: notYet,
    getClassBook: notYet,
    editClasses: notYet,
    undoClassEdit: notYet,
    redoClassEdit: notYet,
    importClasses: notYet,
    exportClasses: notYet,
    carryClasses: notYet,
    keepClassVersion: notYet,
    restoreClassVersion: notYet,
    removeClassVersion: notYet,
    addClassPhotos: notYet,
    getClassPhotoThumbnails: notYet,
    openTray: notYet,
    previewClass: notYet,
  }
}
