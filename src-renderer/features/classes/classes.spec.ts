import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { classBook, userClass } from '../../testing/fake-classes.ts'
import { fakeBackend, summary } from '../../testing/fake-backend.ts'
import { mountApp } from '../../testing/mount.ts'

let page: VueWrapper
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  page.unmount()
  sessionStorage.clear()
  localStorage.clear()
  vi.useRealTimers()
})

const classes = { name: 'classes' }
const open = async (state: Parameters<typeof fakeBackend>[0] = {}) => {
  const fake = fakeBackend({ runs: [summary()], classBooks: [classBook()], ...state })
  page = await mountApp(fake, classes)
  await vi.dynamicImportSettled()
  await flushPromises()
  return fake
}
const rest = async () => {
  await vi.advanceTimersByTimeAsync(400)
  await flushPromises()
}
const button = (text: string) => page.findAll('button').find((one) => one.text() === text)!
const slider = (name: string) => page.find<HTMLInputElement>(`input[type=range][aria-label="${name}"]`)
const slide = async (name: string, to: number) => {
  const one = slider(name)
  one.element.value = String(to)
  await one.trigger('input')
  await flushPromises()
}

describe('the studio', () => {
  it('says what to do where there is no model', async () => {
    await open({ runs: [], classBooks: [] })
    expect(page.text()).toContain('There is no model yet')
  })

  it('asks while a slider moves, and keeps the value once it rests, as one step', async () => {
    const { calls } = await open()
    const edits = () => calls.filter(({ name }) => name === 'editClasses').map(({ input }) => input)
    await slide('big', 10)
    await slide('big', 30)
    const asked = calls.filter(({ name }) => name === 'previewClass').at(-1)!.input as {
      class: { attributes: Float32Array }
    }
    expect(asked.class.attributes[4]).toBe(30)
    expect(edits()).toEqual([])
    await slider('big').trigger('change')
    await rest()
    expect(edits()).toEqual([
      { run: 'run-1', edits: [{ kind: 'set-attributes', class: 'mine', cells: [{ attribute: 4, value: 30 }] }] },
    ])
    await button('Undo').trigger('click')
    await flushPromises()
    expect(slider('big').element.value).toBe('60')
  })

  it('ranks the tray by the class and marks the photos that change', async () => {
    await open()
    const lines = () => page.findAll('table tr.line').map((one) => one.text().replace(/\s+/g, ' '))
    expect(lines()[0]).toContain('photo 1.jpg')
    expect(lines()[0]).toContain('Snow owl')
    expect(page.text()).toContain('1 photo would now be')
    await slide('long', 95)
    expect(lines()[0]).toContain('photo 2.jpg')
    expect(page.text()).toContain('2 photos would now be')
  })

  it('forgets a value by key and by button, and takes exact numbers', async () => {
    const { calls } = await open()
    await slider('curved').trigger('keydown', { key: 'Delete' })
    expect(slider('curved').attributes('aria-valuetext')).toBe('not known')
    await page.find('[aria-label="spots: not known"]').trigger('click')
    expect(slider('spots').attributes('aria-valuetext')).toBe('50')
    const exact = page.find<HTMLInputElement>('[aria-label="Value of big"]')
    exact.element.value = '117,5'
    await exact.trigger('change')
    expect(page.text()).toContain('▲')
    await rest()
    const cells = calls.filter(({ name }) => name === 'editClasses').map(({ input }) => JSON.stringify(input))
    expect(cells).toHaveLength(3)
    expect(cells[2]).toContain('"value":117.5')
  })

  it('takes a pasted row, and refuses one of another length', async () => {
    const { calls } = await open()
    const paste = (text: string) => {
      const event = new Event('paste') as Event & { clipboardData: unknown }
      event.clipboardData = { getData: () => text }
      window.dispatchEvent(event)
      return flushPromises()
    }
    await paste('Barn owl\t1\t2\t3\t4\t5')
    expect(page.find('dialog').text()).toContain('Line 1 has 5 values, and this model has 6 attributes')
    await page.find('textarea').setValue('Barn owl\t1\t2\t3\t4\t?\t1')
    expect(page.find('dialog').text()).toContain('5 of 6 known')
    await page.find('dialog form').trigger('submit')
    await flushPromises()
    const { table } = calls.find(({ name }) => name === 'importClasses')!.input as { table: { text: string } }
    expect(table.text.split('\n')[1]).toBe('Barn owl\t1\t2\t3\t4\t\t1')
  })

  it('makes a class from others and gives no name twice', async () => {
    const { calls } = await open()
    await button('New class…').trigger('click')
    await button('From other classes').trigger('click')
    const pick = page.find<HTMLSelectElement>('dialog select')
    await pick.setValue('own Owl')
    expect(page.find<HTMLInputElement>('dialog input[type=text]').element.value).toBe('Owl (2)')
    await pick.setValue('own Crow')
    await page.find('dialog form').trigger('submit')
    await flushPromises()
    const { edits } = calls.find(({ name }) => name === 'editClasses')!.input as {
      edits: { name: string; attributes: Float32Array }[]
    }
    expect(edits[0].name).toBe('New class')
    expect([...edits[0].attributes]).toEqual([7.5, 45, 12.5, 35, 50, 1])
  })

  it('blends the visual anchor, and goes back to the method’s', async () => {
    const { calls } = await open()
    const visuals = () =>
      calls
        .filter(({ name }) => name === 'editClasses')
        .map(({ input }) => (input as { edits: { visual: unknown }[] }).edits[0].visual)
    await button('Blend…').trigger('click')
    await page.find('.panel select').setValue('Heron')
    await rest()
    await button('As the method does').trigger('click')
    await rest()
    expect(visuals()).toEqual([
      {
        anchors: [
          { class: 'Owl', weight: 100 },
          { class: 'Heron', weight: 100 },
        ],
        photoWeight: null,
      },
      { anchors: null, photoWeight: null },
    ])
  })

  it('keeps hostile names as text, and stays light with five hundred classes', async () => {
    const names = [
      '<img src=x onerror=alert(1)>',
      'קרנף',
      '🦏',
      ...Array.from({ length: 497 }, (_, at) => `Class ${at}`),
    ]
    await open({ classBooks: [classBook({ yours: names.map((name, at) => userClass({ id: `c-${at}`, name })) })] })
    const shown = page.findAll('ul[aria-label="Your classes"] li')
    expect(shown[0].text()).toContain('<img src=x onerror=alert(1)>')
    expect(page.find('img[src=x]').exists()).toBe(false)
    expect(shown.length).toBeLessThan(100)
    await page.find('input[aria-label="Find a class"]').setValue('קרנף')
    expect(page.findAll('ul[aria-label="Your classes"] li')).toHaveLength(1)
  })

  it('removes a class, and brings it back', async () => {
    await open()
    await page.find('[aria-label="Remove Snow owl"]').trigger('click')
    await flushPromises()
    expect(page.text()).toContain('is removed.')
    expect(page.text()).toContain('Describe a class that nobody has photographed')
    const toast = page.findAll('.toast').find((one) => one.text().includes('is removed'))!
    await toast.find('button').trigger('click')
    await flushPromises()
    expect(page.find('[aria-label="Remove Snow owl"]').exists()).toBe(true)
  })

  it('measures what is kept, where labels are known', async () => {
    const { calls } = await open({
      classBooks: [classBook({ yours: [userClass({ photos: [{ id: 'p', name: 'owl.jpg' }] })] })],
    })
    await slide('big', 30)
    await button('Measure…').trigger('click')
    await rest()
    const asked = calls.map(({ name }) => name)
    expect(asked.lastIndexOf('evaluateClasses')).toBeGreaterThan(asked.lastIndexOf('editClasses'))
    expect(asked).toContain('editClasses')
    const rows = page.findAll('dialog tbody tr').map((one) => one.text().replace(/\s+/g, ' '))
    expect(rows).toEqual([
      expect.stringMatching(/^At γ = 0\.4 ?61\.0 ?44\.0 ?62\.0 ?51\.5$/),
      'Snow owl75.0 (12)100.0 (1)',
    ])
  })
})
