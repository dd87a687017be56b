import { AppError } from '../../contract/index.ts'
import type { Engine } from './engine.ts'
import { input, matMul } from './expression.ts'
import { cholesky } from './kernels/generated.ts'

interface Kernels {
  readonly factorise: (a: number, n: number) => number
  readonly solveLower: (l: number, n: number, rows: number, count: number) => void
}

const wasmPage = 65_536
const tile = 4 // rows that the kernel works on at once

/** Solves (G + ridge · I) X = B for one symmetric G, many ridges and one B, in float64. */
export interface RidgeSolver {
  /** X transposed, count×n. Throws `compute/not-positive-definite` where the ridge is too small for G. */
  solve(ridge: number): Float64Array
}

/**
 * `gram` is G, n×n, of which the lower triangle is read; `right` is Bᵀ, count×n. Cholesky in WebAssembly: n³/3
 * multiplications and n² · count for both substitutions.
 */
export function ridgeSolver(gram: Float64Array, right: Float64Array, n: number): RidgeSolver {
  const count = right.length / n
  const [size, rows] = [padded(n), padded(count)]
  const start = wasmPage // the first page is AssemblyScript's own
  const bytes = start + 8 * size * (size + rows)
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / wasmPage) })
  const { factorise, solveLower } = kernels(memory)
  const matrix = new Float64Array(memory.buffer, start, size * size)
  const vectors = new Float64Array(memory.buffer, start + 8 * size * size, rows * size)
  const solveAll = () => solveLower(matrix.byteOffset, size, vectors.byteOffset, rows)

  return {
    solve(ridge) {
      // What pads the matrix is the identity, which leaves the rest alone.
      matrix.fill(0)
      vectors.fill(0)
      for (let i = 0; i < size; i++) {
        if (i < n) matrix.set(gram.subarray(i * n, i * n + i + 1), i * size)
        matrix[i * size + i] += i < n ? ridge : 1
      }
      for (let row = 0; row < count; row++) vectors.set(right.subarray(row * n, (row + 1) * n), row * size)

      if (factorise(matrix.byteOffset, size) === 0) {
        throw new AppError('compute/not-positive-definite', 'A matrix that should be positive definite is not.', {
          next: 'Check the features for values that are not numbers, or raise the regularisation.',
        })
      }
      solveAll()
      // Lᵀ mirrored at its other diagonal is lower triangular too: the same substitution with everything reversed.
      mirror(matrix, size)
      reverseRows(vectors, size)
      solveAll()
      reverseRows(vectors, size)
      const solved = new Float64Array(count * n)
      for (let row = 0; row < count; row++) solved.set(vectors.subarray(row * size, row * size + n), row * n)
      return solved
    },
  }
}

const padded = (size: number): number => Math.ceil(size / tile) * tile

function mirror(matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n - 1 - i; j++) {
      const [here, there] = [i * n + j, (n - 1 - j) * n + (n - 1 - i)]
      const kept = matrix[here]
      matrix[here] = matrix[there]
      matrix[there] = kept
    }
  }
}

function reverseRows(rows: Float64Array, n: number): void {
  for (let start = 0; start < rows.length; start += n) rows.subarray(start, start + n).reverse()
}

function kernels(memory: WebAssembly.Memory): Kernels {
  const module = new WebAssembly.Module(Buffer.from(cholesky, 'base64'))
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels
}

const gramRows = 4096 // rows whose products are summed in float32 before they join the float64 sum

/** Large products on an engine; matrices are row-major float32 and their numbers of rows follow from their lengths. */
export interface Products {
  /** left · rightᵀ, for rows of `width` values on both sides. */
  timesTransposed(left: Float32Array, right: Float32Array, width: number): Promise<Float32Array>
  /** XᵀX of the given rows of `matrix`, width×width. */
  gram(matrix: Float32Array, width: number, rows: Int32Array): Promise<Float64Array>
  release(): Promise<void>
}

export async function createProducts(engine: Engine): Promise<Products> {
  const left = input('left', ['M', 'K'])
  const right = input('right', ['N', 'K'])
  const timesTransposed = await engine.program({ product: matMul(left, right, { transposeRight: true }) })
  const gram = await engine.program({ product: matMul(left, left, { transposeLeft: true }) })
  const tensor = (data: Float32Array, width: number) => ({ data, shape: [data.length / width, width] })
  return {
    async timesTransposed(left, right, width) {
      const { product } = await timesTransposed.run({ left: tensor(left, width), right: tensor(right, width) })
      return product.data
    },
    async gram(matrix, width, rows) {
      const sum = new Float64Array(width * width)
      for (let start = 0; start < rows.length; start += gramRows) {
        const piece = gatherRows(matrix, width, rows.subarray(start, start + gramRows))
        const { product } = await gram.run({ left: tensor(piece, width) })
        for (let i = 0; i < sum.length; i++) sum[i] += product.data[i]
      }
      return sum
    },
    async release() {
      await Promise.all([timesTransposed.release(), gram.release()])
    },
  }
}

/** Those rows of a matrix, one after the other. */
export function gatherRows(matrix: Float32Array, width: number, rows: Int32Array): Float32Array {
  const gathered = new Float32Array(rows.length * width)
  rows.forEach((row, at) => gathered.set(matrix.subarray(row * width, (row + 1) * width), at * width))
  return gathered
}

/** `matrix` has rows of `width` values. */
export function transposed(matrix: Float32Array, width: number): Float32Array {
  const height = matrix.length / width
  const result = new Float32Array(matrix.length)
  for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) result[j * height + i] = matrix[i * width + j]
  return result
}
