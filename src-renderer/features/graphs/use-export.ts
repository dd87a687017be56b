import { ref } from 'vue'
import type { GraphFormat } from '../../../src-main/contract/index.ts'
import { useUnseen } from '../../backend/index.ts'
import { saveFile } from '../../ui/save-file.ts'
import { useTheme } from '../../ui/theme.ts'
import { useToasts } from '../../ui/toasts.ts'
import type { Pictures } from './use-pictures.ts'
import type { TwinGraphs } from './use-twins.ts'

/** Files of the graphs as they are drawn; the backend makes them. */
export function useExport({ question }: TwinGraphs, { of }: Pictures) {
  const { backend } = useUnseen()
  const { theme } = useTheme()
  const { fail } = useToasts()
  const exporting = ref(false)
  const saving = ref(false)

  const dark = (): boolean =>
    theme.value === 'dark' || (theme.value === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)

  return {
    /** Whether the person is being asked what file to make. */
    exporting,
    saving,
    save: async (format: GraphFormat, side: 'left' | 'right' | 'both'): Promise<void> => {
      if (!question.value || saving.value) return
      saving.value = true
      const drawn = side === 'both' ? (of('left') ?? of('right')) : of(side)
      try {
        const file = await backend.exportTwins({
          ...question.value,
          format,
          side,
          positions: drawn?.positions ?? null,
          theme: dark() ? 'dark' : 'light',
        })
        saveFile(file.name, file.type, new Uint8Array(file.bytes))
        exporting.value = false
      } catch (thrown) {
        fail(thrown)
      } finally {
        saving.value = false
      }
    },
  }
}
