import { onScopeDispose, shallowReactive } from 'vue'

/** Pictures of things named by numbers, JPEGs; an empty one cannot be read. */
export type LoadPictures = (items: number[]) => Promise<readonly Uint8Array[]>

const atOnce = 24 // pictures asked for together: some tens of kB each
const kept = 1200 // pictures in memory; about 20 MB

/**
 * Pictures that come as they are wanted: only the newest wish counts, so that flying over a hundred thousand photos asks
 * for those where it ends. `url` is undefined until a picture is there and null for one that cannot be read.
 */
export function usePictures(load: LoadPictures) {
  const urls = shallowReactive(new Map<number, string | null>())
  let wanted: readonly number[] = []
  let busy = false
  const end = new AbortController()
  const over = (): boolean => end.signal.aborted

  function drop(item: number): void {
    const url = urls.get(item)
    urls.delete(item)
    if (url) URL.revokeObjectURL(url)
  }

  function trim(): void {
    const needed = new Set(wanted)
    for (const item of [...urls.keys()]) {
      if (urls.size <= kept) return
      if (!needed.has(item)) drop(item)
    }
  }

  async function fetchWanted(): Promise<void> {
    if (busy) return
    busy = true
    for (;;) {
      const missing = wanted.filter((item) => !urls.has(item)).slice(0, atOnce)
      if (missing.length === 0 || over()) break
      // What cannot be had now is asked for again when it is next wanted.
      const pictures = await load(missing).catch(() => null)
      if (!pictures || over()) break
      missing.forEach((item, at) => {
        const bytes = pictures.at(at)
        const url = bytes?.length ? URL.createObjectURL(new Blob([bytes.slice()], { type: 'image/jpeg' })) : null
        urls.set(item, url)
      })
      trim()
    }
    busy = false
  }

  function forget(): void {
    for (const item of [...urls.keys()]) drop(item)
  }

  onScopeDispose(() => {
    end.abort()
    forget()
  })

  return {
    url: (item: number): string | null | undefined => urls.get(item),
    want: (items: readonly number[]): void => {
      wanted = items
      void fetchWanted()
    },
    forget,
  }
}
