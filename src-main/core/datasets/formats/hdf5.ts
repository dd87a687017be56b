import h5wasm, { Dataset, Reference } from 'h5wasm/node'
import { compressionBomb, damagedFile, impossibleSize, isBomb, unsupportedFile } from './failures.ts'
import { AppError, grouped, sizeOf } from '../../../contract/index.ts'
import type { Numbers } from './numbers.ts'
import { countOf, type MatVariable } from './variable.ts'

/** Rows of a portion are chosen so that it takes about this much: HDF5's own buffers come on top. */
const portionTarget = 4 * 2 ** 20
/** A cell array is a reference each; far above any list of images that anyone has. */
const mostCells = 4_000_000

interface Opened {
  readonly file: string
  readonly root: InstanceType<typeof h5wasm.File>
  readonly signal: AbortSignal
}

/** h5wasm reports what is wrong inside a file by plain errors and by traps of its module. */
function reading<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown
    throw damagedFile(file, 'its HDF5 structure cannot be read', thrown)
  }
}

function asNumbers({ file }: Opened, name: string, value: unknown): Numbers {
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return Float64Array.from(value, Number)
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return value as Numbers
  if (typeof value === 'number') return Float64Array.of(value)
  throw unsupportedFile(file, `has something other than numbers in “${name}”`, 'Save a matrix of numbers.')
}

/** The first axis of an HDF5 dataset is MATLAB's last: whole columns, one after the other. */
async function* numbersOf(opened: Opened, dataset: Dataset, name: string): AsyncGenerator<Numbers> {
  const { file, signal } = opened
  const { shape, size, chunks } = reading(file, () => dataset.metadata)
  if (shape === null || countOf(shape) === 0) return
  const [columns, ...rest] = shape as [number, ...number[]]
  const columnBytes = countOf(rest) * size
  const chunkColumns = chunks?.[0] ?? 1
  // Whole chunks at a time, so that none is inflated twice.
  const atOnce = Math.max(1, Math.floor(portionTarget / columnBytes / chunkColumns)) * chunkColumns
  if (Math.min(atOnce, columns) * columnBytes > 16 * portionTarget) {
    throw impossibleSize(file, `stores “${name}” in pieces that are too large to read one by one`)
  }
  for (let start = 0; start < columns; start += atOnce) {
    signal.throwIfAborted()
    const end = Math.min(columns, start + atOnce)
    const part = reading(file, () => dataset.slice([[start, end], ...rest.map((): [] => [])]))
    yield asNumbers(opened, name, part)
    // Reading is synchronous: let a cancellation arrive.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function textOf(opened: Opened, dataset: unknown): string {
  if (!(dataset instanceof Dataset)) throw damagedFile(opened.file, 'a cell of it leads nowhere')
  // MATLAB writes an empty text as two zeros (its dimensions) and says so in an attribute.
  if ('MATLAB_empty' in dataset.attrs) return ''
  const { shape } = dataset.metadata
  if (shape === null || countOf(shape) > 65_536) throw damagedFile(opened.file, 'a text of it has no sensible length')
  const value = dataset.value
  if (typeof value === 'string') return value
  if (!(value instanceof Uint16Array)) {
    throw unsupportedFile(opened.file, 'has a cell array of something other than texts', 'Save names as texts.')
  }
  return String.fromCharCode(...value)
}

async function stringsOf(opened: Opened, dataset: Dataset, kind: MatVariable['kind']): Promise<string[]> {
  const { file, root, signal } = opened
  if (kind === 'text') return [reading(file, () => textOf(opened, dataset))]
  if (countOf(reading(file, () => dataset.shape) ?? []) > mostCells) {
    throw impossibleSize(file, 'has a list of texts beyond all measure')
  }
  const value = reading(file, () => dataset.value)
  const references: unknown[] = value instanceof Reference ? [value] : Array.isArray(value) ? value : []
  // Its types take every reference for one to a region.
  const follow = root.dereference.bind(root) as (reference: Reference) => unknown
  const texts: string[] = []
  for (const reference of references) {
    if (!(reference instanceof Reference)) throw damagedFile(file, 'a cell of it is no reference')
    texts.push(reading(file, () => textOf(opened, follow(reference))))
    if (texts.length % 512 === 0) {
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
    }
  }
  return texts
}

function kindOf(dataset: Dataset): MatVariable['kind'] {
  const matlabClass = 'MATLAB_class' in dataset.attrs ? dataset.attrs['MATLAB_class'].value : null
  if (matlabClass === 'cell') return 'cells'
  if (matlabClass === 'char') return 'text'
  // h5py and others write no class: the type decides.
  const type = dataset.metadata.type
  if (type === 0 || type === 1) return 'numbers'
  return type === 7 ? 'cells' : 'other'
}

/** The variables of a MATLAB 7.3 file (HDF5), in the order of its root group. */
export async function* readHdf5(
  file: { path: string; name: string },
  bytes: number,
  signal: AbortSignal,
): AsyncGenerator<MatVariable> {
  const module = await h5wasm.ready
  // Otherwise HDF5 prints what it finds wrong, and h5wasm goes on.
  module.activate_throwing_error_handler()
  const root = reading(file.name, () => new h5wasm.File(file.path, 'r'))
  const opened: Opened = { file: file.name, root, signal }
  try {
    for (const name of reading(file.name, () => root.keys())) {
      signal.throwIfAborted()
      // MATLAB's own: the cells' contents, and its objects.
      if (name.startsWith('#')) continue
      const dataset = reading(file.name, () => root.get(name))
      if (!(dataset instanceof Dataset)) continue
      const { shape, size } = reading(file.name, () => dataset.metadata)
      if (shape === null) continue
      const announced = countOf(shape) * size
      if (!Number.isSafeInteger(announced)) throw impossibleSize(file.name, `says that “${name}” is ${sizeOf(shape)}`)
      if (isBomb(announced, bytes)) throw compressionBomb(file.name, `“${name}” announces ${grouped(announced)} bytes`)
      const kind = reading(file.name, () => kindOf(dataset))
      yield {
        name,
        dimensions: [...shape].reverse(),
        kind,
        numbers: () => numbersOf(opened, dataset, name),
        strings: () => stringsOf(opened, dataset, kind),
      }
    }
  } finally {
    reading(file.name, () => root.close())
  }
}
