import { AppError, commands, type About, type Backend, type CommandName } from '../contract/index.ts'
import { checkInput } from '../contract/rpc.ts'
import { backboneCommands } from './backbones/commands.ts'
import type { BackendContext } from './context.ts'
import { datasetCommands } from './datasets/commands.ts'
import { demoCommands } from './demo/index.ts'
import { deviceCommands, thisMachine } from './devices/index.ts'
import { createEventHub } from './event-hub.ts'
import { explanationCommands } from './explanation/commands.ts'
import { createGrants, type Grants } from './grants.ts'
import { graphCommands } from './graphs/commands.ts'
import { classificationCommands } from './inference/commands.ts'
import { createModels } from './inference/models.ts'
import { createJobs } from './jobs/jobs.ts'
import { createServices } from './jobs/services.ts'
import type { SpawnJob } from './jobs/spawn.ts'
import { studioCommands } from './studio/commands.ts'
import { trainingCommands } from './training/index.ts'
import { openWorkspace, type Workspace } from './workspace/workspace.ts'

export interface BackendOptions {
  /** Folder of the workspace; made where there is none. */
  readonly workspace: string
  readonly host: About['host']
  readonly spawnJob: SpawnJob
  readonly version: string
  readonly clock?: () => Date
  readonly log?: (line: string) => void
}

export interface RunningBackend {
  readonly backend: Backend
  readonly grants: Grants
  readonly workspace: Workspace
  /** Stops the jobs, keeping what they have, and lets another process open the workspace. */
  close(): Promise<void>
}

/** The application, put together: the one place that knows every part. Throws what `openWorkspace` throws. */
export async function createBackend(options: BackendOptions): Promise<RunningBackend> {
  const { host, spawnJob, version, clock = () => new Date(), log = (line) => console.error(line) } = options
  const workspace = await openWorkspace(options.workspace, { clock })
  try {
    const grants = createGrants()
    const hub = createEventHub(
      () => ({
        about: { version, workspace: workspace.name, host, machine: thisMachine() },
        datasets: datasets.list(),
        runs: training.list(),
        jobs: jobs.list(),
        devices: devices.list(),
        backbones: backbones.list(),
        classifications: classification.list(),
        classBooks: studio.list(),
      }),
      log,
    )
    const jobs = createJobs({ spawnJob, emit: hub.emit, log })
    const services = createServices({ spawnJob, log })
    const context: BackendContext = { workspace, jobs, grants, emit: hub.emit, clock, log }
    const datasets = await datasetCommands(context)
    const devices = await deviceCommands(context)
    const backbones = await backboneCommands(context, datasets, devices)
    const training = await trainingCommands(context, datasets, devices)
    const models = createModels(services, workspace, training, datasets)
    const studio = await studioCommands(context, {
      ...{ models, training, backbones },
      classification: () => classification,
    })
    const graphs = graphCommands(context, models, services, datasets, studio)
    const classification = await classificationCommands(context, training, datasets, backbones, studio)
    const explanation = explanationCommands(models, classification, studio)
    const demo = demoCommands(context, datasets)

    const parts: Omit<Backend, 'subscribe'> = {
      ...datasets,
      ...devices,
      ...backbones,
      ...training,
      ...classification,
      ...demo,
      ...studio,
      ...graphs,
      ...explanation,
      removeRun: (input) => {
        models.forget(input.run)
        return training.removeRun(input)
      },
      cancelJob: ({ job }) => {
        jobs.cancel(job)
        return Promise.resolve(undefined)
      },
    }
    return {
      backend: { ...checked(parts, log), subscribe: hub.subscribe },
      grants,
      workspace,
      async close() {
        const running = training.list().filter(({ state }) => state === 'running')
        // A training that cannot be stopped keeps neither the others nor the workspace.
        const stops = await Promise.allSettled(running.map(({ id }) => training.stopTraining({ run: id })))
        for (const stop of stops) if (stop.status === 'rejected') log(`close: ${asText(stop.reason)}`)
        try {
          await classification.close()
          await Promise.all([jobs.close(), services.close()])
          await devices.close()
        } finally {
          await workspace.close()
        }
      },
    }
  } catch (error) {
    await workspace.close()
    throw error
  }
}

/**
 * Only the commands, each checking what it is given: the shell calls them in process, with what somebody typed. An
 * error of ours is logged here, since its stack does not cross the wire.
 */
function checked(parts: Omit<Backend, 'subscribe'>, log: (line: string) => void): Omit<Backend, 'subscribe'> {
  return Object.fromEntries(
    (Object.keys(commands) as CommandName[]).map((name) => {
      const command = parts[name] as (input: unknown) => Promise<unknown>
      const run = async (input: unknown): Promise<unknown> => {
        try {
          return await command(checkInput(name, input))
        } catch (thrown) {
          if (!(thrown instanceof AppError)) log(`${name}: ${asText(thrown)}`)
          throw thrown
        }
      }
      return [name, run]
    }),
  ) as unknown as Omit<Backend, 'subscribe'>
}

const asText = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
