import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { AppError, type BackboneDraft, type BackboneRecipe } from '../../contract/index.ts'
import type { Progress, Task, TaskContext } from '../jobs/task.ts'
import { timeLeft } from '../jobs/time-left.ts'
import { writeFileAtomic } from '../workspace/index.ts'
import { ensureBasic } from './basic/index.ts'
import { catalogue, download } from './catalogue/index.ts'
import { changedModel, notOnnx } from './errors.ts'
import { readOnnxFile } from './onnx-file/index.ts'
import type { StoredBackbone } from './store.ts'
import { suggest } from './suggest.ts'
import { tryNetwork } from './try-network.ts'

/** Protobuf can hold no more, so that such a file is no network whatever it says. */
const mostBytes = 2 ** 31 - 1

/** A draft that has no id yet. */
export type Look = Omit<BackboneDraft, 'id'>

/** Looks at a dropped .onnx file: what it says, how it is probably used, and its hash. */
export const inspectBackboneTask: Task<{ path: string }, Look> = {
  async run({ path }, context) {
    context.report({ progress: null, message: 'Looking at the network', secondsLeft: null })
    const status = await stat(path)
    if (!status.isFile()) throw notOnnx()
    if (status.size > mostBytes) {
      throw new AppError('backbone/too-large', 'This file is larger than 2 GB, which no network in one file is.', {
        next: 'Choose a smaller network.',
      })
    }
    const file = await readOnnxFile(path)
    const name = basename(path, extname(path))
    const suggestion = suggest(file, name)
    const sha256 = await hashOf(path, context)
    const { metadata } = file
    const told = (...keys: string[]): string => keys.map((key) => metadata.get(key)).find(Boolean) ?? ''
    const look: Look = {
      ...{ name: name.slice(0, 120) || 'network', sha256, bytes: status.size, ...suggestion },
      licence: told('license', 'licence', 'License').slice(0, 200),
      source: told('source', 'url', 'homepage', 'author', 'Image.Source').slice(0, 500),
    }
    // A file of the catalogue that came by another way: everything is known of it.
    const known = catalogue.find((entry) => entry.download?.sha256 === sha256)
    if (known === undefined) return look
    const { licence, source, recipe } = known
    return { ...look, name: known.name, licence, source, recipe, guessed: [] }
  },
}

export interface ImportBackboneInput {
  readonly path: string
  /** Folder to make; whoever named it removes it. */
  readonly folder: string
  /** Of the file that was looked at. */
  readonly sha256: string
  readonly recipe: BackboneRecipe
}

/** Copies a network into the workspace and tries it there. @returns the recipe with the dimension as measured. */
export const importBackboneTask: Task<ImportBackboneInput, BackboneRecipe> = {
  async run({ path, folder, sha256, recipe }, context) {
    await mkdir(folder, { recursive: true })
    const model = join(folder, 'model.onnx')
    await writeFileAtomic(model, copied(path, sha256, context))
    return tried(model, recipe, context)
  },
}

/** Downloads a network of the catalogue into its folder and tries it there; what a cut download left is gone on from. */
export const downloadBackboneTask: Task<{ id: string; folder: string }, BackboneRecipe> = {
  async run({ id, folder }, context) {
    const entry = catalogue.find((one) => one.id === id)
    if (entry === undefined) throw new Error(`The catalogue has no “${id}”.`)
    const report = reporter(context, `Downloading ${entry.name}`)
    const model = await download(entry, folder, { signal: context.signal, onProgress: report })
    return tried(model, entry.recipe, context)
  },
}

/** Makes the network that comes with the application, unless it is there. */
export const basicBackboneTask: Task<{ cache: string }, StoredBackbone> = {
  run({ cache }, { signal, report }) {
    report({ progress: null, message: 'Preparing the basic network', secondsLeft: null })
    return ensureBasic(cache, signal)
  },
}

async function tried(model: string, recipe: BackboneRecipe, { signal, report }: TaskContext): Promise<BackboneRecipe> {
  signal.throwIfAborted()
  report({ progress: null, message: 'Trying it on a picture', secondsLeft: null })
  // Everything about the file is checked again: it is not the one that lay outside.
  await readOnnxFile(model)
  const dimension = await tryNetwork(model, recipe)
  signal.throwIfAborted()
  return { ...recipe, dimension }
}

/** A file piece by piece. @returns its SHA-256. */
async function* pieces(path: string, context: TaskContext, what: string): AsyncGenerator<Uint8Array, string> {
  const hash = createHash('sha256')
  const { size } = await stat(path)
  const report = reporter(context, what)
  let done = 0
  const stream = createReadStream(path, { highWaterMark: 2 ** 20, signal: context.signal })
  for await (const piece of stream as AsyncIterable<Uint8Array>) {
    hash.update(piece)
    yield piece
    report((done += piece.length), size)
  }
  return hash.digest('hex')
}

async function hashOf(path: string, context: TaskContext): Promise<string> {
  const read = pieces(path, context, 'Reading')
  for (;;) {
    const next = await read.next()
    if (next.done === true) return next.value
  }
}

/** Ends with an error where the file is another than the one that was looked at, so that nothing of it is kept. */
async function* copied(path: string, sha256: string, context: TaskContext): AsyncGenerator<Uint8Array> {
  if ((yield* pieces(path, context, 'Copying')) !== sha256) throw changedModel()
}

function reporter({ report }: TaskContext, what: string): (done: number, total: number) => void {
  const started = performance.now()
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)
  return (done, total) => {
    const progress: Progress = {
      progress: total === 0 ? null : done / total,
      message: `${what}: ${megabytes(done)} of ${megabytes(total)} MB`,
      secondsLeft: timeLeft(performance.now() - started, done, total),
    }
    report(progress)
  }
}
