/** One line of the table. A bar is what the project promises of it. */
export interface Figure {
  readonly what: string
  readonly value: number
  /** `×`: how many times as long the other takes. */
  readonly unit: 's' | 'ms' | 'kB' | 'MB' | '%' | '×'
  readonly bar?: { readonly most: number } | { readonly least: number }
}

export interface Section {
  readonly title: string
  /** Sentence by which a reader knows what was done. */
  readonly how: string
  readonly figures: readonly Figure[]
}

export const holds = ({ value, bar }: Figure): boolean | null =>
  bar === undefined ? null : 'most' in bar ? value <= bar.most : value >= bar.least

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]

/**
 * Runs the contenders in alternation, so that a machine that is slow for a while is slow for all, and gives each one's
 * median.
 */
export async function alternate<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, () => number | Promise<number>>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[]
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < rounds; round++) for (const name of names) values[name].push(await contenders[name]())
  return Object.fromEntries(names.map((name) => [name, median(values[name])])) as Record<Name, number>
}
