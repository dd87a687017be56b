import { join } from 'node:path'
import { AppError, grouped, type DatasetManifest, type Finding } from '../../../contract/index.ts'
import type { TaskContext } from '../../jobs/task.ts'
import { timeLeft } from '../../jobs/time-left.ts'
import { syncFolder } from '../../workspace/index.ts'
import { openDropped, type DroppedFile } from '../dropped.ts'
import { fileFailure } from '../formats/failures.ts'
import type { Judgement } from '../judge.ts'
import type { DatasetSource } from '../source.ts'
import { placeFolder, type DatasetToWrite } from '../write.ts'
import type { NewPhoto } from './changes.ts'
import { filesOf } from './files.ts'
import { writeSynced } from './journal.ts'
import { keepPhotos, type KeptPhoto, type KeptPhotos } from './keep-photos.ts'
import { describeState } from './judge-state.ts'
import { photoPath } from './read.ts'
import { splitsByHash } from './splits-by-hash.ts'
import type { PhotoState } from './state.ts'
import { createThumbnailCache } from './thumbnails.ts'

/** Like `writeDataset`, for a source of photos: whole or not at all, in `working` first. `cache`: of the workspace. */
export async function importPhotos(
  datasets: string,
  { working, cache }: { working: string; cache: string },
  { source, judgement, manifest, ids }: DatasetToWrite,
  context: TaskContext,
): Promise<DatasetManifest> {
  const folder = join(working, 'dataset')
  try {
    const files = source.photos ?? []
    const classOf = (index: number): string => source.classNames[judgement.labels![index]]
    const kept = await keep(files, { folder, cache, known: new Set(), classOf }, context)
    if (files.length > 0 && kept.photos.length === 0) throw noneKept(kept)
    const state = stateOf(source, judgement, kept.photos)
    for (const { name, bytes } of filesOf(state)) await writeSynced(join(folder, name), bytes)
    await syncFolder(folder)
    context.signal.throwIfAborted()
    const described = describeState(state, null, [...source.findings, ...kept.findings])
    return await placeFolder(datasets, folder, { ...manifest, ...described, photos: true }, ids)
  } catch (thrown) {
    throw fileFailure(manifest.name, thrown)
  }
}

/** The source without the photos that were left out. */
function stateOf(source: DatasetSource, judgement: Judgement, kept: readonly KeptPhoto[]): PhotoState {
  const { classNames, attributeNames, attributes } = source
  const given = source.splits === null ? null : judgement.splits
  const labels = judgement.labels ?? new Int32Array()
  const unseen = new Set(source.unseenClasses)
  // What the lists test as unseen is meant to be so, also when photos come or go and the lists are made anew.
  for (const image of given?.testUnseen ?? []) unseen.add(labels[image])
  const rest = {
    ...{ classNames, declaredUnseen: classNames.map((_, index) => unseen.has(index)) },
    ...{ attributeNames, attributes },
    attributeGroups: source.attributeGroups ?? attributeNames.map(() => null),
    photos: kept.map(({ file, sha256, extension, width, height }) => ({
      ...{ file, sha256, extension, width, height },
      removed: false,
    })),
    labels: Int32Array.from(kept, (photo) => labels[photo.source]),
  }
  if (given === null) return { ...rest, splits: splitsByHash(rest) }
  const indexOf = new Map(kept.map((photo, index) => [photo.source, index]))
  const those = (list: Int32Array): Int32Array =>
    Int32Array.from([...list].flatMap((image) => indexOf.get(image) ?? [])).sort()
  return {
    ...rest,
    splits: {
      ...{ trainval: those(given.trainval), testSeen: those(given.testSeen), testUnseen: those(given.testUnseen) },
      ...{ train: given.train && those(given.train), validation: given.validation && those(given.validation) },
    },
  }
}

export interface AdditionInput {
  /** A folder that this job may make and fill; whoever named it removes it. */
  readonly working: string
  /** Folder of the workspace's cache. */
  readonly cache: string
  /** SHA-256 of the photos that are there already and were not taken out. */
  readonly known: readonly string[]
  /** All photos in what was dropped to one class, or photos with a class each. */
  readonly photos:
    | { readonly paths: readonly string[]; readonly class: string }
    | readonly (DroppedFile & { readonly class: string })[]
}

export interface Addition {
  /** Their bytes lie in the working folder. */
  readonly photos: readonly NewPhoto[]
  readonly findings: readonly Finding[]
}

/** Reads photos for a dataset that is there: the part of adding that takes long. */
export async function readAddition(input: AdditionInput, context: TaskContext): Promise<Addition> {
  const { working, cache, known, photos: given } = input
  const { files, classOf, findings } = 'paths' in given ? await dropped(given, working, context) : listed(given)
  const folder = join(working, 'added')
  const kept = await keep(files, { folder, cache, known: new Set(known), classOf }, context)
  if (kept.photos.length === 0) throw noneKept(kept)
  return {
    photos: kept.photos.map(({ source, ...photo }) => ({
      ...photo,
      class: classOf(source),
      from: photoPath(folder, photo),
    })),
    findings: [...findings, ...kept.findings],
  }
}

async function dropped(
  { paths, class: name }: { paths: readonly string[]; class: string },
  working: string,
  context: TaskContext,
) {
  const { photos, findings } = await openDropped(paths, join(working, 'unpacked'), context)
  if (photos.length === 0) {
    throw new AppError('dataset/no-photos', 'There is no photo in what you dropped.', {
      next: 'Drop JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP pictures, or a folder or zip of them.',
    })
  }
  return { files: photos, classOf: () => name, findings }
}

const listed = (photos: readonly (DroppedFile & { readonly class: string })[]) => ({
  files: photos,
  classOf: (source: number) => photos[source].class,
  findings: [],
})

function keep(
  files: readonly DroppedFile[],
  { cache, ...options }: Pick<Parameters<typeof keepPhotos>[1], 'folder' | 'known' | 'classOf'> & { cache: string },
  { signal, report }: TaskContext,
): Promise<KeptPhotos> {
  const started = performance.now()
  const onProgress = (done: number): void => {
    report({
      progress: done / files.length,
      message: `Reading photos: ${grouped(done)} of ${grouped(files.length)}`,
      secondsLeft: timeLeft(performance.now() - started, done, files.length),
    })
  }
  return keepPhotos(files, { ...options, thumbnails: createThumbnailCache(cache), signal, onProgress })
}

function noneKept({ findings }: KeptPhotos): AppError {
  const [{ message, next, examples }] = findings
  return new AppError('dataset/no-photos-kept', `None of these photos can be taken. ${message}`, {
    next: next ?? 'Drop others.',
    details: { examples },
  })
}
