import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AppError,
  backboneIdSchema,
  backboneManifestSchema,
  type BackboneId,
  type BackboneManifest,
} from '../../contract/index.ts'
import { idsFor } from '../datasets/ids.ts'
import { readJson, syncFolder, writeFileAtomic } from '../workspace/index.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { damagedBackbone, unknownBackbone } from './errors.ts'

const unfinished = '.importing-'

/** A network and how it is used. */
export interface StoredBackbone {
  readonly manifest: BackboneManifest
  /** Path of the .onnx file. */
  readonly model: string
}

/** The networks of a workspace: `backbones/<id>/`, and `trash/backbones/<id>/` for what was removed. */
export interface BackboneStore {
  /** By name. One whose manifest cannot be read is left out and told to `onDamaged`. */
  list(onDamaged?: (id: string) => void): Promise<BackboneManifest[]>
  /** @throws AppError `backbone/unknown`, `backbone/damaged`. */
  open(id: BackboneId): Promise<StoredBackbone>
  /** Where a network lies or will lie. */
  folderOf(id: BackboneId): string
  /** Ids for a new network of this name, best first; those in the trash are taken, too: an id never means another recipe. */
  freeIds(name: string): Iterable<BackboneId>
  /** A folder for one import, on the same disk; not made yet. */
  workingFolder(token: string): string
  /** Makes `folder`, which holds a whole model.onnx, the network of the first id that is free. */
  commit(folder: string, manifest: Omit<BackboneManifest, 'id'>, ids: Iterable<BackboneId>): Promise<BackboneManifest>
  /** Makes a network of the model.onnx that lies in its folder already. */
  complete(manifest: BackboneManifest): Promise<void>
  /** Moves it to the trash; deletes a download that is not whole. */
  remove(id: BackboneId): Promise<void>
  restore(id: BackboneId): Promise<void>
  /** Removes what crashed imports left behind. */
  removeUnfinished(): Promise<void>
}

export function createBackboneStore({ backbones: directory, trash: allTrash }: Workspace): BackboneStore {
  const trash = join(allTrash, 'backbones')
  const folderOf = (id: BackboneId): string => join(directory, backboneIdSchema.parse(id))
  const manifestIn = (folder: string): string => join(folder, 'manifest.json')
  const modelIn = (folder: string): string => join(folder, 'model.onnx')

  // The folder's name is the identity, also of a folder that somebody copied.
  const manifestOf = async (id: BackboneId): Promise<BackboneManifest> => ({
    ...(await readJson(manifestIn(folderOf(id)), backboneManifestSchema)),
    id,
  })
  const write = (folder: string, manifest: BackboneManifest): Promise<void> =>
    writeFileAtomic(manifestIn(folder), `${JSON.stringify(manifest, null, 2)}\n`)

  return {
    async list(onDamaged) {
      const manifests: BackboneManifest[] = []
      for (const id of await readdir(directory)) {
        // One without a manifest is a download that is not whole.
        if (!backboneIdSchema.safeParse(id).success || !existsSync(manifestIn(join(directory, id)))) continue
        const manifest = await manifestOf(id).catch(() => null)
        if (manifest === null) onDamaged?.(id)
        else manifests.push(manifest)
      }
      return manifests.sort((a, b) => a.name.localeCompare(b.name))
    },

    async open(id) {
      const folder = folderOf(id)
      if (!existsSync(manifestIn(folder))) throw unknownBackbone()
      try {
        const model = modelIn(folder)
        await stat(model)
        return { manifest: await manifestOf(id), model }
      } catch (cause) {
        throw damagedBackbone(id, cause)
      }
    },

    folderOf,

    *freeIds(name) {
      for (const id of idsFor(name, 'backbone')) {
        if (!existsSync(join(directory, id)) && !existsSync(join(trash, id))) yield id
      }
    },

    workingFolder: (token) => join(directory, unfinished + token),

    async commit(folder, manifest, ids) {
      for (const id of ids) {
        const named = { id, ...manifest }
        await write(folder, named)
        try {
          await rename(folder, folderOf(id))
        } catch (thrown) {
          const code = (thrown as NodeJS.ErrnoException).code
          // Windows says EPERM.
          if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM') continue
          throw thrown
        }
        await syncFolder(directory)
        return named
      }
      throw new Error('The ids of a network came to an end.')
    },

    complete: (manifest) => write(folderOf(manifest.id), manifest),

    async remove(id) {
      const folder = folderOf(id)
      if (!existsSync(folder)) throw unknownBackbone()
      if (!existsSync(manifestIn(folder))) {
        await rm(folder, { recursive: true })
        return
      }
      await mkdir(trash, { recursive: true })
      // One of the catalogue may have been removed before and downloaded again.
      await rm(join(trash, id), { recursive: true, force: true })
      await rename(folder, join(trash, id)).catch((cause: unknown) => {
        throw new AppError('backbone/in-use', 'This network is being used, so it was not removed.', {
          next: 'Wait until the work with it has ended, or cancel that.',
          cause,
        })
      })
      await syncFolder(directory)
    },

    async restore(id) {
      const removed = join(trash, backboneIdSchema.parse(id))
      if (!existsSync(removed)) {
        throw new AppError('backbone/not-in-trash', 'This network is not in the trash.', {
          next: 'Import or download it again.',
        })
      }
      const folder = folderOf(id)
      if (existsSync(manifestIn(folder))) return
      // What a download that was begun since has left.
      await rm(folder, { recursive: true, force: true })
      await rename(removed, folder)
      await syncFolder(directory)
    },

    async removeUnfinished() {
      for (const name of await readdir(directory)) {
        if (name.startsWith(unfinished)) await rm(join(directory, name), { recursive: true, force: true })
      }
    },
  }
}
