import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Backend, Twins } from '../../../src-main/contract/index.ts'
import { fakeBackend, manifest, summary } from '../../testing/fake-backend.ts'
import { graph, graphAnswers, twins } from '../../testing/fake-graphs.ts'
import { mountApp } from '../../testing/mount.ts'

let unmount = (): void => undefined
beforeEach(() => localStorage.clear())
afterEach(() => unmount())

/** The page over a run; happy-dom draws nothing, so that what is tested is everything around the pictures. */
async function open(over: Partial<Twins> = {}, answers: Partial<Backend> = {}, at = '/graphs?run=run-1') {
  const fake = fakeBackend({ datasets: [manifest()], runs: [summary()] }, { ...graphAnswers(over), ...answers })
  const app = await mountApp(fake, at)
  unmount = () => app.unmount()
  // The page is loaded when it is first needed, and so are its pictures.
  await vi.waitFor(() => expect(app.find('h1').text()).toBe('Graphs'))
  await import('./TwinView.vue')
  await flushPromises()
  const button = (name: string) => app.findAll('button').find((one) => one.text() === name)!
  const labelled = (name: string) => {
    const label = app.findAll('label').find((one) => one.text().startsWith(name))!
    const id = label.attributes('for')
    return id ? app.find(`[id="${id}"]`) : label.find('input')
  }
  const asked = () => fake.calls.filter(({ name }) => name === 'getTwins').map(({ input }) => input)
  const pictures = app.findAll('[role=application]')
  return { app, fake, button, labelled, asked, pictures, said: () => app.find('.readout').text() }
}

