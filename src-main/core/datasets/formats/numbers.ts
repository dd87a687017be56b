/** Arrays as the formats store them. 64-bit integers arrive as doubles: labels and indices are far below 2^53. */
export type Numbers =
  Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array

export type StorageType = 'i1' | 'u1' | 'i2' | 'u2' | 'i4' | 'u4' | 'i8' | 'u8' | 'f4' | 'f8'

export const bytesOf = (type: StorageType): number => Number(type[1])

/** Bytes in one portion of a streamed array: a multiple of every element size, small beside the memory we may use. */
export const portionBytes = 2 ** 20

/**
 * The numbers in `bytes`, whose offset must be a multiple of 8. Swaps in place where the storage is big-endian;
 * otherwise a view, valid as long as `bytes` is.
 */
export function viewNumbers(bytes: Uint8Array, type: StorageType, bigEndian: boolean): Numbers {
  const size = bytesOf(type)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bigEndian) {
    if (size === 2) buffer.swap16()
    else if (size === 4) buffer.swap32()
    else if (size === 8) buffer.swap64()
  }
  const at = [bytes.buffer, bytes.byteOffset, bytes.byteLength / size] as const
  switch (type) {
    case 'i1':
      return new Int8Array(...at)
    case 'u1':
      return new Uint8Array(...at)
    case 'i2':
      return new Int16Array(...at)
    case 'u2':
      return new Uint16Array(...at)
    case 'i4':
      return new Int32Array(...at)
    case 'u4':
      return new Uint32Array(...at)
    case 'f4':
      return new Float32Array(...at)
    case 'f8':
      return new Float64Array(...at)
    case 'i8':
      return Float64Array.from(new BigInt64Array(...at), Number)
    case 'u8':
      return Float64Array.from(new BigUint64Array(...at), Number)
  }
}

/** A whole array in memory, out of portions. `count` has been checked against a limit by the caller. */
export async function collectNumbers(portions: AsyncIterable<Numbers>, count: number): Promise<Float64Array> {
  const all = new Float64Array(count)
  let filled = 0
  for await (const portion of portions) {
    all.set(portion, filled)
    filled += portion.length
  }
  return all
}
