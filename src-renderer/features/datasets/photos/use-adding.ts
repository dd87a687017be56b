import type { DatasetId } from '../../../../src-main/contract/index.ts'
import { useUnseen, type PickedFile } from '../../../backend/index.ts'
import { t } from '../../../locales/index.ts'
import { useToasts } from '../../../ui/toasts.ts'
import { useSending } from '../use-sending.ts'

/** The way of more photos into a class: sending, then reading them. */
export function useAdding(dataset: DatasetId) {
  const { backend } = useUnseen()
  const { show } = useToasts()
  const sending = useSending()

  return {
    sending,

    async add(picked: readonly PickedFile[], to: number): Promise<void> {
      const result = await sending.send(picked, 'import', (grants) => backend.addPhotos({ dataset, class: to, grants }))
      if (!result) return
      const next = result.leftOut.map(({ message }) => message).join(' ')
      show({
        tone: 'plain',
        message: t('photos.added', { count: result.added }),
        ...(next === '' ? {} : { next }),
      })
    },
  }
}
