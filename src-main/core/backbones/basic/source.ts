import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { damagedPackage, missingPackage, sourcePackage } from './failures.ts'

/** The detector's pictures, labels and network in one file, as Emscripten packs them. */
const packed = `${sourcePackage}/objectron_solution_packed_assets.data`

/** Begins at the fifth byte of a .tflite file. */
const identifier = Buffer.from('TFL3', 'latin1')

/** The .tflite file inside the package. It is the last of what is packed. */
export async function sourceNetwork(signal?: AbortSignal): Promise<Uint8Array> {
  let bytes: Buffer
  try {
    const path = createRequire(import.meta.url).resolve(packed)
    bytes = await readFile(path, signal === undefined ? {} : { signal })
  } catch (cause) {
    signal?.throwIfAborted()
    throw missingPackage(cause)
  }
  const at = bytes.indexOf(identifier)
  if (at < 4) throw damagedPackage('there is no network')
  return bytes.subarray(at - 4)
}
