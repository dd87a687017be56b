import type { Contribution, Explanation } from '../../../../src-main/contract/index.ts'
import { readableName } from '../../../ui/format.ts'

/** An attribute's whole part in the difference; above 0 it speaks for the winner. */
export const partOf = ({ throughWinner, throughRunnerUp }: Contribution): number => throughWinner + throughRunnerUp

const shown = 8
/** Of the largest part; less does not make a line of its own. */
const visible = 0.005

/** What the difference is made of: the strongest attributes, the others together, and what is not theirs. */
export function reasonsOf({ contributions, baseline, remainder, difference }: Explanation) {
  const strongest = contributions.length > 0 ? Math.abs(partOf(contributions[0])) : 0
  const top = contributions.slice(0, shown).filter((one) => Math.abs(partOf(one)) >= visible * strongest)
  const others = contributions.slice(top.length)
  const rest = others.reduce((sum, one) => sum + partOf(one), 0)
  const largest = Math.max(...[...top.map(partOf), rest, baseline, remainder].map(Math.abs), Number.MIN_VALUE)
  return { top, others: { count: others.length, part: rest }, baseline, remainder, difference, largest }
}

/** Figures of one list, all with as many decimals as tell them apart: `+0.42`, `−0.07`. */
export function signedFigures(largest: number): (value: number) => string {
  const decimals = Math.max(0, Math.min(4, 2 - Math.floor(Math.log10(largest))))
  const format = new Intl.NumberFormat('en', {
    ...{ minimumFractionDigits: decimals, maximumFractionDigits: decimals },
    signDisplay: 'exceptZero',
  })
  return (value) => format.format(value).replace('-', '−')
}

const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 })
/** `66 %`; what rounds to nothing is `< 1 %`. */
export const shareText = (share: number): string =>
  share < 0.005 ? '< 1 %' : percent.format(share).replace('%', '\u202f%')

export const namesOf = ({ classes, attributes }: Explanation) => ({
  className: (one: number): string => readableName(classes[one].name),
  attributeName: (one: number): string => readableName(attributes[one]),
})
