import { mount, flushPromises, type VueWrapper } from '@vue/test-utils'
import { ref } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import App from '../App.vue'
import { unseenKey, type FileAccess } from '../backend/index.ts'
import { followBackend } from '../backend/state.ts'
import { createAppRouter } from '../router.ts'
import type { FakeBackend } from './fake-backend.ts'

const files: FileAccess = {
  dropped: () => Promise.resolve([]),
  release: () => undefined,
  grant: (picked) => Promise.resolve(picked.map((_, at) => ({ id: `grant-${at}`, name: 'set', kind: 'folder' }))),
  folders: () => Promise.resolve(null),
}

/** The whole application over a fake backend, at a page. */
export async function mountApp(
  { backend }: FakeBackend,
  at: RouteLocationRaw,
  over: Partial<FileAccess> = {},
): Promise<VueWrapper> {
  const router = createAppRouter()
  await router.push(at)
  const wrapper = mount(App, {
    attachTo: document.body,
    global: {
      plugins: [router],
      provide: {
        [unseenKey as symbol]: {
          backend,
          status: ref('online'),
          files: { ...files, ...over },
          onMenu: () => undefined,
          ...followBackend(backend),
        },
      },
    },
  })
  await flushPromises()
  return wrapper
}
