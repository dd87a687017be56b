import { computed, ref, shallowRef, watch } from 'vue'
import {
  AppError,
  toWireError,
  type DatasetDetail,
  type DatasetEdit,
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
  /** Edits that have not been answered. */
  const waiting = ref(0)
  const manifest = computed(() => state.value.datasets.find((dataset) => dataset.id === id) ?? null)

  let reading = 0
  async function load(): Promise<void> {
    if (!manifest.value) return
    const mine = ++reading
    try {
      const read = await Promise.all([backend.getDataset({ dataset: id }), backend.getAttributes({ dataset: id })])
      // What was read while an edit is on its way is of before; it is read again after it.
      if (mine === reading && waiting.value === 0) [detail.value, matrix.value] = read
    } catch (thrown) {
      if (mine === reading) error.value = toWireError(thrown)
    }
  }
  // Also when somebody else has changed it: another window, the shell.
  watch([epoch, () => manifest.value?.contentHash, () => manifest.value?.counts.features], load, { immediate: true })

  /** One after the other, so that answers come in the order of the edits. Resolves to whether it was done. */
  let last: Promise<unknown> = Promise.resolve()
  async function change(command: () => Promise<DatasetDetail>): Promise<boolean> {
    waiting.value++
    const turn = last.then(command)
    last = turn.catch(() => undefined)
    try {
      detail.value = await turn
      return true
    } catch (thrown) {
      fail(thrown)
      return false
    } finally {
      waiting.value--
      if (waiting.value === 0) await load()
    }
  }

  const running = (): boolean => state.value.runs.some((run) => run.dataset === id && run.state === 'running')

  return {
    detail,
    matrix,
    error,
    manifest,
    waiting,

    edit: (edits: DatasetEdit[]): Promise<boolean> => change(() => backend.editDataset({ dataset: id, edits })),
    undo: (): Promise<boolean> => change(() => backend.undoEdit({ dataset: id })),
    redo: (): Promise<boolean> => change(() => backend.redoEdit({ dataset: id })),

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
      if (running()) {
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

export type OpenDataset = ReturnType<typeof useDataset>
