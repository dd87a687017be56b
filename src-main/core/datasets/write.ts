import { createHash, type Hash } from 'node:crypto'
import { mkdir, open, rename, statfs, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, grouped, type DatasetManifest } from '../../contract/index.ts'
import { syncFolder } from '../workspace/index.ts'
import { csvLine } from './formats/csv.ts'
import { fileFailure } from './formats/failures.ts'
import { npyPreamble } from './formats/npy.ts'
import type { Judgement } from './judge.ts'
import { manifestBytes } from './manifest.ts'
import type { DatasetSource, FeatureSource } from './source.ts'

export interface DatasetToWrite {
  readonly source: DatasetSource
  readonly judgement: Judgement
  /** The manifest but for what writing finds out. */
  readonly manifest: Omit<DatasetManifest, 'id' | 'contentHash'>
  /** Ids to try in this order; the first that is free becomes the dataset's. */
  readonly ids: Iterable<string>
}

/**
 * Writes `datasets/<id>/`, whole or not at all: everything goes into a folder in `working`, which is renamed at the end.
 * `working` must be on the same disk; whoever made it removes it, whatever happened here.
 * @returns the manifest as written. @throws AppError where a feature is not finite, or the disk is full.
 */
export async function writeDataset(
  datasets: string,
  working: string,
  { source, judgement, manifest, ids }: DatasetToWrite,
  signal: AbortSignal,
  onRows: (done: number, of: number) => void,
): Promise<DatasetManifest> {
  const folder = join(working, 'dataset')
  try {
    await mkdir(folder, { recursive: true })
    await requireRoom(folder, source.features)
    const hash = createHash('sha256')
    const write = (name: string, use: (file: HashedFile) => Promise<void>) => withHashedFile(folder, name, hash, use)
    if (source.features !== null) {
      await write('features.npy', (file) => writeFeatures(file, source.features!, signal, onRows))
    }
    if (judgement.labels !== null) {
      const { labels } = judgement
      await write('labels.npy', async (file) => {
        await file.append(npyPreamble('i4', [labels.length]))
        await file.append(bytesOf(labels))
      })
    }
    await write('attributes.csv', (file) => file.append(attributesCsv(source)))
    await write('splits.json', (file) => file.append(splitsJson(judgement)))
    if (source.imageFiles !== null) {
      await withHashedFile(folder, 'images.csv', null, (file) => file.append(imagesCsv(source.imageFiles!)))
    }
    signal.throwIfAborted()
    return await placeFolder(datasets, folder, { ...manifest, contentHash: hash.digest('hex') }, ids)
  } catch (thrown) {
    throw fileFailure(manifest.name, thrown)
  }
}

async function requireRoom(folder: string, features: FeatureSource | null): Promise<void> {
  if (features === null) return
  const needed = features.rows * features.columns * 4
  const { bavail, bsize } = await statfs(folder)
  if (needed < bavail * bsize) return
  throw new AppError(
    'dataset/disk-full',
    `The features take ${grouped(Math.ceil(needed / 2 ** 20))} MB, and the disk has less.`,
    {
      next: 'Free some space and import again. Nothing was written.',
    },
  )
}

/**
 * Makes a finished folder the dataset. The manifest is written last, under each id that is tried; renaming onto an
 * existing folder fails.
 */
export async function placeFolder(
  datasets: string,
  folder: string,
  manifest: Omit<DatasetManifest, 'id'>,
  ids: Iterable<string>,
): Promise<DatasetManifest> {
  for (const id of ids) {
    const named: DatasetManifest = { id, ...manifest }
    await withHashedFile(folder, 'manifest.json', null, (file) => file.append(manifestBytes(named)))
    await syncFolder(folder)
    try {
      await rename(folder, join(datasets, id))
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code
      // Windows says EPERM.
      if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM') continue
      throw thrown
    }
    await syncFolder(datasets)
    return named
  }
  throw new AppError('dataset/no-free-id', 'No free name was found for the dataset.', { next: 'Give it another name.' })
}

interface HashedFile {
  append(bytes: Uint8Array): Promise<void>
}

async function withHashedFile(
  folder: string,
  name: string,
  hash: Hash | null,
  use: (file: HashedFile) => Promise<void>,
): Promise<void> {
  const handle: FileHandle = await open(join(folder, name), 'w')
  try {
    // The name parts the files, so that no bytes can move from one to the next unnoticed.
    hash?.update(`${name}\0`)
    await use({
      async append(bytes) {
        hash?.update(bytes)
        for (let written = 0; written < bytes.length;) {
          written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten
        }
      },
    })
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const bytesOf = (values: Float32Array | Int32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

async function writeFeatures(
  file: HashedFile,
  features: FeatureSource,
  signal: AbortSignal,
  onRows: (done: number, of: number) => void,
): Promise<void> {
  const { rows, columns } = features
  await file.append(npyPreamble('f4', [rows, columns]))
  let done = 0
  // Two buffers in turn: while one is being written, the next is inflated and converted.
  let buffers: [Float32Array, Float32Array] = [new Float32Array(0), new Float32Array(0)]
  let writing: Promise<void> = Promise.resolve()
  for await (const values of features.values(signal)) {
    signal.throwIfAborted()
    if (buffers[0].length < values.length) buffers[0] = new Float32Array(values.length)
    const converted = buffers[0].subarray(0, values.length)
    converted.set(values)
    requireFinite(converted, done, columns)
    await writing
    writing = file.append(bytesOf(converted))
    // Reported where it is awaited: before the next portion is written, or below.
    writing.catch(() => undefined)
    buffers = [buffers[1], buffers[0]]
    done += values.length
    onRows(Math.floor(done / columns), rows)
  }
  await writing
  if (done !== rows * columns) {
    throw new AppError('dataset/truncated-file', 'The features end before the last image.', {
      next: 'Copy or download the file again, then drop it once more. Nothing was imported.',
    })
  }
}

/** A value that float32 cannot hold counts as infinite: training would see it so. */
function requireFinite(values: Float32Array, before: number, columns: number): void {
  let sum = 0
  // A sum of zeros, unless one is NaN or infinite.
  for (let i = 0; i < values.length; i++) sum += values[i] * 0
  if (sum === 0) return
  const at = before + values.findIndex((value) => !Number.isFinite(value))
  throw new AppError(
    'dataset/features-not-finite',
    `Image ${Math.floor(at / columns) + 1} has a feature that is not a finite number (feature ${(at % columns) + 1}).`,
    { next: 'Extract the features again, or take that image out. Nothing was imported.' },
  )
}

function attributesCsv({ classNames, attributeNames, attributes }: DatasetSource): Buffer {
  const width = attributeNames.length
  const lines = classNames.map((name, c) =>
    csvLine([
      name,
      ...Array.from(attributes.subarray(c * width, (c + 1) * width), (v) => (Number.isNaN(v) ? '' : String(v))),
    ]),
  )
  return Buffer.from(csvLine(['class', ...attributeNames]) + lines.join(''))
}

function splitsJson({ splits }: Judgement): Buffer {
  const { trainval, testSeen, testUnseen, train, validation } = splits
  const lists = { trainval, testSeen, testUnseen, train, validation }
  const text = JSON.stringify(lists, (_, value: unknown) => (value instanceof Int32Array ? [...value] : value))
  return Buffer.from(`${text}\n`)
}

function imagesCsv(imageFiles: readonly string[]): Buffer {
  return Buffer.from(csvLine(['index', 'file']) + imageFiles.map((file, i) => csvLine([String(i), file])).join(''))
}
