import { ref } from 'vue'
import type { Grant } from '../../src-main/contract/index.ts'
import { useUnseen, type PickedFile } from '../backend/index.ts'
import { useToasts } from './toasts.ts'
import { useFileDrop } from './use-file-drop.ts'

/**
 * The ways of files into a page: dropped on the window, or chosen – in the system's dialog, or in the page's own
 * (AddFolderDialog, while `choosing`) where there is none. `open`: whether the page takes any now.
 */
export function useTaking(page: {
  readonly files: (picked: readonly PickedFile[]) => Promise<void>
  readonly grant: (grant: Grant) => Promise<void>
  readonly open: () => boolean
}) {
  const { files } = useUnseen()
  const { fail } = useToasts()
  const choosing = ref(false)

  async function take(work: () => Promise<void>): Promise<void> {
    choosing.value = false
    try {
      await work()
    } catch (error) {
      fail(error)
    }
  }

  const add = async (): Promise<void> => {
    const { chooseFolder } = files
    if (!chooseFolder) {
      choosing.value = true
      return
    }
    await take(async () => {
      const grant = await chooseFolder()
      if (grant) await page.grant(grant)
    })
  }

  return {
    choosing,
    add,
    dragging: useFileDrop(
      (transfer) => take(async () => page.files(await files.dropped(transfer))),
      () => (choosing.value || document.querySelector('dialog[open]') === null) && page.open(),
    ),
    takeFiles: (picked: readonly PickedFile[]) => take(() => page.files(picked)),
    takeGrant: (grant: Grant) => take(() => page.grant(grant)),
  }
}
