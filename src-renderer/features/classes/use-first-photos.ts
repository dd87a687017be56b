import { computed, onBeforeUnmount, ref, shallowRef } from 'vue'
import type { ClassificationId, CommandInput, Grant, RunId, UserClassId } from '../../../src-main/contract/index.ts'
import { useUnseen, useWork, type PickedFile, type UploadProgress } from '../../backend/index.ts'
import { t } from '../../locales/index.ts'
import { bytes } from '../../ui/format.ts'
import { useToasts } from '../../ui/toasts.ts'
import type { OpenClassBook } from './use-class-book.ts'

/** Giving a class its first photos: they are sent, looked at, and become part of it. */
export function useFirstPhotos(run: RunId, { adopt }: Pick<OpenClassBook, 'adopt'>) {
  const { backend, files } = useUnseen()
  const { show, fail } = useToasts()
  const work = useWork()
  const busy = ref(false)
  const upload = shallowRef<UploadProgress | null>(null)
  let abort = new AbortController()

  async function during(task: () => Promise<void>): Promise<void> {
    if (busy.value) return
    busy.value = true
    abort = new AbortController()
    try {
      await task()
    } catch (thrown) {
      if (!abort.signal.aborted) fail(thrown)
    } finally {
      busy.value = false
      upload.value = null
    }
  }
  async function add(to: UserClassId, photos: CommandInput<'addClassPhotos'>['photos']): Promise<void> {
    const answer = await work.during('extract', () => backend.addClassPhotos({ run, class: to, photos }))
    if (!answer) return
    adopt(answer.book)
    const found = answer.findings.filter(({ level }) => level !== 'ok').map(({ message }) => message)
    if (found.length > 0) show({ tone: 'plain', message: t('studio.gave'), next: found.join(' ') })
  }
  function cancel(): void {
    abort.abort()
    work.leave()
  }
  onBeforeUnmount(() => abort.abort())

  return {
    busy,
    progress: computed(() => {
      const up = upload.value
      return work.job.value?.progress ?? (up && up.total > 0 ? up.sent / up.total : null)
    }),
    message: computed(() => {
      const up = upload.value
      if (up) return t('classify.sent', { sent: bytes(up.sent), total: bytes(up.total), file: up.file })
      return work.job.value?.message ?? ''
    }),
    cancel,
    giveFiles: (to: UserClassId, picked: readonly PickedFile[]) =>
      during(async () => {
        const grants = await files.grant(picked, (sent) => (upload.value = sent), abort.signal)
        upload.value = null
        if (abort.signal.aborted) files.release(grants)
        else await add(to, { grants: grants.map(({ id }) => id) })
      }),
    giveGrants: (to: UserClassId, grants: readonly Grant[]) =>
      during(() => add(to, { grants: grants.map(({ id }) => id) })),
    giveClassified: (to: UserClassId, classification: ClassificationId, photos: number[]) =>
      during(() => add(to, { classification, photos })),
  }
}

export type Giving = ReturnType<typeof useFirstPhotos>
