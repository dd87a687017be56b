import type { Command } from 'commander'
import { count, type Backbone, type BackboneRecipe } from '../../../contract/index.ts'
import { cancellable } from '../cancellable.ts'
import { snapshotOf, withSession } from '../session.ts'
import { addRecipeSetting } from '../settings.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'

function stateOf({ installed, download }: Backbone): string {
  if (installed) return 'installed'
  if (!download) return 'import its .onnx file'
  return download.partial > 0 ? 'partly downloaded' : `download (${download.from})`
}

const listText = (backbones: readonly Backbone[]): string => {
  const rows = backbones.map((one) => [one.id, stateOf(one), one.dimension?.toString() ?? '–', one.name, one.note])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n')
}

const madeText = ({ id, name, dimension }: Backbone): string =>
  `The backbone “${name}” is installed as ${id}: ${dimension === null ? 'an unknown number of features' : count(dimension, 'feature')}.`

interface ImportOptions extends CommonOptions {
  readonly name?: string
  readonly licence?: string
  readonly set?: Partial<BackboneRecipe>
}

/** Networks that turn photos into features: which there are, and how to get more. */
export function backboneCommand(program: Command, shell: Shell): void {
  const group = program.command('backbone').description('networks that make features of photos')

  common(group.command('list').description('those that are installed or can be had')).action(
    ({ workspace }: CommonOptions) =>
      withSession(workspace, 'cli', async ({ backend }) => {
        const { backbones } = await snapshotOf(backend)
        shell.output.result({ backbones }, listText(backbones))
      }),
  )

  common(group.command('import').description('install the network of an .onnx file'))
    .argument('<file>', 'an .onnx file')
    .option('--name <name>', 'name of the backbone')
    .option('--licence <licence>', 'licence of the network')
    .option('--set <key=value>', 'say how photos go in and features come out; may be given again', addRecipeSetting)
    .action((file: string, { name, licence, set = {}, workspace }: ImportOptions) =>
      withSession(workspace, 'cli', async (session) => {
        const grant = await session.grants.add(file)
        const made = await cancellable(session, shell, async () => {
          const draft = await session.backend.inspectBackbone({ grant: grant.id })
          const guessed = draft.guessed.filter((field) => !Object.hasOwn(set, field))
          if (guessed.length > 0) shell.output.note(`Guessed, as the file does not tell: ${guessed.join(', ')}.`)
          return session.backend.importBackbone({
            draft: draft.id,
            name: name ?? draft.name,
            licence: licence ?? draft.licence,
            source: draft.source,
            recipe: { ...draft.recipe, ...set },
          })
        })
        shell.output.result(made, madeText(made))
      }),
    )

  common(group.command('download').description('download a network of the catalogue; goes on where it was cut'))
    .argument('<backbone>', 'id of a backbone')
    .action((backbone: string, { workspace }: CommonOptions) =>
      withSession(workspace, 'cli', async (session) => {
        const made = await cancellable(session, shell, () => session.backend.downloadBackbone({ backbone }))
        shell.output.result(made, madeText(made))
      }),
    )

  common(group.command('remove').description('move a network to the workspace’s trash'))
    .argument('<backbone>', 'id of a backbone')
    .action((backbone: string, { workspace }: CommonOptions) =>
      withSession(workspace, 'cli', async ({ backend }) => {
        await backend.removeBackbone({ backbone })
        shell.output.result({ removed: backbone }, `The backbone ${backbone} is in the workspace’s trash.`)
      }),
    )
}
