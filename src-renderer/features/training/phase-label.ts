import type { Phase } from '../../../src-main/contract/index.ts'
import { t } from '../../locales/index.ts'

/** The hold-outs come first and the final training is the last phase: a hold-out's number is its phase's. */
export const phaseLabel = ({ kind, index, count }: Phase): string => t(`phase.${kind}`, { index, count: count - 1 })
