import h5wasm from 'h5wasm/node'
import { readFile, writeFile } from 'node:fs/promises'
import type { MatContent } from './mat5-writer.ts'

export interface Mat73Options {
  /** Columns in a compressed chunk; contiguous without. */
  readonly chunkColumns?: number
}

/** Writes MATLAB 7.3 files for tests: HDF5 with MATLAB's conventions behind 512 bytes of MATLAB's own. */
export async function writeMat73(
  path: string,
  variables: Readonly<Record<string, MatContent>>,
  { chunkColumns }: Mat73Options = {},
): Promise<void> {
  await h5wasm.ready
  const file = new h5wasm.File(path, 'w')
  const cells = file.create_group('#refs#')
  let cellCount = 0
  for (const [name, content] of Object.entries(variables)) {
    if ('dimensions' in content) {
      const shape = [...content.dimensions].reverse()
      const chunks =
        chunkColumns === undefined
          ? {}
          : { chunks: [Math.min(chunkColumns, shape[0]), ...shape.slice(1)], compression: 4 }
      const data = content.storage === 'f4' ? Float32Array.from(content.values) : Float64Array.from(content.values)
      const dataset = file.create_dataset({ name, data, shape, ...chunks })
      dataset.create_attribute('MATLAB_class', content.storage === 'f4' ? 'single' : 'double')
    } else {
      const references = content.map((text) => {
        const units = Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
        const empty = text.length === 0
        const cell = cells.create_dataset({
          name: `cell${cellCount++}`,
          data: empty ? BigUint64Array.of(0n, 0n) : units,
          shape: empty ? [2] : [text.length, 1],
        })
        cell.create_attribute('MATLAB_class', 'char')
        if (empty) cell.create_attribute('MATLAB_empty', Uint8Array.of(1))
        return cell.create_reference()
      })
      file
        .create_dataset({ name, data: references, shape: [1, references.length] })
        .create_attribute('MATLAB_class', 'cell')
    }
  }
  file.close()
  const front = Buffer.alloc(512)
  front.write('MATLAB 7.3 MAT-file, written for a test')
  front.write('\x00\x02IM', 124, 'latin1')
  await writeFile(path, Buffer.concat([front, await readFile(path)]))
}
