import { openFile, readAt, type OpenFile } from './byte-reader.ts'
import { readMat5 } from './mat5.ts'
import { notMat, type MatVariable } from './variable.ts'

const hdf5Signature = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')

async function isHdf5(file: OpenFile): Promise<boolean> {
  // MATLAB 7.3 puts 512 bytes of its own before the HDF5 data.
  for (const offset of [0, 512]) {
    if (file.bytes < offset + 8) return false
    if ((await readAt(file, offset, 8)).equals(hdf5Signature)) return true
  }
  return false
}

/** The variables in the order of the file. One that is left unread is skipped unread. */
export async function* matVariables(
  file: { path: string; name: string },
  signal: AbortSignal,
): AsyncGenerator<MatVariable> {
  const opened = await openFile(file)
  try {
    if (await isHdf5(opened)) {
      // Loaded only where needed: its module takes tens of megabytes.
      const { readHdf5 } = await import('./hdf5.ts')
      yield* readHdf5(file, opened.bytes, signal)
    } else if (opened.bytes < 128) throw notMat(file.name)
    else yield* readMat5(opened, signal)
  } finally {
    await opened.handle.close()
  }
}
