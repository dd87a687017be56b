import { AppError, type DeviceReport } from '../../contract/index.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { enginesFolder } from './engines-folder.ts'
import { notInstalled } from './missing.ts'
import { installedTensorFlow, removeTensorFlow, type Installed } from './tensorflow/index.ts'

/** The engine that a person may add, TensorFlow: whether it is there, and the two ways between. */
export interface AddedEngine {
  /** Looked up by `look`. */
  present(): boolean
  look(): Promise<void>
  /** Says of a report what was installed. */
  describe(report: DeviceReport): DeviceReport
  /** Long: a job of kind `device`. `wheels`: a folder, or null to download. */
  add(input: { cuda: boolean; wheels: string | null }): Promise<void>
  remove(): Promise<void>
}

export function addedEngine(jobs: Jobs): AddedEngine {
  let installed: Installed | null = null
  let busy = false

  const exclusively = async <T>(work: (engines: string) => Promise<T>): Promise<T> => {
    const engines = enginesFolder()
    if (engines === null) {
      throw new AppError('device/nowhere-to-install', 'There is no folder here in which engines are kept.', {
        next: 'Start Unseen by its command or its application, or name a folder in UNSEEN_ENGINES.',
      })
    }
    if (busy) {
      throw new AppError('device/is-being-added', 'TensorFlow is being added or removed already.', {
        next: 'Wait until that has ended, or cancel it.',
      })
    }
    busy = true
    try {
      return await work(engines)
    } finally {
      busy = false
    }
  }

  return {
    present: () => installed !== null,
    look: async () => {
      const engines = enginesFolder()
      installed = engines === null ? null : await installedTensorFlow(engines)
    },
    describe: (report) => {
      if (installed === null) return notInstalled
      const label = `TensorFlow ${installed.version}${installed.cuda ? ' with CUDA' : ''}`
      return { ...report, label, removable: true, note: report.note ?? installed.how }
    },
    add: (input) =>
      exclusively(async (engines) => {
        const job = jobs.run('install-tensorflow', { engines, ...input }, { kind: 'device', title: 'TensorFlow' })
        installed = await job.done
      }),
    remove: () =>
      exclusively(async (engines) => {
        await removeTensorFlow(engines)
        installed = null
      }),
  }
}
