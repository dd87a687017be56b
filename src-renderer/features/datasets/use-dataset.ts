import { computed, shallowRef, watch } from 'vue'
import {
  AppError,
  toWireError,
  type DatasetDetail,
  type DatasetId,
  type Matrix,
  type WireError,
} from '../../../src-main/contract/index.ts'
import { useBackendState, useUnseen } from '../../backend/index.ts'
import { t } from '../../locales/index.ts'
import { useToasts } from '../../ui/toasts.ts'

/** One dataset with its classes and attribute matrix, and what can be done to it. */
export function useDataset(id: DatasetId) {
  const { backend, epoch } = useUnseen()
  const state = useBackendState()
  const { show, fail } = useToasts()
  const detail = shallowRef<DatasetDetail | null>(null)
  const matrix = shallowRef<Matrix | null>(null)
  const error = shallowRef<WireError | null>(null)
  const manifest = computed(() => state.value.datasets.find((dataset) => dataset.id === id) ?? null)

  async function load(): Promise<void> {
    try {
      ;[detail.value, matrix.value] = await Promise.all([
        backend.getDataset({ dataset: id }),
        backend.getAttributes({ dataset: id }),
      ])
    } catch (thrown) {
      error.value = toWireError(thrown)
    }
  }
  watch(epoch, load, { immediate: true })

  return {
    detail,
    matrix,
    error,
    manifest,

    rename: async (name: string): Promise<void> => {
      try {
        await backend.renameDataset({ dataset: id, name })
      } catch (thrown) {
        fail(thrown)
      }
    },

    /** Resolves to whether it is gone; Undo stands ready for a while. */
    remove: async (): Promise<boolean> => {
      const name = manifest.value?.name ?? id
      if (state.value.runs.some((run) => run.dataset === id && run.state === 'running')) {
        fail(new AppError('dataset/in-use', t('dataset.inUse', { name }), { next: t('dataset.inUseNext') }))
        return false
      }
      try {
        await backend.removeDataset({ dataset: id })
      } catch (thrown) {
        fail(thrown)
        return false
      }
      show({
        tone: 'plain',
        message: t('dataset.removed', { name }),
        ...(state.value.runs.some((run) => run.dataset === id) ? { next: t('dataset.runsStay') } : {}),
        action: {
          label: t('action.undo'),
          run: async () => {
            await backend.restoreDataset({ dataset: id })
          },
        },
      })
      return true
    },
  }
}
