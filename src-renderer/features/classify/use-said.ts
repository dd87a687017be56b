import { computed, shallowRef, type ComputedRef } from 'vue'

export type Said = ReadonlyMap<number, number>

/** What a person said of photos: class by photo, with undo. Outlives the page, not the window. */
export interface SaidOfPhotos {
  readonly answers: ComputedRef<Said>
  readonly canUndo: ComputedRef<boolean>
  /** null: forget. One step of undo, however many photos. */
  say(photos: readonly number[], label: number | null): void
  /** Each photo its own class; one step of undo. */
  sayEach(answers: readonly (readonly [photo: number, label: number])[]): void
  undo(): void
  /** Without a way back: they have been put to use. */
  forget(photos: readonly number[]): void
  clear(): void
}

const mostSteps = 100
const key = (id: string): string => `unseen:said:${id}`

function stored(id: string): Said {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(key(id)) ?? '[]') as [number, number][])
  } catch {
    return new Map()
  }
}

export function useSaid(id: string): SaidOfPhotos {
  const answers = shallowRef<Said>(stored(id))
  const past = shallowRef<readonly Said[]>([])

  function become(next: Said, before: readonly Said[]): void {
    answers.value = next
    past.value = before.slice(-mostSteps)
    sessionStorage.setItem(key(id), JSON.stringify([...next]))
  }
  function change(edit: (copy: Map<number, number>) => void): void {
    const copy = new Map(answers.value)
    edit(copy)
    become(copy, [...past.value, answers.value])
  }

  return {
    answers: computed(() => answers.value),
    canUndo: computed(() => past.value.length > 0),
    say: (photos, label) =>
      change((copy) => {
        for (const photo of photos) {
          if (label === null) copy.delete(photo)
          else copy.set(photo, label)
        }
      }),
    sayEach: (each) =>
      change((copy) => {
        for (const [photo, label] of each) copy.set(photo, label)
      }),
    undo: () => {
      const last = past.value.at(-1)
      if (last) become(last, past.value.slice(0, -1))
    },
    forget: (photos) => {
      const used = new Set(photos)
      become(new Map([...answers.value].filter(([photo]) => !used.has(photo))), [])
    },
    clear: () => become(new Map(), []),
  }
}
