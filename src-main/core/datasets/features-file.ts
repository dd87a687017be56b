import { open } from 'node:fs/promises'
import { npyPreamble } from './formats/npy.ts'

/** Writes rows × columns of 32-bit floats as `features.npy`, and has them on the disk when it resolves. */
export async function writeFeaturesFile(
  path: string,
  rows: number,
  columns: number,
  portions: AsyncIterable<Float32Array>,
): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(npyPreamble('f4', [rows, columns]))
    let written = 0
    for await (const portion of portions) {
      await file.writeFile(new Uint8Array(portion.buffer, portion.byteOffset, portion.byteLength))
      written += portion.length
    }
    if (written !== rows * columns) throw new Error(`${written} features instead of ${rows} × ${columns}.`)
    await file.sync()
  } finally {
    await file.close()
  }
}
