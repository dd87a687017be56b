import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { usePictures } from './pictures.ts'

const made = new Set<string>()
beforeEach(() => {
  let last = 0
  vi.stubGlobal('URL', {
    createObjectURL: () => {
      const url = `blob:${++last}`
      made.add(url)
      return url
    },
    revokeObjectURL: (url: string) => made.delete(url),
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  made.clear()
})

const settled = () => new Promise((go) => setTimeout(go))
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at)

describe('pictures that stream in', () => {
  it('asks for some at a time, shows what cannot be read as such, and revokes all at the end', async () => {
    const asked: number[][] = []
    const scope = effectScope()
    const pictures = scope.run(() =>
      usePictures((items) => {
        asked.push(items)
        return Promise.resolve(items.map((item) => new Uint8Array(item === 3 ? 0 : 2)))
      }),
    )!
    pictures.want(range(0, 50))
    await settled()
    expect(asked.map(({ length }) => length)).toEqual([24, 24, 2])
    expect(pictures.url(3)).toBeNull()
    expect(pictures.url(4)).toMatch(/^blob:/)
    expect(pictures.url(50)).toBeUndefined()
    expect(made.size).toBe(49)
    scope.stop()
    expect(made.size).toBe(0)
  })

  it('forgets wishes that are over: flying by asks for what is at the end', async () => {
    const asked: number[] = []
    let go: () => void = () => undefined
    const scope = effectScope()
    const pictures = scope.run(() =>
      usePictures(async (items) => {
        asked.push(...items)
        await new Promise<void>((resolve) => (go = resolve))
        return items.map(() => new Uint8Array(2))
      }),
    )!
    for (let at = 0; at < 1000; at += 10) pictures.want(range(at, at + 10))
    go()
    await settled()
    go()
    await settled()
    expect(asked).toEqual([...range(0, 10), ...range(990, 1000)])
    scope.stop()
  })

  it('keeps a bounded number of them', async () => {
    const scope = effectScope()
    const pictures = scope.run(() => usePictures((items) => Promise.resolve(items.map(() => new Uint8Array(2)))))!
    for (let at = 0; at < 3000; at += 200) {
      pictures.want(range(at, at + 200))
      await settled()
    }
    expect(made.size).toBe(1200)
    expect(pictures.url(2999)).toBeDefined()
    scope.stop()
  })

  it('asks again for what could not be had, when it is next wanted', async () => {
    let failing = true
    const scope = effectScope()
    const pictures = scope.run(() =>
      usePictures((items) =>
        failing ? Promise.reject(new Error('gone')) : Promise.resolve(items.map(() => new Uint8Array(2))),
      ),
    )!
    pictures.want([1])
    await settled()
    failing = false
    pictures.want([1])
    await settled()
    expect(pictures.url(1)).toMatch(/^blob:/)
    scope.stop()
  })
})
