import { flushPromises, mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { defineComponent, ref } from 'vue'
import type { Grant } from '../../src-main/contract/index.ts'
import { unseenKey, type FileAccess } from '../backend/index.ts'
import { useTaking } from './use-taking.ts'

const grant: Grant = { id: 'grant-1', name: 'set', kind: 'folder' }
const picked = [{ file: new File(['x'], 'a.jpg'), path: 'a.jpg' }]

function page(files: Partial<FileAccess>, open = true) {
  const taken = { files: vi.fn(() => Promise.resolve()), grant: vi.fn(() => Promise.resolve()), open: () => open }
  const taking = { value: null as ReturnType<typeof useTaking> | null }
  const wrapper = mount(
    defineComponent(() => {
      taking.value = useTaking(taken)
      return () => null
    }),
    { global: { provide: { [unseenKey as symbol]: { files, status: ref('online') } } } },
  )
  return { ...taking.value!, taken, leave: () => wrapper.unmount() }
}
function drop(): void {
  const event = new Event('drop', { cancelable: true })
  window.dispatchEvent(Object.assign(event, { dataTransfer: { types: ['Files'] } }))
}

describe('the ways of files into a page', () => {
  it('lead through the system’s dialog where there is one, and may be left', async () => {
    const chooseFolder = vi.fn<() => Promise<Grant | null>>().mockResolvedValueOnce(null).mockResolvedValueOnce(grant)
    const { add, choosing, taken, leave } = page({ chooseFolder })
    await add()
    expect(taken.grant).not.toHaveBeenCalled()
    await add()
    expect(taken.grant).toHaveBeenCalledWith(grant)
    expect(choosing.value).toBe(false)
    leave()
  })

  it('lead through the page’s own dialog otherwise, which closes when files are chosen or dropped', async () => {
    const { add, choosing, takeFiles, taken, leave } = page({ dropped: () => Promise.resolve(picked) })
    await add()
    expect(choosing.value).toBe(true)
    await takeFiles(picked)
    expect(choosing.value).toBe(false)
    await add()
    drop()
    await flushPromises()
    expect(choosing.value).toBe(false)
    expect(taken.files).toHaveBeenCalledTimes(2)
    leave()
  })

  it('are shut while the page takes nothing', async () => {
    const { taken, leave } = page({ dropped: () => Promise.resolve(picked) }, false)
    drop()
    await flushPromises()
    expect(taken.files).not.toHaveBeenCalled()
    leave()
  })
})
