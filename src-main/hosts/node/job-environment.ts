import { availableParallelism } from 'node:os'

/**
 * glibc gives large blocks back to the system at once and fetches fresh pages for the next one. onnxruntime's binding
 * copies every gradient into a new block at every step, so that a large training spent more than half its time on page
 * faults. Kept and in huge pages, they are free. Other C libraries ignore this.
 */
const tunables = [
  'glibc.malloc.hugetlb=1',
  'glibc.malloc.mmap_threshold=1073741824',
  'glibc.malloc.trim_threshold=8589934592',
]

/** What a job process finds in its environment; what the person set herself comes last and wins. */
export function jobEnvironment(own: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  // Photos are decoded on libuv's threads, of which there are four whatever the machine has.
  const threads = { UV_THREADPOOL_SIZE: String(Math.max(4, availableParallelism())), ...own }
  if (process.platform !== 'linux') return threads
  return { ...threads, GLIBC_TUNABLES: [...tunables, ...(own.GLIBC_TUNABLES ? [own.GLIBC_TUNABLES] : [])].join(':') }
}
