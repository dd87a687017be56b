/** How a new class begins. */
export type Way = 'empty' | 'others' | 'paste' | 'table'

/** A class to mix in, and how much of it beside the others. */
export interface MixedClass {
  readonly key: string
  readonly weight: number
}

/** A class to mix in: its attributes (NaN: not known) and how much of it. */
export interface Part {
  readonly values: ArrayLike<number>
  readonly weight: number
}

/** The weighted mean of each attribute over the classes where it is known; NaN where it is known of none. */
export function mixture(parts: readonly Part[], attributes: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: attributes }, (_, at) => {
    let [sum, weights] = [0, 0]
    for (const { values, weight } of parts) {
      if (Number.isNaN(values[at])) continue
      sum += weight * values[at]
      weights += weight
    }
    return weights > 0 ? sum / weights : NaN
  })
}

/** A name that nobody has yet: itself, or with the first number behind it that is free. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const used = new Set(taken)
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted} (${number})`
    if (!used.has(name)) return name
  }
}

/** Names a class of the book, chosen by the page. Pages on plain HTTP have no randomUUID. */
export const newClassId = (): string =>
  `class-${Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => (byte % 36).toString(36)).join('')}`
