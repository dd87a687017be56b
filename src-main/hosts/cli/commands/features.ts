import type { Command } from 'commander'
import { count, type DatasetManifest } from '../../../contract/index.ts'
import type { RunningBackend } from '../../../core/create-backend.ts'
import { cancellable } from '../cancellable.ts'
import { snapshotOf, withSession } from '../session.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'

export const backboneFlag = '--backbone <id>'

/** The one that was installed, where there is one only; else the one that comes with the application. */
async function usualBackbone(session: RunningBackend): Promise<string> {
  const { backbones } = await snapshotOf(session.backend)
  const chosen = backbones.filter(({ installed, origin }) => installed && origin !== 'basic')
  return chosen.length === 1 ? chosen[0].id : 'basic'
}

/**
 * Makes features of a dataset's photos: with `backbone` where it is named and did not make those that are there, with the
 * usual one where there are none. A dataset that came with features stays as it is.
 */
export async function withFeatures(
  dataset: DatasetManifest,
  backbone: string | undefined,
  session: RunningBackend,
  shell: Shell,
): Promise<DatasetManifest> {
  const present = dataset.counts.features !== null
  if (backbone === undefined ? present || !dataset.photos : present && dataset.backbone?.id === backbone) return dataset
  const chosen = backbone ?? (await usualBackbone(session))
  if (backbone === undefined) shell.output.note(`Making features with the backbone “${chosen}”.`)
  return cancellable(session, shell, () => session.backend.extractFeatures({ dataset: dataset.id, backbone: chosen }))
}

export function featuresCommand(program: Command, shell: Shell): void {
  common(program.command('features').description('make features of the photos of a dataset, to train on'))
    .argument('<dataset>', 'id of a dataset of photos')
    .requiredOption(backboneFlag, 'network that makes them (see `unseen backbone list`)')
    .action((dataset: string, { backbone, workspace }: CommonOptions & { readonly backbone: string }) =>
      withSession(workspace, 'cli', async (session) => {
        const manifest = await cancellable(session, shell, () => session.backend.extractFeatures({ dataset, backbone }))
        const { images, features } = manifest.counts
        shell.output.result(
          manifest,
          `“${manifest.name}” has ${count(features ?? 0, 'feature')} for each of ${count(images, 'photo')}, made with ${backbone}.`,
        )
      }),
    )
}
