import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, usualKappa, type ClassBook, type RunId, type RunSummary } from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import { oneAtATime } from '../datasets/index.ts'
import type { TrainingCommands } from '../training/index.ts'
import type { BookState } from './book.ts'
import { bookFiles, openBook, type BookStore } from './book-store.ts'
import { createPhotoFeatures, type PhotoFeatures } from './photo-means.ts'
import { readRunClasses, type RunClasses } from './run-classes.ts'

/** A finished run and the person's classes of it. */
export interface RunStudio extends PhotoFeatures {
  readonly summary: RunSummary
  readonly folder: string
  readonly run: RunClasses
  readonly book: BookStore
  /** Photos that halve the part of the anchor. */
  readonly kappa: number
}

export interface Studios {
  /** Throws `run/unknown`, `run/unfinished`, `run/no-descriptions` or `file/damaged`. */
  of(run: RunId): Promise<RunStudio>
  /** One change after the other: `make` gives what becomes of the book. Everyone is told. */
  change(run: RunId, make: (studio: RunStudio) => Promise<ClassBook>): Promise<ClassBook>
  /** Opens the books that were kept, so that they can be listed. */
  openAll(log: (line: string) => void): Promise<void>
  /** Whether anything was ever described for the run. */
  hasBook(run: RunId): boolean
  /** Books that are not empty, of runs that are there. */
  list(): ClassBook[]
}

type Kept = Omit<RunStudio, 'summary'>

export function createStudios(
  { workspace, emit, clock }: Pick<BackendContext, 'workspace' | 'emit' | 'clock'>,
  training: Pick<TrainingCommands, 'list'>,
): Studios {
  const kept = new Map<RunId, Promise<Kept>>()
  const opened = new Map<RunId, BookStore>()
  const exclusively = oneAtATime()

  async function open(summary: RunSummary): Promise<Kept> {
    const folder = join(workspace.runs, summary.id)
    const run = await readRunClasses(folder)
    const book = await openBook(folder, summary.id, run.attributeNames, clock)
    opened.set(summary.id, book)
    const photos = createPhotoFeatures(folder, run.context, summary.config.featureScaling)
    return { folder, run, book, kappa: summary.result?.firstPhotos?.kappa ?? usualKappa, ...photos }
  }

  const of: Studios['of'] = async (id) => {
    const summary = requireFinished(training.list(), id)
    let studio = kept.get(id)
    if (!studio) {
      studio = open(summary)
      kept.set(id, studio)
      studio.catch(() => kept.delete(id))
    }
    return { ...(await studio), summary }
  }

  return {
    of,
    change: (id, make) =>
      exclusively(id, async () => {
        const studio = await of(id)
        const before = studio.book.shown
        const after = await make(studio)
        if (after !== before) emit({ type: 'class-book', book: after })
        return after
      }),
    openAll: async (log) => {
      for (const { id, result } of training.list()) {
        if (result === null || !existsSync(bookFiles(join(workspace.runs, id)).book)) continue
        await of(id).catch((thrown: unknown) => log(`The classes of runs/${id} cannot be read: ${String(thrown)}`))
      }
    },
    hasBook: (id) => existsSync(bookFiles(join(workspace.runs, id)).book),
    list: () => {
      const there = new Set(training.list().map(({ id }) => id))
      return [...opened].flatMap(([id, { shown, state }]) => (there.has(id) && !isEmpty(state) ? [shown] : []))
    },
  }
}

const isEmpty = ({ classes, off }: BookState): boolean => classes.length === 0 && off.length === 0

function requireFinished(runs: readonly RunSummary[], id: RunId): RunSummary {
  const run = runs.find((one) => one.id === id)
  if (!run)
    throw new AppError('run/unknown', `There is no run “${id}”.`, { next: 'Choose one of the runs in the list.' })
  if (run.result === null) {
    throw new AppError('run/unfinished', 'This run has no finished model yet.', { next: 'Let its training finish.' })
  }
  return run
}
