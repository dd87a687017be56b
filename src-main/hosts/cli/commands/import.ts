import type { Command } from 'commander'
import {
  AppError,
  count,
  grouped,
  type DatasetManifest,
  type ErrorCode,
  type Finding,
  type ImportChoices,
} from '../../../contract/index.ts'
import type { RunningBackend } from '../../../core/create-backend.ts'
import { cancellable } from '../cancellable.ts'
import { withSession } from '../session.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'
import { backboneFlag, withFeatures } from './features.ts'

const marks = { ok: '✓', warning: '▲', problem: '✕' } as const

/** Inspects, reports on stderr, imports. A report with a problem rejects with that problem. */
export function importPaths(
  paths: readonly string[],
  choices: ImportChoices,
  session: RunningBackend,
  shell: Shell,
): Promise<DatasetManifest> {
  return cancellable(session, shell, async () => {
    const grants = await Promise.all(paths.map((path) => session.grants.add(path)))
    const report = await session.backend.inspectDataset({ grants: grants.map(({ id }) => id) })
    const problem = report.importable ? undefined : report.findings.find(({ level }) => level === 'problem')
    for (const finding of report.findings) if (finding !== problem) shell.output.note(findingText(finding))
    if (!report.importable) throw failureOf(problem)
    return session.backend.importDataset({ report: report.id, ...choices })
  })
}

/** One line: what was found, and what to do about it. */
export const findingText = ({ level, message, next }: Finding): string =>
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
  readonly backbone?: string
}

export function importCommand(program: Command, shell: Shell): void {
  common(program.command('import').description('import a dataset: a folder, or files that belong together'))
    .argument('<path...>', 'folder or files')
    .option('--name <name>', 'name of the dataset')
    .addOption(shell.choice('--minus-one <meaning>', 'what an attribute of −1 means', ['value', 'unknown']))
    .option(backboneFlag, 'make features of its photos with this network')
    .action((paths: string[], options: Options) =>
      withSession(options.workspace, 'cli', async (session) => {
        const choices: ImportChoices = {
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(options.minusOne === undefined ? {} : { minusOne: options.minusOne }),
        }
        const imported = await importPaths(paths, choices, session, shell)
        const manifest =
          options.backbone === undefined ? imported : await withFeatures(imported, options.backbone, session, shell)
        shell.output.result(manifest, importedText(manifest))
      }),
    )
}

export function importedText({ id, name, counts }: DatasetManifest): string {
  const { images, classes, seen, unseen, attributes } = counts
  return `Imported “${name}” as ${id}: ${count(images, 'image')}, ${count(classes, 'class', 'classes')} (${grouped(seen)} seen, ${grouped(unseen)} unseen), ${count(attributes, 'attribute')}.`
}
