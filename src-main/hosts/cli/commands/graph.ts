import { open } from 'node:fs/promises'
import { InvalidArgumentError, type Command } from 'commander'
import {
  AppError,
  edgeRuleSchema,
  graphFormatSchema,
  graphSpaceSchema,
  type EdgeRule,
  type ExportedFile,
  type GraphFormat,
  type GraphSpace,
  type GraphSubject,
  type Snapshot,
} from '../../../contract/index.ts'
import { cancellable } from '../cancellable.ts'
import { snapshotOf, withSession } from '../session.ts'
import { wholeNumber } from '../settings.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'
import { cannotWrite, writeNamed } from '../write-file.ts'

interface Options extends CommonOptions {
  readonly format: GraphFormat
  readonly out?: string
  readonly step: number
  readonly episode?: number
  readonly side: 'left' | 'right' | 'both'
  readonly rule?: EdgeRule
  readonly spaces?: [GraphSpace, GraphSpace]
  readonly cap?: number
  readonly theme: 'light' | 'dark'
}

/** `knn:5` or `threshold:40`. */
function edgeRule(text: string): EdgeRule {
  const [kind, value] = text.split(':')
  const rule = edgeRuleSchema.safeParse({ kind, neighbours: Number(value), degrees: Number(value) })
  if (value && rule.success) return rule.data
  throw new InvalidArgumentError('A rule is “knn:5” (nearest neighbours) or “threshold:40” (degrees, 1 to 90).')
}

/** `semantic,visual`. */
function twoSpaces(text: string): [GraphSpace, GraphSpace] {
  const spaces = text.split(',').map((space) => graphSpaceSchema.safeParse(space.trim()))
  const [left, right] = spaces
  if (spaces.length === 2 && left.success && right.success) return [left.data, right.data]
  throw new InvalidArgumentError(`Two of ${graphSpaceSchema.options.join(', ')} are wanted, with a comma between.`)
}

/** What the name means; a run comes first. */
function subject({ runs, datasets }: Snapshot, name: string, episode: number | undefined): GraphSubject {
  if (runs.some(({ id }) => id === name)) return { kind: 'run', run: name, episode: episode ?? null }
  if (datasets.some(({ id }) => id === name)) return { kind: 'dataset', dataset: name }
  throw new AppError('cli/unknown-subject', `There is neither a run nor a dataset “${name}”.`, {
    next: 'Name the id of one in this workspace.',
  })
}

export function graphCommand(program: Command, shell: Shell): void {
  common(program.command('graph').description('write the category graphs of a run or dataset to a file'))
    .argument('<run or dataset>', 'id of a finished run, or of a dataset: its attribute graph')
    .addOption(shell.choice('--format <format>', 'of the file', graphFormatSchema.options).default('svg'))
    .option('--out <file>', 'where to write it (default: into this folder, under a free name)')
    .option('--step <step>', 'graph of p^t; the last is not used by the model', wholeNumber(0, 20), 0)
    .option('--episode <episode>', 'of a state that the run kept while it trained', wholeNumber(0, 10_000_000))
    .addOption(shell.choice('--side <side>', 'which of the two graphs', ['left', 'right', 'both']).default('both'))
    .option('--rule <rule>', 'explore another edge rule: knn:5 or threshold:40 (default: the run’s own)', edgeRule)
    .option('--spaces <left,right>', 'what to draw: semantic, visual, attributes, features', twoSpaces)
    .option('--cap <edges>', 'edges of a class, those with the most attention (default: 10)', wholeNumber(1, 100))
    .addOption(shell.choice('--theme <theme>', 'of a picture', ['light', 'dark']).default('light'))
    .action((name: string, { workspace, out, rule, episode, spaces, cap, ...options }: Options) =>
      withSession(workspace, 'cli', async (session) => {
        const of = subject(await snapshotOf(session.backend), name, episode)
        const { format, step, side, theme } = options
        const file = await cancellable(session, shell, () =>
          session.backend.exportTwins({
            ...{ of, format, step, side, theme, rule: rule ?? null },
            ...(spaces ? { spaces } : {}),
            ...(cap ? { cap } : {}),
          }),
        )
        if (out !== undefined) await writeNamed(out, file.bytes)
        const written = out ?? (await writeFreely(file))
        const result = { file: written, format, bytes: file.bytes.length }
        shell.output.result(result, `Written to ${written}.`)
      }),
    )
}

/** Beside what is there: nobody named this file, so that none may go for it. */
async function writeFreely({ name, bytes }: ExportedFile): Promise<string> {
  const dot = name.lastIndexOf('.')
  for (let number = 1; ; number++) {
    const path = number === 1 ? name : `${name.slice(0, dot)} ${number}${name.slice(dot)}`
    const file = await open(path, 'wx').catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return null
      throw cannotWrite(path, cause)
    })
    if (!file) continue
    await file.writeFile(bytes).finally(() => file.close())
    return path
  }
}
