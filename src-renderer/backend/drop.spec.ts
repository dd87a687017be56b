import { describe, expect, it } from 'vitest'
import { walkDrop } from './drop.ts'

const file = (path: string): FileSystemEntry =>
  ({
    isFile: true,
    fullPath: path,
    file: (found: (file: File) => void) => found(new File(['x'], path.split('/').at(-1)!)),
  }) as unknown as FileSystemEntry

/** A folder whose reader hands out at most a hundred entries at a time, as browsers do. */
const folder = (path: string, entries: readonly FileSystemEntry[]): FileSystemEntry =>
  ({
    isFile: false,
    fullPath: path,
    createReader: () => {
      const left = [...entries]
      return { readEntries: (found: (some: FileSystemEntry[]) => void) => found(left.splice(0, 100)) }
    },
  }) as unknown as FileSystemEntry

const transfer = (...entries: FileSystemEntry[]): DataTransfer =>
  ({
    items: entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry })),
    files: [],
  }) as unknown as DataTransfer

describe('walking a drop', () => {
  it('finds every file of a folder with more entries than one reading hands out, at any depth', async () => {
    const many = Array.from({ length: 250 }, (_, at) => file(`/set/many/${at}.npy`))
    const picked = await walkDrop(transfer(folder('/set', [file('/set/a.mat'), folder('/set/many', many)])))
    expect(picked).toHaveLength(251)
    expect(picked[0].path).toBe('set/a.mat')
    expect(picked.at(-1)!.path).toBe('set/many/249.npy')
  })

  it('takes several files that were dropped together', async () => {
    const picked = await walkDrop(transfer(file('/res101.mat'), file('/att_splits.mat')))
    expect(picked.map(({ path }) => path)).toEqual(['res101.mat', 'att_splits.mat'])
  })
})
