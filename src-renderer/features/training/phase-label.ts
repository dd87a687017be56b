import type { Phase } from '../../../src-main/contract/index.ts'
import { t } from '../../locales/index.ts'

const list = new Intl.ListFormat('en-GB')

/** The hold-outs come first and the final training is the last phase: a hold-out's number is its phase's. */
export const phaseLabel = ({ kind, index, count }: Phase): string => t(`phase.${kind}`, { index, count: count - 1 })

/** Those that go on at once: `Hold-outs 1 and 2 of 3`, `Hold-out 3 of 3 · Final training`. */
export function phasesLabel(phases: readonly Phase[]): string {
  const holdOuts = phases.filter(({ kind }) => kind === 'hold-out')
  const others = phases.filter(({ kind }) => kind !== 'hold-out')
  if (holdOuts.length < 2) return phases.map(phaseLabel).join(' · ')
  const numbers = list.format(holdOuts.map(({ index }) => String(index)))
  const together = t('phase.hold-outs', { numbers, count: holdOuts[0].count - 1 })
  return [together, ...others.map(phaseLabel)].join(' · ')
}
