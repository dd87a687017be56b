import type { Backend, Job, RunSummary, Snapshot } from '../../contract/index.ts'
import { createBackend, type RunningBackend } from '../../core/create-backend.ts'
import { nodeSpawnJob } from '../node/spawn-job.ts'
import { workspaceFolder } from '../node/workspace-folder.ts'
import { createOutput, duration, type Output } from './output.ts'
import { jobEntry, version } from './places.ts'

/** The backend in this process, its long work in job processes; `work` gets it and it is closed afterwards. */
export async function withSession<T>(
  workspace: string | undefined,
  host: 'cli' | 'web',
  work: (session: RunningBackend) => Promise<T>,
): Promise<T> {
  const session = await createBackend({
    workspace: workspaceFolder(workspace),
    host,
    spawnJob: nodeSpawnJob(jobEntry),
    version,
    // A server's terminal is its log. In a shell the first line is enough: it says what, and the rest is a stack.
    ...(host === 'cli' ? { log: (text) => createOutput(false).note(text.split('\n', 1)[0]) } : {}),
  })
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

export function snapshotOf(backend: Backend): Promise<Snapshot> {
  return new Promise((resolve) => {
    const end = backend.subscribe({
      snapshot: ({ snapshot }) => {
        resolve(snapshot)
        queueMicrotask(() => end())
      },
      event: () => undefined,
    })
  })
}

const describe = ({ title, message, progress, secondsLeft }: Job): string =>
  [
    title,
    message,
    progress === null ? '' : `${Math.floor(progress * 100)} %`,
    secondsLeft === null ? '' : `${duration(secondsLeft)} left`,
  ]
    .filter((part) => part !== '')
    .join(' · ')

/** Shows the progress of every job until `work` is done. `cancel` asks those that run to end. */
export async function showingJobs<T>(
  { backend }: RunningBackend,
  output: Output,
  work: (cancel: () => void) => Promise<T>,
): Promise<T> {
  const running = new Set<string>()
  const look = (job: Job): void => {
    if (job.state !== 'running') {
      running.delete(job.id)
      return
    }
    running.add(job.id)
    output.progress(describe(job))
  }
  const end = backend.subscribe({
    snapshot: ({ snapshot }) => snapshot.jobs.forEach(look),
    event: ({ event }) => event.type === 'job' && look(event.job),
  })
  try {
    // A job that has just ended cannot be cancelled any more; that is no failure.
    return await work(() => running.forEach((job) => void backend.cancelJob({ job }).catch(() => undefined)))
  } finally {
    end()
  }
}

/** Resolves when the run is over, in whatever state. `paced` hears the first measured pace. */
export function runOver(
  { backend }: RunningBackend,
  run: string,
  paced: (episodesPerSecond: number, secondsLeft: number) => void,
): Promise<RunSummary> {
  return new Promise((resolve) => {
    let heard = false
    const look = (summary: RunSummary): void => {
      if (summary.id !== run || summary.state === 'running') return
      resolve(summary)
      queueMicrotask(() => end())
    }
    const end = backend.subscribe({
      snapshot: ({ snapshot }) => snapshot.runs.forEach(look),
      event: ({ event }) => {
        if (event.type === 'run') look(event.run)
        if (event.type !== 'metrics' || event.run !== run || heard) return
        const step = event.points.find((point) => point.type === 'step')
        if (step?.type !== 'step' || step.episodesPerSecond === null || step.secondsLeft === null) return
        heard = true
        paced(step.episodesPerSecond, step.secondsLeft)
      },
    })
  })
}
