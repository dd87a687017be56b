/** A seeded source of chance: the same seed gives the same draws on every machine. */
export interface Random {
  /** In [0, 1), 53 random bits. */
  uniform(): number
  /** 0 to n − 1, without bias; n from 1 to 2³². */
  integer(n: number): number
  /** In place. */
  shuffle<T extends Int32Array | unknown[]>(array: T): T
  /** k different ones of 0 to n − 1, in random order. */
  sample(n: number, k: number): Int32Array
  /** What `restoreRandom` needs to go on with the next draw. */
  state(): number[]
  /** An independent stream. It depends on the state and the label, and leaves this stream where it is. */
  fork(label: string): Random
}

/** xoshiro128** (Blackman and Vigna 2018), its state filled by splitmix32. */
export function createRandom(seed: number): Random {
  return restoreRandom(words(seed))
}

export function restoreRandom(state: readonly number[]): Random {
  let [a, b, c, d] = state.map((word) => word >>> 0) as [number, number, number, number]

  function next(): number {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotate(d, 11)
    return result
  }

  const random: Random = {
    uniform: () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53,
    integer(n) {
      const end = 2 ** 32 - (2 ** 32 % n)
      let draw = next()
      while (draw >= end) draw = next()
      return draw % n
    },
    shuffle(array) {
      for (let last = array.length - 1; last > 0; last--) {
        const at = random.integer(last + 1)
        const kept = array[last]
        array[last] = array[at]
        array[at] = kept
      }
      return array
    },
    sample(n, k) {
      if (k > n) throw new RangeError(`${k} different ones of ${n} do not exist.`)
      // Fisher–Yates on 0 to n − 1 of which only the places that were touched are kept.
      const moved = new Map<number, number>()
      return Int32Array.from({ length: k }, (_, i) => {
        const at = i + random.integer(n - i)
        const chosen = moved.get(at) ?? at
        moved.set(at, moved.get(i) ?? i)
        return chosen
      })
    },
    state: () => [a >>> 0, b >>> 0, c >>> 0, d >>> 0],
    fork(label) {
      // FNV-1a over the state and the label.
      let hash = 0x811c9dc5
      const mix = (value: number) => (hash = Math.imul(hash ^ value, 0x01000193))
      for (const word of random.state()) for (let shift = 0; shift < 32; shift += 8) mix((word >>> shift) & 255)
      for (let i = 0; i < label.length; i++) mix(label.charCodeAt(i))
      return createRandom(hash)
    },
  }
  return random
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))

/** Four words of splitmix32, which never are all zero. */
function words(seed: number): number[] {
  let state = seed >>> 0
  return Array.from({ length: 4 }, () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return (z ^ (z >>> 16)) >>> 0
  })
}
