import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import {
  AppError,
  type Backbone,
  type BackboneDraft,
  type BackboneId,
  type BackboneManifest,
  type Backend,
  type DatasetId,
  type DatasetManifest,
} from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import type { DatasetCommands } from '../datasets/commands.ts'
import { lostDevice, type DeviceCommands } from '../devices/index.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { basicBackbone } from './basic/index.ts'
import { catalogue, partialBytes } from './catalogue/index.ts'
import { unknownBackbone } from './errors.ts'
import { onProcessor, type BackboneSetup } from './extractor.ts'
import { featureKey } from './feature-cache.ts'
import { providersFor } from './providers.ts'
import { createBackboneStore, type StoredBackbone } from './store.ts'

export interface BackboneCommands extends Pick<
  Backend,
  'inspectBackbone' | 'importBackbone' | 'downloadBackbone' | 'removeBackbone' | 'restoreBackbone' | 'extractFeatures'
> {
  /** What comes with the application, what is installed, and what could be downloaded. */
  list(): Backbone[]
  /**
   * What a job process needs to make features, whole: hand it to `createExtractor`. Makes the basic network where it is
   * not there yet. @throws AppError `backbone/unknown`, `backbone/damaged`.
   */
  setup(id: BackboneId): Promise<BackboneSetup>
  /**
   * A job that makes features. Where it hangs or dies on a card, that card is left out from then on, and the job is started
   * once more, on the processor.
   */
  conduct<T>(backbone: BackboneSetup, start: (backbone: BackboneSetup) => RunningJob<T>): Promise<T>
}

/** Files that a page may still import; older ones are looked at again. */
const rememberedDrafts = 16
/** Photos that are added while features are made are a race that ends. */
const attempts = 3