describe('the page Graphs', () => {
  it('says what to do where there is nothing to draw', async () => {
    const app = await mountApp(fakeBackend(), '/graphs')
    unmount = () => app.unmount()
    await vi.waitFor(() => expect(app.text()).toContain('There is nothing to draw yet'))
  })

  it('asks for the twins of the run that the address names, and shows both, their degrees and their isometry', async () => {
    const { app, asked, pictures } = await open()
    expect(asked()).toEqual([
      {
        of: { kind: 'run', run: 'run-1', yours: true, episode: null },
        spaces: ['semantic', 'visual'],
        step: 0,
        rule: null,
        cap: 10,
      },
    ])
    expect(pictures).toHaveLength(2)
    for (const part of ['mean degree 1.3', 'mean degree 1.0', '0.034', '0.21', '2 edges in both', '1 in visual only'])
      expect(app.text()).toContain(part)
    expect(app.text()).toContain('as the model uses them')
  })

  it('shows a dataset’s one graph, and what the other half needs', async () => {
    const alone = {
      left: graph('attributes', 4, [[0, 1, 0.4, 0.82, NaN, 0]]),
      right: null,
      missing: 'The visual half needs image features.',
      isometry: null,
      propagationSteps: null,
    }
    const { app, asked, pictures } = await open(alone, {}, '/graphs?dataset=birds')
    expect(asked()[0]).toMatchObject({ of: { kind: 'dataset', dataset: 'birds' }, spaces: ['attributes', 'features'] })
    expect(pictures).toHaveLength(1)
    expect(app.find('.missing').text()).toContain('The visual half needs image features.')
    expect(app.find('.missing a').attributes('href')).toBe('#/datasets/birds')
    expect(app.text()).not.toContain('Isometry error')
  })

  it('is walked by keys, which say where one is, and Enter chooses', async () => {
    const { app, pictures, said } = await open()
    const press = (key: string) => pictures[0].trigger('keydown', { key })
    await press('Home')
    expect(said()).toContain('Cougar')
    await press('End')
    expect(said()).toBe('wildcat: semantic: nearest leopard 0.82 · visual: nearest leopard 0.70')
    await press('ArrowLeft')
    expect(said()).toContain('leopard: semantic: nearest wildcat 0.82, Cougar 0.80')
    await press('Enter')
    expect(app.find('.cards h2').text()).toBe('leopard')
    expect(app.find('.cards').text()).toContain('10 images')
    await press('Escape')
    expect(app.find('.cards h2').text()).toBe('Chosen')
  })

  it('finds a class by typing, and says where there is none', async () => {
    const { app } = await open()
    const field = app.find('.search input')
    await field.setValue('coug')
    await app.find('.search').trigger('submit')
    expect(app.find('.cards h2').text()).toBe('003 Cougar')
    await field.setValue('zebra')
    expect(app.find('.search').text()).toContain('No class is called “zebra”.')
  })

  it('a disagreement that is clicked is chosen in both', async () => {
    const { app, button, said } = await open()
    const edge = button('leopard – Cougar')
    await edge.trigger('click')
    expect(edge.attributes('aria-pressed')).toBe('true')
    expect(said()).toBe('leopard – Cougar: semantic cosine 0.80, visual cosine 0.10, difference 0.70')
    expect(app.find('.cards h2').text()).toBe('leopard – Cougar')
  })

  it('other rules, steps and spaces are exploration, and the model is not touched', async () => {
    const { app, asked, labelled } = await open({ used: false })
    await labelled('Edges').setValue('threshold')
    await flushPromises()
    expect(asked().at(-1)).toMatchObject({ rule: { kind: 'threshold', degrees: 40 } })
    await labelled('Compare').setValue('semantic')
    await flushPromises()
    expect(asked().at(-1)).toMatchObject({ spaces: ['attributes', 'semantic'] })
    await labelled('Step').setValue('1')
    await flushPromises()
    expect(asked().at(-1)).toMatchObject({ step: 1 })
    expect(app.text()).toContain('exploration')
    expect(app.text()).toContain('after the last step')
  })

  it('says which graph died and what to do, and which classes have become one', async () => {
    const { app } = await open({
      left: graph('semantic', 4, [], { death: 'empty', twins: [[0, 1]] }),
      right: graph('visual', 4, [], { death: 'complete', twins: [[0, 1, 2, 3]] }),
    })
    for (const part of [
      'The semantic graph is empty',
      'leopard = wildcat',
      'The visual graph is complete',
      'Train again',
    ])
      expect(app.find('[role=status].alarms').text()).toContain(part)
  })

  it('plays the film of a training to its end', async () => {
    const film = { episodes: [0, 100], semanticMeanDegrees: [1, 2], visualMeanDegrees: [1, 2] }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { asked, button, app } = await open({}, { getGraphFilm: () => Promise.resolve(film) })
      await button('▶ Play').trigger('click')
      for (let state = 0; state < 4; state++) {
        await flushPromises()
        await vi.advanceTimersByTimeAsync(700)
      }
      const episodes = asked().map((input) => (input as { of: { episode: number | null } }).of.episode)
      expect(episodes).toEqual([null, 0, 100, null])
      expect(app.text()).toContain('finished model')
    } finally {
      vi.useRealTimers()
    }
  })

  it('asks again when a class of one’s own has changed', async () => {
    const { fake, asked } = await open()
    const history = { undo: null, redo: null }
    fake.emit({ type: 'class-book', book: { run: 'run-1', revision: 1, yours: [], off: [], history, versions: [] } })
    await flushPromises()
    expect(asked()).toHaveLength(2)
  })

  it('exports what is drawn', async () => {
    const { fake, app, button } = await open()
    await button('Export…').trigger('click')
    await app.find('dialog input[value=graphml]').setValue()
    await app
      .findAll('dialog button')
      .find((one) => one.text() === 'Save')!
      .trigger('click')
    await flushPromises()
    const { input } = fake.calls.find(({ name }) => name === 'exportTwins')!
    expect(input).toMatchObject({ format: 'graphml', side: 'both', theme: 'light' })
    expect((input as { positions: Float32Array }).positions).toHaveLength(2 * twins().classes.length)
  })

  it('has a table behind the pictures', async () => {
    const { app, button } = await open()
    await button('Table').trigger('click')
    const row = app.find('table[aria-label="Twin graphs"] tbody tr')
    expect(row.text()).toContain('leopard')
    expect(row.text()).toContain('wildcat 0.82')
    expect(row.text()).toContain('panda 0.90')
  })
})
