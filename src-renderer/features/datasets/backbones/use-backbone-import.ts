import { computed, ref, shallowRef } from 'vue'
import {
  toWireError,
  type Backbone,
  type BackboneDraft,
  type BackboneRecipe,
  type BackboneTensor,
  type Grant,
  type WireError,
} from '../../../../src-main/contract/index.ts'
import { useUnseen, useWork, type PickedFile, type UploadProgress } from '../../../backend/index.ts'
import { readField, withOutput, type FormField } from './recipe-form.ts'

/** The way of an .onnx file into the workspace. */
export type BackboneStep = 'idle' | 'sending' | 'inspecting' | 'draft' | 'importing' | 'failed'

/** Whether a drop is a backbone: one .onnx, alone or with the file of weights that lies beside it. */
export const isBackbone = (picked: readonly PickedFile[]): boolean =>
  picked.length > 0 && picked.length <= 2 && picked.some(({ path }) => /\.onnx$/i.test(path))

export function useBackboneImport(done: (backbone: Backbone) => void) {
  const { backend, files } = useUnseen()
  const work = useWork()
  const step = ref<BackboneStep>('idle')
  const upload = shallowRef<UploadProgress | null>(null)
  const draft = shallowRef<BackboneDraft | null>(null)
  const error = shallowRef<WireError | null>(null)
  /** Why the draft was not taken as it is: it can be changed and sent again. */
  const refused = shallowRef<WireError | null>(null)
  const recipe = shallowRef<BackboneRecipe | null>(null)
  const about = ref({ name: '', licence: '', source: '' })
  const wrong = ref<ReadonlySet<FormField>>(new Set())
  /** Guessed fields that the person has not looked at yet. */
  const unchecked = ref<ReadonlySet<string>>(new Set())
  let abort = new AbortController()
  let granted: readonly Grant[] = []

  function release(): void {
    files.release(granted)
    granted = []
  }
  function failed(thrown: unknown): void {
    error.value = toWireError(thrown)
    step.value = 'failed'
    release()
  }
  const without = <T>(set: ReadonlySet<T>, item: T): Set<T> => new Set([...set].filter((one) => one !== item))

  return {
    step,
    upload,
    draft,
    error,
    refused,
    recipe,
    about,
    wrong,
    unchecked,
    job: work.job,
    ready: computed(() => about.value.name.trim() !== '' && wrong.value.size === 0),

    async add(picked: readonly PickedFile[]): Promise<void> {
      abort = new AbortController()
      error.value = refused.value = draft.value = upload.value = null
      try {
        step.value = 'sending'
        granted =
          (await work.during(null, () => files.grant(picked, (sent) => (upload.value = sent), abort.signal))) ?? []
        const [grant] = granted
        if (granted.length === 0) return
        step.value = 'inspecting'
        const found = await work.during('backbone', () => backend.inspectBackbone({ grant: grant.id }))
        if (!found) return
        draft.value = found
        recipe.value = found.recipe
        about.value = { name: found.name, licence: found.licence, source: found.source }
        wrong.value = new Set()
        unchecked.value = new Set(found.guessed)
        step.value = 'draft'
      } catch (thrown) {
        failed(thrown)
      }
    },

    set(field: FormField, text: string): void {
      const read = readField(field, text)
      unchecked.value = without(unchecked.value, field)
      wrong.value = 'wrong' in read ? new Set([...wrong.value, field]) : without(wrong.value, field)
      if (recipe.value && !('wrong' in read)) recipe.value = { ...recipe.value, [field]: read.value }
    },
    choose(tensor: BackboneTensor): void {
      if (recipe.value) recipe.value = withOutput(recipe.value, tensor)
      unchecked.value = without(unchecked.value, 'output')
    },

    async confirm(): Promise<void> {
      const [from, how] = [draft.value, recipe.value]
      if (!from || !how) return
      step.value = 'importing'
      refused.value = null
      try {
        const backbone = await work.during('backbone', () =>
          backend.importBackbone({ draft: from.id, ...about.value, name: about.value.name.trim(), recipe: how }),
        )
        if (!backbone) return
        release()
        step.value = 'idle'
        done(backbone)
      } catch (thrown) {
        refused.value = toWireError(thrown)
        step.value = 'draft'
      }
    },

    cancel(): void {
      abort.abort()
      work.leave()
      step.value = 'idle'
      release()
    },
  }
}

export type BackboneImport = ReturnType<typeof useBackboneImport>