/** The networks that make features of photos. */
export async function backboneCommands(
  context: BackendContext,
  datasets: DatasetCommands,
  devices: Pick<DeviceCommands, 'measured' | 'watch'>,
): Promise<BackboneCommands> {
  const { workspace, jobs, grants, emit, log } = context
  const store = createBackboneStore(workspace)
  await store.removeUnfinished()
  const drafts = new Map<string, { path: string; draft: BackboneDraft }>()
  let basic: Promise<StoredBackbone> | null = null
  let shown: Backbone[] = []
  const extractions = new Map<string, Promise<DatasetManifest>>()

  async function refresh(): Promise<void> {
    const installed = await store.list((id) => log(`backbones/${id} has no readable manifest and is not shown`))
    const byId = new Map(installed.map((manifest) => [manifest.id, manifest]))
    const known = await Promise.all(
      catalogue.map(async (entry) => {
        const partial = byId.has(entry.id) ? 0 : await partialBytes(store.folderOf(entry.id))
        return fromCatalogue(entry, byId.has(entry.id), partial)
      }),
    )
    const own = installed.filter(({ id }) => !catalogue.some((entry) => entry.id === id)).map(ownBackbone)
    shown = [builtIn, ...known, ...own]
    emit({ type: 'backbones', backbones: shown })
  }
  const find = (id: BackboneId): Backbone => {
    const backbone = shown.find((one) => one.id === id)
    if (backbone) return backbone
    throw unknownBackbone()
  }
  const refreshed = async (id: BackboneId): Promise<Backbone> => {
    await refresh()
    return find(id)
  }

  /** Looked for once: whoever empties the cache does so while nobody has the workspace open. */
  const openBasic = (): Promise<StoredBackbone> =>
    (basic ??= jobs
      .run('basic-backbone', { cache: workspace.cache }, { kind: 'backbone', title: basicBackbone.name })
      .done.catch((thrown: unknown) => {
        basic = null
        throw thrown
      }))

  async function setup(id: BackboneId): Promise<BackboneSetup> {
    const { manifest, model } = await (id === basicBackbone.id ? openBasic() : store.open(id))
    // A graphics card is used only after it was measured; where that fails, the processor does it.
    const reports = await devices.measured().catch(() => [])
    return { manifest, model, cache: workspace.cache, providers: providersFor(reports) }
  }

  const conduct: BackboneCommands['conduct'] = async (backbone, start) => {
    const [provider] = backbone.providers
    try {
      return await devices.watch(provider, start(backbone))
    } catch (thrown) {
      if (provider === 'cpu' || !(thrown instanceof AppError) || !lostDevice(thrown.code)) throw thrown
      return start({ ...onProcessor(backbone), failed: [{ provider, reason: thrown.message }] }).done
    }
  }

  async function extract(dataset: DatasetId, id: BackboneId): Promise<DatasetManifest> {
    const { name: title } = await datasets.getDataset({ dataset })
    const backbone = await setup(id)
    const { sha256, name } = backbone.manifest
    for (let attempt = 1; ; attempt++) {
      try {
        return await datasets.withWorkingFolder(async (working) => {
          const { file, photosKey, unreadable } = await conduct(backbone, (own) => {
            const input = { backbone: own, workspace: workspace.directory, dataset, working }
            return jobs.run('extract', input, { kind: 'extract', title, dataset })
          })
          if (unreadable.length > 0) {
            const edits = [{ kind: 'remove-photos' as const, photos: [...unreadable] }]
            await datasets.editDataset({ dataset, edits })
          }
          return datasets.storeFeatures(dataset, {
            ...{ backbone: { id, name, sha256 }, recipeHash: featureKey(backbone.manifest), photosKey, file },
          })
        })
      } catch (thrown) {
        const changed = thrown instanceof AppError && thrown.code === 'dataset/changed-meanwhile'
        if (!changed || attempt === attempts) throw thrown
      }
    }
  }

  await refresh()
  return {
    list: () => shown,
    setup,
    conduct,

    inspectBackbone: async ({ grant }) => {
      const path = grants.resolve(grant)
      const look = await jobs.run('inspect-backbone', { path }, { kind: 'backbone', title: basename(path) }).done
      const draft: BackboneDraft = { id: randomUUID(), ...look }
      drafts.set(draft.id, { path, draft })
      const [oldest] = drafts.keys()
      if (drafts.size > rememberedDrafts) drafts.delete(oldest)
      return draft
    },

    importBackbone: async ({ draft: id, name, recipe, licence, source }) => {
      const known = drafts.get(id)
      if (known === undefined) {
        throw new AppError('backbone/unknown-draft', 'This file is no longer known.', { next: 'Drop it again.' })
      }
      const { path, draft } = known
      const { sha256 } = draft
      const folder = store.workingFolder(randomUUID())
      try {
        const input = { path, folder, sha256, recipe }
        const measured = await jobs.run('import-backbone', input, { kind: 'backbone', title: name }).done
        const manifest: Omit<BackboneManifest, 'id'> = { name, recipe: measured, licence, source, sha256 }
        const key = featureKey(manifest)
        const same = (await store.list()).find((one) => featureKey(one) === key)
        if (same !== undefined) return find(same.id)
        const entry = catalogue.find((one) => one.download?.sha256 === sha256)
        const own = entry !== undefined && featureKey({ sha256, recipe: entry.recipe }) === key
        // A download that is not whole lies where the entry belongs.
        if (own && !find(entry.id).installed && find(entry.id).download?.partial !== 0) await store.remove(entry.id)
        const ids = own ? [entry.id, ...store.freeIds(name)] : store.freeIds(name)
        return await refreshed((await store.commit(folder, manifest, ids)).id)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },

    downloadBackbone: async ({ backbone: id }) => {
      const entry = catalogue.find((one) => one.id === id)
      if (entry === undefined) throw unknownBackbone()
      if (find(id).installed) return find(id)
      if (entry.download === null) {
        throw new AppError('backbone/no-download', `“${entry.name}” cannot be downloaded from here.`, {
          next: `Get the file from ${entry.source} and drop it.`,
        })
      }
      const { name, licence, source } = entry
      const input = { id, folder: store.folderOf(id) }
      try {
        const recipe = await jobs.run('download-backbone', input, { kind: 'backbone', title: name }).done
        await store.complete({ id, name, recipe, licence, source, sha256: entry.download.sha256 })
      } finally {
        await refresh()
      }
      return find(id)
    },

    removeBackbone: async ({ backbone }) => {
      if (backbone === basicBackbone.id) {
        throw new AppError('backbone/built-in', 'The basic network comes with the application and stays.', {})
      }
      await store.remove(backbone)
      await refresh()
      return undefined
    },

    restoreBackbone: async ({ backbone }) => {
      await store.restore(backbone)
      return refreshed(backbone)
    },

    extractFeatures: ({ dataset, backbone }) => {
      // Asked for twice, it is made once.
      const key = `${dataset} ${backbone}`
      const running = extractions.get(key)
      if (running) return running
      const made = extract(dataset, backbone).finally(() => extractions.delete(key))
      extractions.set(key, made)
      return made
    },
  }
}

const builtIn: Backbone = { ...basicBackbone, origin: 'basic', installed: true, download: null }

function fromCatalogue(entry: (typeof catalogue)[number], installed: boolean, partial: number): Backbone {
  const { id, name, note, licence, source, recipe, download } = entry
  return {
    ...{ id, name, note, licence, source, origin: 'catalogue', installed, dimension: recipe.dimension },
    download:
      download === null
        ? null
        : { from: new URL(download.url).hostname, bytes: download.bytes, verified: true, partial },
  }
}

const ownBackbone = ({ id, name, licence, source, recipe }: BackboneManifest): Backbone => ({
  ...{ id, name, licence, source, origin: 'own', note: '', installed: true, download: null },
  dimension: recipe.dimension,
})
