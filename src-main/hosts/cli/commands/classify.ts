import { mkdir } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from 'commander'
import {
  answer,
  AppError,
  fromWireError,
  grouped,
  type Answer,
  type Classification,
  type Prediction,
} from '../../../contract/index.ts'
import type { RunningBackend } from '../../../core/create-backend.ts'
import { cancellable } from '../cancellable.ts'
import { withSession } from '../session.ts'
import { number, wholeNumber } from '../settings.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'
import { csvFile, writeNamed } from '../write-file.ts'
import { csvText, peopleText, reportOf } from './classify-report.ts'
import { findingText } from './import.ts'

interface Options extends CommonOptions {
  readonly csv?: string | true
  readonly gamma?: number
  readonly top: number
  readonly sortInto?: string
  readonly classes?: string
}

/** Resolves when every photo has been looked at. */
async function classified(
  session: RunningBackend,
  { output }: Shell,
  run: string,
  paths: readonly string[],
  table?: string,
) {
  const { backend } = session
  const grants = await Promise.all(paths.map((path) => session.grants.add(path)))
  const { id } = await backend.startClassification({
    ...{ run, grants: grants.map((grant) => grant.id) },
    ...(table === undefined ? {} : { classes: { grant: (await session.grants.add(table)).id } }),
  })
  await new Promise<void>((resolve) => {
    const look = (one: Classification): void => {
      if (one.id !== id || one.state === 'running') return
      resolve()
      queueMicrotask(() => end())
    }
    const end = backend.subscribe({
      snapshot: ({ snapshot }) => snapshot.classifications.forEach(look),
      event: ({ event }) => event.type === 'classification' && look(event.classification),
    })
  })
  const found = await backend.getClassification({ classification: id })
  const { state, error, findings } = found.classification
  for (const finding of findings) output.note(findingText(finding))
  if (state === 'failed' && error) throw fromWireError(error)
  if (state !== 'done') throw new AppError('job/cancelled', 'This was cancelled.')
  return found
}

/** Copies every photo that could be read into a folder of its class. */
async function sorted(
  session: RunningBackend,
  { id, classes }: Classification,
  photos: readonly { readonly photo: number; readonly answer: Answer }[],
  into: string,
): Promise<number> {
  await mkdir(into, { recursive: true }).catch((cause: unknown) => {
    throw new AppError('classify/not-a-folder', `The folder “${basename(into)}” cannot be made.`, {
      next: 'Name another one, in a place where you may write.',
      cause,
    })
  })
  const grant = await session.grants.add(into)
  const copies = photos.flatMap(({ photo, answer: { ranking, none } }) =>
    ranking.length === 0 ? [] : [{ photo, folder: none ? 'none of these' : classes[ranking[0].class].name }],
  )
  if (copies.length === 0) return 0
  const { copied } = await session.backend.sortClassified({ classification: id, into: grant.id, photos: copies })
  return copied
}

export function classifyCommand(program: Command, shell: Shell): void {
  const { output } = shell
  const command = common(program.command('classify').description('say what is on photos, with a finished run'))
  command
    .argument('<run>', 'id of a run that was trained on photos')
    .argument('<path...>', 'photos, folders or zips of them')
    .option('--csv [file]', 'print a table instead, or write it to a .csv file', csvFile)
    .option('--gamma <number>', 'taken off the score of every seen class (default: what the run suggests)', number)
    .option('--top <number>', 'classes to name for each photo', wholeNumber(1, 5), 5)
    .option(
      '--classes <file>',
      'a table of classes that take part besides: names and attributes, in place of your own of the run',
    )
    .option('--sort-into <folder>', 'copy each photo into a folder of its class in there')
    .action((run: string, paths: string[], options: Options) => {
      const { csv, top, sortInto, workspace, json } = options
      if (csv === true && json) command.error('With --json, --csv needs the name of a file.')
      return withSession(workspace, 'cli', async (session) => {
        const { report, copied } = await cancellable(session, shell, async () => {
          const { classification, predictions } = await classified(session, shell, run, paths, options.classes)
          const gamma = options.gamma ?? classification.gamma
          const answers = predictions.map((one: Prediction) => ({
            ...{ photo: one.photo, file: one.file, error: one.error },
            answer: answer(one, gamma, classification.confidence),
          }))
          return {
            report: reportOf(classification, gamma, answers, top),
            copied: sortInto === undefined ? null : await sorted(session, classification, answers, sortInto),
          }
        })
        if (typeof csv === 'string') await writeNamed(csv, csvText(report, 5))
        if (copied !== null) output.note(`Copied: ${grouped(copied)}.`)
        output.result(report, csv === true ? csvText(report, top).trimEnd() : peopleText(report))
      })
    })
}
