import type { Ref } from 'vue'
import type { ClassTable, ImportedClasses, RunId, UserClassId } from '../../../src-main/contract/index.ts'
import { useUnseen, type PickedFile } from '../../backend/index.ts'
import { t } from '../../locales/index.ts'
import { saveFile } from '../../ui/save-file.ts'
import { useToasts } from '../../ui/toasts.ts'
import { isolated } from './class-names.ts'
import { newClassId } from './new-class.ts'
import type { OpenClassBook } from './use-class-book.ts'
import type { Draft } from './use-draft.ts'

/** What can be done to the classes of a run as a whole: making, removing, importing, exporting, carrying them. */
export function useClassActions(run: RunId, open: OpenClassBook, draft: Draft, chosen: Ref<UserClassId | null>) {
  const { backend, files } = useUnseen()
  const { show, fail } = useToasts()
  const yours = () => open.book.value?.yours ?? []

  /** Undo as long as nothing else was done since. */
  function undoable(message: string, next?: string): void {
    const revision = open.book.value?.revision
    show({
      tone: 'plain',
      message,
      ...(next ? { next } : {}),
      action: {
        label: t('action.undo'),
        run: async () => {
          if (open.book.value?.revision === revision) await open.undo()
          else show({ tone: 'plain', message: t('studio.changedSince') })
        },
      },
    })
  }

  /** What a table brought, or another run's book. */
  function tell({ added, findings }: ImportedClasses, message: string): void {
    const said = findings.filter(({ level }) => level !== 'ok').map((one) => one.message)
    const shown =
      said.slice(0, 4).join(' ') + (said.length > 4 ? ` ${t('studio.andMore', { count: said.length - 4 })}` : '')
    undoable(message, shown === '' ? undefined : shown)
    const first = added.at(0)
    if (first !== undefined && yours().some(({ id }) => id === first)) chosen.value = first
  }
  async function importTable(table: ClassTable): Promise<void> {
    await draft.flush()
    const answer = await open.change(
      () => backend.importClasses({ run, table }),
      ({ book }) => book,
    )
    if (answer) tell(answer, t('studio.added', { count: answer.added.length }))
  }

  return {
    async create(name: string, attributes: Float32Array<ArrayBuffer>): Promise<void> {
      await draft.flush()
      const id = newClassId()
      if (await open.edit([{ kind: 'add-class', id, name, attributes }])) chosen.value = id
    },

    async remove(id: UserClassId): Promise<void> {
      await draft.flush()
      const at = yours().findIndex((one) => one.id === id)
      const name = yours().at(at)?.name ?? ''
      if (!(await open.edit([{ kind: 'remove-classes', classes: [id] }]))) return
      if (chosen.value === id) chosen.value = (yours().at(at) ?? yours().at(-1))?.id ?? null
      undoable(t('studio.removed', { name: isolated(name) }))
    },

    importText: (text: string) => importTable({ text }),

    async importFiles(picked: readonly PickedFile[]): Promise<void> {
      if (picked.length === 0) return
      try {
        const grants = await files.grant(picked, () => undefined, new AbortController().signal)
        for (const { id } of grants) await importTable({ grant: id })
        files.release(grants)
      } catch (thrown) {
        fail(thrown)
      }
    },

    async save(): Promise<void> {
      await draft.flush()
      try {
        const { name, type, bytes } = await backend.exportClasses({ run, classes: null })
        saveFile(name, type, bytes.slice())
      } catch (thrown) {
        fail(thrown)
      }
    },

    async carry(to: RunId, all: boolean): Promise<void> {
      await draft.flush()
      const classes = all ? yours().map(({ id }) => id) : chosen.value === null ? [] : [chosen.value]
      if (classes.length === 0) return
      try {
        const { added, findings } = await backend.carryClasses({ from: run, to, classes })
        const said = findings.filter(({ level }) => level !== 'ok').map(({ message }) => message)
        const message = t('studio.carried', { count: added.length })
        show({ tone: 'plain', message, ...(said.length > 0 ? { next: said.slice(0, 4).join(' ') } : {}) })
      } catch (thrown) {
        fail(thrown)
      }
    },
  }
}

export type ClassActions = ReturnType<typeof useClassActions>
