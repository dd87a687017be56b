import {
  AppError,
  toWireError,
  grouped,
  type Confidence,
  type Finding,
  type Prediction,
  type RunSummary,
} from '../../contract/index.ts'
import { createExtractor, failedFindings, type BackboneSetup, type Extractor } from '../backbones/index.ts'
import { openDropped, type DroppedFile } from '../datasets/index.ts'
import type { Progress, Task } from '../jobs/task.ts'
import { timeLeft } from '../jobs/time-left.ts'
import type { Cast } from '../studio/extend-model.ts'
import { openClassifier, type Classifier } from './classifier.ts'
import { nothingSaid, summarise } from './predictions.ts'

export interface ClassifyInput {
  /** What was dropped. */
  readonly paths: readonly string[]
  /** Where zips may be unpacked; what is there stays until the classification is removed. */
  readonly scratch: string
  /** Folder of the run. */
  readonly folder: string
  readonly run: Pick<RunSummary, 'method' | 'config'>
  /** Who takes part. */
  readonly cast: Cast
  readonly temperature: Confidence['temperature']
  readonly backbone: BackboneSetup
}

/** A prediction and the file that it is about, which the page never learns. */
export interface Classified {
  readonly prediction: Prediction
  readonly path: string
}

export interface ClassifyProgress extends Progress {
  /** Photos found. */
  readonly photos: number
  /** Since the last report, in order. */
  readonly classified: readonly Classified[]
  /** Where the network runs; null until it was needed. */
  readonly device: string | null
}

const photosPerPiece = 256 // scored together: the scores of so many take little memory
const reportEvery = 250 // ms

/** Looks at every photo that was dropped and says what a run's model thinks of it, in order, as it goes. */
export const classifyTask: Task<ClassifyInput, { readonly findings: readonly Finding[] }, ClassifyProgress> = {
  run: async ({ paths, scratch, folder, run, cast, temperature, backbone }, { signal, report }) => {
    const looking: Progress = { progress: null, message: 'Looking for photos', secondsLeft: null }
    const listing = { signal, report: (progress: Progress) => report({ ...progress, ...nothingYet }) }
    listing.report(looking)
    const { photos, findings } = await openDropped(paths, scratch, listing)
    if (photos.length === 0) {
      throw new AppError('classify/no-photos', 'There are no photos in what was dropped.', {
        next: 'Drop photos (JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP), or a folder or zip of them.',
      })
    }
    const classifier = await openClassifier(folder, run, cast)
    const extractor = await createExtractor({ ...backbone, signal })
    try {
      const reporter = createReporter(photos.length, extractor, report)
      for await (const piece of classified(photos, classifier, extractor, temperature)) {
        signal.throwIfAborted()
        reporter.add(piece)
      }
      reporter.flush()
      return { findings: [...findings, ...failedFindings(extractor.failed)] }
    } finally {
      await Promise.all([extractor.release(), classifier.release()])
    }
  },
}

const nothingYet = { photos: 0, classified: [], device: null }

/** Predictions as they come, some photos at a time. */
async function* classified(
  photos: readonly DroppedFile[],
  classifier: Classifier,
  extractor: Extractor,
  temperature: number,
): AsyncGenerator<Classified[]> {
  let piece: { at: number; features: Float32Array | null; error: AppError | null }[] = []
  const score = async (): Promise<Classified[]> => {
    const { classes, dimension } = classifier
    const readable = piece.flatMap(({ features }) => (features ? [features] : []))
    const matrix = new Float32Array(readable.length * dimension)
    readable.forEach((features, row) => matrix.set(features, row * dimension))
    const said = readable.length > 0 ? summarise(await classifier.scores(matrix), classes, temperature) : []
    let row = 0
    const done = piece.map(({ at, features, error }) => {
      const { name, path } = photos[at]
      const of = { photo: at, file: name, error: error && toWireError(error) }
      return { path, prediction: { ...of, ...(features ? said[row++] : nothingSaid) } }
    })
    piece = []
    return done
  }
  let last = performance.now()
  for await (const { at, features, error } of extractor.extract(photos)) {
    piece.push({ at, features, error })
    // Slow ones are told as they come, fast ones in larger pieces.
    if (piece.length < photosPerPiece && performance.now() - last < reportEvery) continue
    yield await score()
    last = performance.now()
  }
  yield await score()
}

/** Gathers what is said and reports it some times per second. */
function createReporter(photos: number, extractor: Extractor, report: (progress: ClassifyProgress) => void) {
  const started = performance.now()
  let waiting: Classified[] = []
  let done = 0
  let last = -Infinity
  const flush = (): void => {
    if (waiting.length === 0) return
    const now = performance.now()
    report({
      progress: done / photos,
      message: `${grouped(done)} of ${grouped(photos)} photos`,
      secondsLeft: timeLeft(now - started, done, photos),
      photos,
      classified: waiting,
      device: extractor.device,
    })
    waiting = []
    last = now
  }
  return {
    add(piece: readonly Classified[]): void {
      waiting.push(...piece)
      done += piece.length
      if (performance.now() - last >= reportEvery) flush()
    },
    flush,
  }
}
