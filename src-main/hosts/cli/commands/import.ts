import type { Command } from 'commander'
import {
  AppError,
  type DatasetManifest,
  type ErrorCode,
  type Finding,
  type ImportChoices,
} from '../../../contract/index.ts'
import type { RunningBackend } from '../../../core/create-backend.ts'
import { cancelled, type Interruption } from '../interruption.ts'
import type { Output } from '../output.ts'
import { showingJobs, withSession } from '../session.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'

const marks = { ok: '✓', warning: '▲', problem: '✕' } as const

/** Inspects, reports on stderr, imports. A report with a problem rejects with that problem. */
export async function importPaths(
  paths: readonly string[],
  choices: ImportChoices,
  session: RunningBackend,
  output: Output,
  interruption: Interruption,
): Promise<DatasetManifest> {
  const grants = await Promise.all(paths.map((path) => session.grants.add(path)))
  return showingJobs(session, output, async (cancel) => {
    const stop = (): void => {
      output.note('Cancelling; press Ctrl-C again to quit at once.')
      cancel()
    }
    const report = await interruption.during(
      stop,
      session.backend.inspectDataset({ grants: grants.map(({ id }) => id) }),
    )
    const problem = report.importable ? undefined : report.findings.find(({ level }) => level === 'problem')
    for (const finding of report.findings) if (finding !== problem) output.note(findingText(finding))
    if (!report.importable) throw failureOf(problem)
    return interruption.during(stop, session.backend.importDataset({ report: report.id, ...choices }))
  })
}

const findingText = ({ level, message, next }: Finding): string =>
  `${marks[level]} ${message}${next === undefined || level === 'ok' ? '' : ` ${next}`}`

function failureOf(problem: Finding | undefined): AppError {
  if (!problem) return new AppError('dataset/not-importable', 'There is nothing here that can be imported.')
  // A finding's code is the error's, where it names its area.
  const code = problem.code.includes('/') ? problem.code : `dataset/${problem.code}`
  return new AppError(code as ErrorCode, problem.message, problem.next === undefined ? {} : { next: problem.next })
}

interface Options extends CommonOptions {
  readonly name?: string
  readonly minusOne?: 'unknown'
}

export function importCommand(program: Command, shell: Shell): void {
  common(program.command('import').description('import a dataset: a folder, or files that belong together'))
    .argument('<path...>', 'folder or files')
    .option('--name <name>', 'name of the dataset')
    .addOption(shell.choice('--minus-one <meaning>', 'what an attribute of −1 means', ['value', 'unknown']))
    .action((paths: string[], options: Options) =>
      withSession(options.workspace, 'cli', async (session) => {
        const { output, interruption } = shell
        const choices: ImportChoices = {
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(options.minusOne === undefined ? {} : { minusOne: options.minusOne }),
        }
        const manifest = await importPaths(paths, choices, session, output, interruption).catch(asCancelled)
        const { images, classes, seen, unseen, attributes } = manifest.counts
        output.result(
          manifest,
          `Imported “${manifest.name}” as ${manifest.id}: ${images} images, ${classes} classes (${seen} seen, ${unseen} unseen), ${attributes} attributes.`,
        )
      }),
    )
}

/** A cancelled job is this shell's Ctrl-C. */
export function asCancelled(error: unknown): never {
  if (error instanceof AppError && error.code.endsWith('/cancelled')) {
    throw cancelled('Cancelled; nothing was changed.')
  }
  throw error
}
