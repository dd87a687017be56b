import type { Command } from 'commander'
import { grouped, type ClassBook, type ImportedClasses } from '../../../contract/index.ts'
import type { RunningBackend } from '../../../core/create-backend.ts'
import { cancellable } from '../cancellable.ts'
import { withSession } from '../session.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'
import { csvFile, writeNamed } from '../write-file.ts'
import { findingText } from './import.ts'

interface Options extends CommonOptions {
  readonly import?: string
  readonly export?: string
}

/** What `unseen classes --json` prints. */
export interface ClassesReport {
  readonly run: string
  /** Names of the classes that the table brought. */
  readonly added: readonly string[]
  readonly classes: readonly {
    readonly name: string
    /** Whether it takes part. */
    readonly on: boolean
    /** Attributes that are known of it. */
    readonly known: number
    readonly photos: number
  }[]
  /** Where they were written; null: nowhere. */
  readonly file: string | null
}

export function classesCommand(program: Command, shell: Shell): void {
  common(program.command('classes').description('list, import or export the classes that you described for a run'))
    .argument('<run>', 'id of a finished IPN run')
    .option('--import <file>', 'add the classes of a table: a name and values per line, attributes in the head')
    .option('--export <file>', 'write all of them to a .csv file that --import and classify --classes read', csvFile)
    .action((run: string, { workspace, import: table, export: file }: Options) =>
      withSession(workspace, 'cli', async (session) => {
        const { backend } = session
        const imported = table === undefined ? null : await importTable(session, shell, run, table)
        const book = imported?.book ?? (await backend.getClassBook({ run }))
        if (file !== undefined) await writeNamed(file, (await backend.exportClasses({ run, classes: null })).bytes)
        const report = reportOf(book, imported?.added ?? [], file ?? null)
        shell.output.result(report, peopleText(report))
      }),
    )
}

function importTable(session: RunningBackend, shell: Shell, run: string, path: string): Promise<ImportedClasses> {
  return cancellable(session, shell, async () => {
    const { id: grant } = await session.grants.add(path)
    const imported = await session.backend.importClasses({ run, table: { grant } })
    for (const finding of imported.findings) shell.output.note(findingText(finding))
    return imported
  })
}

function reportOf({ run, yours }: ClassBook, added: readonly string[], file: string | null): ClassesReport {
  return {
    run,
    added: yours.filter(({ id }) => added.includes(id)).map(({ name }) => name),
    classes: yours.map(({ name, on, attributes, photos }) => ({
      ...{ name, on, photos: photos.length },
      known: attributes.filter((value) => !Number.isNaN(value)).length,
    })),
    file,
  }
}

/** A line for each class; what takes no part is in brackets. */
function peopleText({ classes, added, file }: ClassesReport): string {
  const longest = Math.min(40, Math.max(0, ...classes.map(({ name }) => name.length + 2)))
  const lines = classes.map(({ name, on, known, photos }) => {
    const given = photos === 0 ? '' : `  photos: ${grouped(photos)}`
    return `${(on ? name : `(${name})`).padEnd(longest)}  attributes known: ${known}${given}`
  })
  return [
    ...(lines.length === 0 ? ['No class has been described for this run yet.'] : lines),
    ...(added.length === 0 ? [] : [`Added: ${added.join(', ')}.`]),
    ...(file === null ? [] : [`Written to ${file}.`]),
  ].join('\n')
}
