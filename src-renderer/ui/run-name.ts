import type { RunSummary } from '../../src-main/contract/index.ts'
import { t } from '../locales/index.ts'
import { tenths, when } from './format.ts'

/** What a finished run is called where a model is chosen; what tells runs apart comes first, since lists cut ends off. */
export function runName({ datasetName, method, seed, startedAt, result }: RunSummary): string {
  const H = result?.calibrated.H ?? result?.heldOut.H ?? null
  return [
    datasetName,
    t('run.methodSeed', { method: t(`method.${method}`), seed: String(seed) }),
    ...(H === null ? [] : [`H ${tenths(H)}`]),
    when(startedAt),
  ].join(' · ')
}
