import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { Command } from 'commander'
import {
  AppError,
  deviceChoiceSchema,
  fromWireError,
  methodSchema,
  presets,
  count,
  type DatasetManifest,
  type RunResult,
  type RunSummary,
  type TrainingConfig,
  type TrainingRequest,
} from '../../../contract/index.ts'
import type { RunningBackend } from '../../../core/create-backend.ts'
import { cancelled } from '../interruption.ts'
import { duration } from '../output.ts'
import { runOver, showingJobs, snapshotOf, withSession } from '../session.ts'
import { addSetting, wholeNumber } from '../settings.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'
import { backboneFlag, withFeatures } from './features.ts'
import { importPaths } from './import.ts'

/** A dataset of the workspace by its id, else a folder or file: imported, unless the workspace has the same content already. */
async function datasetOf(given: string, session: RunningBackend, shell: Shell): Promise<DatasetManifest> {
  const before = (await snapshotOf(session.backend)).datasets
  const known = before.find(({ id }) => id === given)
  if (known) return known
  if (!existsSync(given)) {
    throw new AppError('dataset/unknown', `“${basename(given)}” is neither a dataset of this workspace nor a folder.`, {
      next:
        before.length === 0
          ? 'The workspace has no datasets yet: name a folder.'
          : `Name a folder, or one of: ${before.map(({ id }) => id).join(', ')}.`,
    })
  }
  return importPaths([given], {}, session, shell)
}

/** Follows a running training to its end; Ctrl-C stops it and keeps what it has. Rejects unless it finished. */
export async function follow(
  run: RunSummary,
  session: RunningBackend,
  { output, interruption }: Shell,
): Promise<RunResult> {
  const stop = (): void => {
    output.note('Stopping, and keeping what was learned; press Ctrl-C again to quit at once.')
    // A run that has just ended cannot be stopped any more; that is no failure.
    session.backend.stopTraining({ run: run.id }).catch(() => undefined)
  }
  const over = await showingJobs(session, output, () =>
    interruption.during(
      stop,
      runOver(session, run.id, (pace, left) =>
        output.note(`At ${pace.toPrecision(3)} episodes/s this takes about ${duration(left)} more.`),
      ),
    ),
  )
  for (const note of over.notes) output.note(note)
  if (over.state === 'finished' && over.result) return over.result
  if (over.state === 'stopped') {
    throw cancelled(`Run ${run.id} was stopped; nothing is lost.`, `Continue it with \`unseen resume ${run.id}\`.`)
  }
  if (over.error) throw fromWireError(over.error)
  throw new AppError('run/unfinished', `Run ${run.id} ended without a result (${over.state}).`, {
    next: `Continue it with \`unseen resume ${run.id}\`.`,
  })
}

/** A percentage of a table. */
export const figure = (value: number | null): string => (value === null ? '–' : value.toFixed(1)).padStart(5)

/** All but the list of every held-out class, which would bury the rest: it is in the run's run.json. */
export function tellResult(result: RunResult, { output }: Shell): void {
  output.result({ ...result, heldOutClasses: undefined }, resultText(result))
}

/** The result as a person reads it in a terminal. */
function resultText(result: RunResult): string {
  const { calibrated, heldOut, graph } = result
  return [
    `Run ${result.run}: ${result.method.toUpperCase()} on ${result.device}, ${count(result.episodes, 'episode')} in ${duration(result.seconds)}`,
    '                      T1     U     S     H',
    `  test, γ = 0      ${[result.T1, result.U, result.S, result.H].map(figure).join(' ')}`,
    `  test, γ = ${calibrated.gamma.toPrecision(3).padEnd(6)}       ${[calibrated.U, calibrated.S, calibrated.H].map(figure).join(' ')}`,
    `  held-out classes ${[heldOut.T1, heldOut.U, heldOut.S, heldOut.H].map(figure).join(' ')}`,
    ...(result.ausuc === null ? [] : [`  AUSUC ${result.ausuc.toFixed(3)}`]),
    ...(graph === null
      ? []
      : [`  mean degree ${graph.semanticMeanDegree.toFixed(1)} semantic, ${graph.visualMeanDegree.toFixed(1)} visual`]),
    `  ${result.selection}`,
  ].join('\n')
}

interface Options extends CommonOptions {
  readonly method: 'ipn' | 'eszsl'
  readonly preset: 'quick' | 'paper'
  readonly set?: Partial<TrainingConfig>
  readonly device: NonNullable<TrainingRequest['device']>
  readonly seed: number
  readonly backbone?: string
}

export function trainCommand(program: Command, shell: Shell): void {
  common(
    program.command('train').description('train on a dataset of the workspace, or import a folder and train on it'),
  )
    .argument('<dataset>', 'id of a dataset, or a folder')
    .addOption(shell.choice('--method <method>', 'what to train', methodSchema.options).default('ipn'))
    .addOption(shell.choice('--preset <preset>', 'where the knobs start', Object.keys(presets)).default('quick'))
    .option('--set <key=value>', 'turn one knob; may be given again', addSetting)
    .addOption(shell.choice('--device <device>', 'where to compute', deviceChoiceSchema.options).default('auto'))
    .option('--seed <number>', 'seed of all that is drawn at random', wholeNumber(0, 0xffffffff), 1)
    .option(backboneFlag, 'network for the features of photos (default: the one you installed, else “basic”)')
    .action((given: string, { method, preset, set = {}, device, seed, backbone, workspace }: Options) =>
      withSession(workspace, 'cli', async (session) => {
        const { id: dataset } = await withFeatures(await datasetOf(given, session, shell), backbone, session, shell)
        if (method === 'ipn') {
          const { episodes, holdOuts } = { ...presets[preset], ...set }
          const plan = `${count(episodes, 'episode')}, after choosing on ${count(holdOuts, 'class hold-out')}`
          // Short ones are over before an estimate would be.
          const long = preset === 'paper' || episodes > presets.quick.episodes
          const estimate = long
            ? await session.backend.estimateTraining({ dataset, method, preset, set, device, seed })
            : null
          shell.output.note(
            estimate ? `${plan}: about ${duration(estimate.seconds)} on ${estimate.device}.` : `${plan}.`,
          )
        }
        const run = await session.backend.startTraining({ dataset, method, preset, set, device, seed })
        const result = await follow(run, session, shell)
        tellResult(result, shell)
      }),
    )
}
