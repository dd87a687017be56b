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
let lastId = 0
/** Long enough to read two sentences and reach Undo by keyboard; failures stay until they are dismissed. */
const lifetime = 12_000

export function useToasts() {
  const dismiss = (id: number): void => void (toasts.value = toasts.value.filter((toast) => toast.id !== id))
  const show = (toast: Omit<Toast, 'id'>): void => {
    const id = ++lastId
    toasts.value = [...toasts.value.slice(-2), { ...toast, id }]
    if (toast.tone === 'plain') setTimeout(() => dismiss(id), lifetime)
  }
  const fail = (thrown: unknown): void => {
    const { message, next } = toWireError(thrown)
    show({ tone: 'bad', message, ...(next === undefined ? {} : { next }) })
  }
  return { toasts: readonly(toasts), show, fail, dismiss }
}
