import { availableParallelism } from 'node:os'
import { AppError, grouped } from '../../contract/index.ts'
import type { TaskContext } from '../jobs/task.ts'
import { timeLeft } from '../jobs/time-left.ts'
import { photoHash, readPhoto, readPhotoInfo } from '../photos/index.ts'
import { createSieve, type SeenPhoto } from './left-out.ts'
import type { DatasetSource, SourceSplits } from './source.ts'

/** Files that are read at a time; each may take a quarter of a gigabyte. */
const mostAtOnce = 4

/**
 * Reads every photo of a source once, its header and its hash. What cannot be read or came before is left out, with a
 * finding. A photo that is cut short is seen here; one that is damaged within only when the import decodes it.
 */
export async function surveyPhotos(source: DatasetSource, { signal, report }: TaskContext): Promise<DatasetSource> {
  const { photos, labels, classNames } = source
  if (photos === null || labels === null || photos.length === 0) return source
  const sieve = createSieve()
  const kept: number[] = []
  const total = photos.length
  const started = performance.now()
  let said = started

  /** Read ahead of the one whose turn it is. */
  const ahead = new Map<number, Promise<SeenPhoto['read']>>()
  const most = Math.min(mostAtOnce, availableParallelism())
  try {
    for (let index = 0, next = 0; index < total; index++) {
      signal.throwIfAborted()
      while (next < total && ahead.size < most) ahead.set(next, look(photos[next++].path))
      const read = await ahead.get(index)!
      ahead.delete(index)
      if (sieve.take({ file: photos[index].name, class: classNames[labels[index]], read })) kept.push(index)

      const now = performance.now()
      if (now - said < 200) continue
      said = now
      report({
        progress: (index + 1) / total,
        message: `Looking at the photos: ${grouped(index + 1)} of ${grouped(total)}`,
        secondsLeft: timeLeft(now - started, index + 1, total),
      })
    }
  } finally {
    // Nothing may be open when what was unpacked is removed.
    await Promise.allSettled(ahead.values())
  }
  const findings = sieve.findings()
  if (kept.length === 0) {
    throw new AppError('dataset/no-photos-kept', `None of these photos can be taken. ${findings[0].message}`, {
      next: 'Drop JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP pictures.',
      details: { examples: findings[0].examples },
    })
  }
  const all = kept.length === total ? source : keepPhotos(source, kept)
  return { ...all, findings: [...source.findings, ...findings] }
}

async function look(path: string): Promise<SeenPhoto['read']> {
  try {
    const bytes = await readPhoto(path)
    await readPhotoInfo(bytes)
    return { sha256: photoHash(bytes) }
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code.startsWith('photo/')) return thrown
    throw thrown
  }
}

/** The source with these of its photos only, ascending. */
function keepPhotos(source: DatasetSource, kept: readonly number[]): DatasetSource {
  const positions = new Map(kept.map((photo, position) => [photo, position]))
  const those = (list: Float64Array): Float64Array =>
    Float64Array.from([...list].flatMap((photo) => positions.get(photo) ?? []))
  const optional = (list: Float64Array | null) => (list === null ? null : those(list))
  const splits = ({ trainval, testSeen, testUnseen, train, validation }: SourceSplits): SourceSplits => ({
    trainval: those(trainval),
    testSeen: those(testSeen),
    testUnseen: those(testUnseen),
    train: optional(train),
    validation: optional(validation),
  })
  return {
    ...source,
    photos: kept.map((photo) => source.photos![photo]),
    labels: Float64Array.from(kept, (photo) => source.labels![photo]),
    splits: source.splits === null ? null : splits(source.splits),
  }
}
