import { readonly, ref } from 'vue'
import { toWireError } from '../../src-main/contract/index.ts'

export interface Toast {
  readonly id: number
  readonly tone: 'plain' | 'bad'
  readonly message: string
  readonly next?: string
  readonly action?: { readonly label: string; run(): void | Promise<void> }
}

const toasts = ref<Toast[]>([])
const timers = new Map<number, ReturnType<typeof setTimeout>>()
let lastId = 0
/** Long enough to read two sentences and reach Undo by keyboard; failures stay until they are dismissed. */
const lifetime = 12_000
const most = 3

export function useToasts() {
  const hold = (id: number): void => {
    clearTimeout(timers.get(id))
    timers.delete(id)
  }
  const dismiss = (id: number): void => {
    hold(id)
    toasts.value = toasts.value.filter((toast) => toast.id !== id)
  }
  /** Starts the time after which a plain toast goes; `hold` stops it while it is pointed at or has the focus. */
  const release = (id: number): void => {
    hold(id)
    if (toasts.value.some((toast) => toast.id === id && toast.tone === 'plain'))
      timers.set(
        id,
        setTimeout(() => dismiss(id), lifetime),
      )
  }
  const show = (toast: Omit<Toast, 'id'>): void => {
    const id = ++lastId
    // What can be undone is not pushed out by news.
    const oldest = toasts.value.length >= most ? toasts.value.find(({ action }) => !action) : undefined
    if (oldest) dismiss(oldest.id)
    toasts.value = [...toasts.value, { ...toast, id }]
    release(id)
  }
  const fail = (thrown: unknown): void => {
    const { message, next } = toWireError(thrown)
    show({ tone: 'bad', message, ...(next === undefined ? {} : { next }) })
  }
  return { toasts: readonly(toasts), show, fail, dismiss, hold, release }
}
