import type { Classification } from '../../../src-main/contract/index.ts'
import { t } from '../../locales/index.ts'
import { readableName, tenths } from '../../ui/format.ts'
import { labelOf, type PhotoRow } from './rows.ts'

/** What a photo is called, in words. */
export interface PhotoAnswer {
  readonly kind: Classification['classes'][number]['role'] | 'none'
  readonly label: string
  /** Of the class that it is called, or of the best one where none is named; null for a photo that cannot be read. */
  readonly probability: number | null
  /** `83.1 %`; where no class is named, which one it would be. */
  readonly share: string
}

export const percent = (probability: number | null): string =>
  probability === null ? '' : `${tenths(100 * probability)} %`

export function photoAnswer(row: PhotoRow, classes: Classification['classes']): PhotoAnswer {
  if (row.error !== null) return { kind: 'none', label: t('classify.unreadableName'), probability: null, share: '' }
  const label = labelOf(row)
  const rank = label === null ? row.ranking.at(0) : row.ranking.find((one) => one.class === label)
  const probability = rank?.probability ?? null
  const share = percent(probability)
  if (label !== null) return { kind: classes[label].role, label: readableName(classes[label].name), probability, share }
  const guess = rank ? t('classify.guess', { name: readableName(classes[rank.class].name), share }) : ''
  return { kind: 'none', label: t('classify.noneName'), probability, share: guess }
}
