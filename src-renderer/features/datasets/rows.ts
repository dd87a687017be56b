import type { Counts, DatasetManifest, Job, RunSummary } from '../../../src-main/contract/index.ts'

/** Without labels nobody knows how many images there are, nor which classes are seen: null, where the files say 0. */
export const knownCounts = (counts: Counts): Record<'images' | 'seen' | 'unseen', number | null> =>
  counts.features === null && counts.images === 0 && counts.seen === 0
    ? { images: null, seen: null, unseen: null }
    : counts

export interface DatasetRow {
  readonly dataset: DatasetManifest
  readonly lastRun: RunSummary | null
  /** The training that goes on, if any. */
  readonly job: Job | null
  /** The job that makes its features, if any. */
  readonly extracting: Job | null
}

/** Datasets as the list shows them: newest first, each with its latest run. */
export function datasetRows(
  datasets: readonly DatasetManifest[],
  runs: readonly RunSummary[],
  jobs: readonly Job[],
): DatasetRow[] {
  const newestFirst = <T>(list: readonly T[], time: (item: T) => string): T[] =>
    [...list].sort((a, b) => time(b).localeCompare(time(a)))
  const recent = newestFirst(runs, ({ startedAt }) => startedAt)
  // A baseline is part of the run that it was made beside.
  const beside = new Set(runs.map(({ baseline }) => baseline))
  return newestFirst(datasets, ({ importedAt }) => importedAt).map((dataset) => {
    const lastRun = recent.find((run) => run.dataset === dataset.id && !beside.has(run.id)) ?? null
    const job = jobs.find((one) => one.state === 'running' && one.run !== null && one.run === lastRun?.id) ?? null
    const extracting =
      jobs.find((one) => one.state === 'running' && one.kind === 'extract' && one.dataset === dataset.id) ?? null
    return { dataset, lastRun, job, extracting }
  })
}
