import { computed, ref, shallowRef, watch } from 'vue'
import {
  toWireError,
  type ClassBook,
  type ClassEdit,
  type ClassGuide,
  type RunId,
  type WireError,
} from '../../../src-main/contract/index.ts'
import { useBackendState, useUnseen } from '../../backend/index.ts'
import { useToasts } from '../../ui/toasts.ts'

/** What a run knows of classes, the person's classes of it, and what can be done to them. */
export function useClassBook(run: RunId) {
  const { backend, epoch } = useUnseen()
  const state = useBackendState()
  const { fail } = useToasts()
  const guide = shallowRef<ClassGuide | null>(null)
  const book = shallowRef<ClassBook | null>(null)
  const error = shallowRef<WireError | null>(null)
  /** Changes that have not been answered. */
  const waiting = ref(0)

  /** Answers and events overtake each other; the newest counts. */
  function adopt(next: ClassBook): void {
    if (!book.value || next.revision >= book.value.revision) book.value = next
  }
  const readGuide = async (): Promise<void> => void (guide.value = await backend.getClassGuide({ run }))

  async function load(): Promise<void> {
    try {
      const [, read] = await Promise.all([readGuide(), backend.getClassBook({ run })])
      // After a gap the book may be an older one, restored from a copy of the workspace.
      book.value = read
      error.value = null
    } catch (thrown) {
      error.value = toWireError(thrown)
    }
  }
  watch(epoch, load, { immediate: true })
  watch(
    () => state.value.classBooks.find((one) => one.run === run),
    (told) => told && adopt(told),
  )

  /** One after the other, so that each change is applied to what the one before it made. */
  let last: Promise<unknown> = Promise.resolve()
  async function change<T>(command: () => Promise<T>, bookOf: (answer: T) => ClassBook): Promise<T | undefined> {
    waiting.value++
    const turn = last.then(command)
    last = turn.catch(() => undefined)
    try {
      const answer = await turn
      adopt(bookOf(answer))
      return answer
    } catch (thrown) {
      fail(thrown)
      return undefined
    } finally {
      waiting.value--
    }
  }
  const same = (answer: ClassBook): ClassBook => answer
  /** Groups of attributes are the person's too, and the guide has them. */
  async function changeAll(command: () => Promise<ClassBook>): Promise<boolean> {
    const done = await change(command, same)
    if (done) await readGuide().catch(fail)
    return done !== undefined
  }

  return {
    guide,
    book,
    error,
    waiting: computed(() => waiting.value),
    /** For commands of others whose answer holds the book. */
    adopt,
    change,
    /** Resolve to whether it was done. */
    edit: async (edits: ClassEdit[]): Promise<boolean> =>
      edits.some(({ kind }) => kind === 'group-attributes')
        ? changeAll(() => backend.editClasses({ run, edits }))
        : (await change(() => backend.editClasses({ run, edits }), same)) !== undefined,
    undo: () => changeAll(() => backend.undoClassEdit({ run })),
    redo: () => changeAll(() => backend.redoClassEdit({ run })),
    keepVersion: (name: string) => change(() => backend.keepClassVersion({ run, name }), same),
    restoreVersion: (version: string) => changeAll(() => backend.restoreClassVersion({ run, version })),
    removeVersion: (version: string) => change(() => backend.removeClassVersion({ run, version }), same),
  }
}

export type OpenClassBook = ReturnType<typeof useClassBook>
