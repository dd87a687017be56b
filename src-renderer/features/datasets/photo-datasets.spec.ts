import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError, type Backend } from '../../../src-main/contract/index.ts'
import {
  backbone,
  detail,
  draft,
  fakeBackend,
  job,
  photoManifest,
  report,
  summary,
  type FakeBackend,
} from '../../testing/fake-backend.ts'
import { mountApp } from '../../testing/mount.ts'
import { roleEdits } from './classes/use-suggestion.ts'

let unmount = (): void => undefined
afterEach(() => unmount())

async function open(fake: FakeBackend, at: string, files: readonly string[] = ['set/a/1.jpg']) {
  const app = await mountApp(fake, at, {
    dropped: () => Promise.resolve(files.map((path) => ({ file: new File(['x'], path.split('/').at(-1)!), path }))),
  })
  unmount = () => app.unmount()
  const button = (name: string) => app.findAll('button').find((one) => one.text().includes(name))
  return {
    app,
    button,
    press: async (name: string) => {
      await button(name)!.trigger('click')
      await flushPromises()
    },
    tab: async (name: string) => {
      await app
        .findAll('[role=tab]')
        .find((one) => one.text().startsWith(name))!
        .trigger('click')
      await flushPromises()
    },
    drop: async () => {
      const event = new Event('drop', { cancelable: true })
      Object.assign(event, { dataTransfer: { types: ['Files'] } })
      window.dispatchEvent(event)
      await flushPromises()
    },
    key: async (key: string, held: KeyboardEventInit = {}) => {
      window.dispatchEvent(new KeyboardEvent('keydown', { key, ...held, cancelable: true }))
      await flushPromises()
    },
  }
}
const names = (fake: FakeBackend): string[] => fake.calls.map(({ name }) => name)
const bare = photoManifest({ counts: { ...photoManifest().counts, features: null }, backbone: null })

describe('the demo', () => {
  const demo = (over: Partial<Backend> = {}): FakeBackend => {
    const fake: FakeBackend = fakeBackend(
      {},
      {
        createDemo: () => Promise.resolve({ ...bare, id: 'critters', drawn: true }),
        extractFeatures: () => Promise.resolve(photoManifest({ id: 'critters', drawn: true })),
        startTraining: () => {
          const run = summary({ dataset: 'critters', state: 'running', result: null })
          fake.emit({ type: 'run', run })
          return Promise.resolve(run)
        },
        ...over,
      },
    )
    return fake
  }

  it('goes from nothing to the result of a training by one click', async () => {
    const fake = demo()
    const { app, press } = await open(fake, '/datasets')
    await press('Try the demo')
    expect(names(fake)).toEqual(['createDemo', 'extractFeatures', 'startTraining'])
    expect(fake.calls[1].input).toEqual({ dataset: 'critters', backbone: 'basic' })
    fake.emit({ type: 'job', job: job({ message: 'Hold-out 1 of 3' }) })
    await flushPromises()
    expect(app.find('dialog').text()).toContain('Hold-out 1 of 3')
    expect(app.findAll('dialog li').map((step) => step.classes())).toEqual([['done'], ['done'], ['now']])
    fake.emit({ type: 'run', run: summary({ dataset: 'critters' }) })
    await flushPromises()
    expect(app.find('h1').text()).toBe('Birds')
    expect(app.find('dialog').exists()).toBe(false)
  })

  it('stops the training where it is cancelled, and tells what went wrong', async () => {
    const fake = demo({ stopTraining: () => Promise.resolve(summary()) })
    const { app, press } = await open(fake, '/datasets')
    await press('Try the demo')
    await press('Cancel')
    expect(names(fake).at(-1)).toBe('stopTraining')
    expect(app.find('dialog').exists()).toBe(false)
    unmount()
    const full = demo({ createDemo: () => Promise.reject(new AppError('demo/no-space', 'The disk is full.')) })
    const again = await open(full, '/datasets')
    await again.press('Try the demo')
    expect(again.app.find('dialog').text()).toContain('The disk is full.')
  })

  it('opens the model that is there already', async () => {
    const known = photoManifest({ id: 'critters', drawn: true })
    const run = summary({ dataset: 'critters' })
    const fake = fakeBackend({ datasets: [known], runs: [run] }, { createDemo: () => Promise.resolve(known) })
    const { app, press } = await open(fake, '/datasets')
    expect(app.find('tbody').text()).toContain('drawn · not a benchmark')
    await press('Try the demo')
    expect(names(fake)).toEqual(['createDemo', 'getRun'])
  })
})

describe('importing photos', () => {
  const photos = report({ layout: 'image-folder', photos: 24, name: 'Shells' })

  it('makes features right after, with the backbone that the person fetched', async () => {
    const fake = fakeBackend(
      { backbones: [backbone(), backbone({ id: 'mine', name: 'Mine', origin: 'own' })] },
      {
        inspectDataset: () => Promise.resolve(photos),
        importDataset: () => Promise.resolve(bare),
        extractFeatures: () => Promise.resolve(photoManifest()),
      },
    )
    const { app, drop } = await open(fake, '/datasets')
    await drop()
    expect(app.find('dialog').text()).toContain('Import 24 photos')
    await app.find('dialog form').trigger('submit')
    await flushPromises()
    expect(fake.calls.at(-1)).toEqual({ name: 'extractFeatures', input: { dataset: 'shells', backbone: 'mine' } })
  })

  it('keeps the dataset where making features is cancelled', async () => {
    const fake: FakeBackend = fakeBackend(
      {},
      {
        inspectDataset: () => Promise.resolve(photos),
        importDataset: () => {
          fake.emit({ type: 'dataset', dataset: bare })
          return Promise.resolve(bare)
        },
        extractFeatures: () => new Promise(() => undefined),
      },
    )
    const { app, drop, press } = await open(fake, '/datasets')
    await drop()
    await app.find('dialog form').trigger('submit')
    await flushPromises()
    fake.emit({ type: 'job', job: job({ id: 'looking', kind: 'extract', run: null, message: '49 photos a second' }) })
    await flushPromises()
    expect(app.find('dialog').text()).toContain('49 photos a second')
    await press('Cancel')
    expect(fake.calls).toContainEqual({ name: 'cancelJob', input: { job: 'looking' } })
    expect(app.find('h1').text()).toBe('Shells')
    expect(app.text()).toContain('make their features, then train')
  })

  it('opens the import of a backbone where an .onnx file is dropped, guesses marked, and sends what was put right', async () => {
    const fake = fakeBackend(
      {},
      { importBackbone: () => Promise.resolve(backbone({ id: 'squeeze', name: 'Squeeze' })) },
    )
    const { app, drop } = await open(fake, '/datasets', ['squeeze.onnx'])
    await drop()
    const dialog = app.find('dialog')
    expect(dialog.findAll('.guessed')).toHaveLength(2)
    await dialog.findAll('input[type=radio]')[1].setValue()
    const mean = dialog.findAll('.field').find((field) => field.text().startsWith('Mean'))!
    await mean.find('input').setValue('0.5')
    expect(dialog.findAll('.guessed')).toHaveLength(1)
    await dialog.find('form').trigger('submit')
    await flushPromises()
    expect(names(fake)).toEqual(['inspectBackbone', 'importBackbone'])
    expect(fake.calls[1].input).toMatchObject({
      draft: draft().id,
      recipe: { output: 'pool', dimension: 512, mean: [0.5, 0.5, 0.5], std: draft().recipe.std },
    })
    expect(app.find('dialog').exists()).toBe(false)
  })
})

describe('a dataset of photos', () => {
  const shells = (over: Partial<Backend> = {}) => fakeBackend({ datasets: [photoManifest()] }, over)

  it('adds what is dropped to a class, and tells what was left out', async () => {
    const leftOut = [{ level: 'warning' as const, code: 'dataset/broken-photos', message: 'Left out: 1 photo.' }]
    const fake = shells({
      addPhotos: () => Promise.resolve({ dataset: detail(photoManifest()), added: 3, leftOut }),
    })
    const { app, drop } = await open(fake, '/datasets/shells')
    await drop()
    await app.find('dialog input').setValue('class 2')
    await app.find('dialog form').trigger('submit')
    await flushPromises()
    expect(fake.calls.at(-1)).toMatchObject({ name: 'addPhotos', input: { dataset: 'shells', class: 2 } })
    expect(app.find('.toasts').text()).toContain('3 photos were added.Left out: 1 photo.')
  })

  it('relabels what is selected, and undoes by a key', async () => {
    const fake = shells({
      getDataset: () =>
        Promise.resolve(detail({ ...photoManifest(), history: { undo: 'relabel 2 photos', redo: null } })),
    })
    const { app, press, key } = await open(fake, '/datasets/shells')
    const grid = app.find('[role=listbox]')
    for (const name of [' ', 'ArrowRight', ' ']) await grid.trigger('keydown', { key: name })
    expect(app.text()).toContain('2 selected')
    await press('Relabel to…')
    await app.find('dialog input').setValue('class 2')
    await app.find('dialog form').trigger('submit')
    await flushPromises()
    expect(fake.calls).toContainEqual({
      name: 'editDataset',
      input: { dataset: 'shells', edits: [{ kind: 'relabel', photos: [0, 1], class: 2 }] },
    })
    expect(app.text()).toContain('Undo: relabel 2 photos')
    await key('z', { ctrlKey: true })
    expect(names(fake)).toContain('undoEdit')
    await key('z', { ctrlKey: true, shiftKey: true })
    expect(names(fake)).not.toContain('redoEdit')
  })

  it('selects rows of the table in the order they are shown in', async () => {
    const fake = shells()
    const { app, button } = await open(fake, '/datasets/shells')
    await app
      .findAll('[role=radio], button')
      .find((one) => one.text() === 'Table')!
      .trigger('click')
    await button('File')!.trigger('click')
    const boxes = () => app.findAll<HTMLInputElement>('tbody input[type=checkbox]')
    const ticked = () => boxes().filter(({ element }) => element.checked).length
    await boxes()[1].trigger('click')
    expect(ticked()).toBe(1)
    await boxes()[3].trigger('click', { shiftKey: true })
    expect(ticked()).toBe(3)
    await boxes()[2].trigger('click')
    expect(app.text()).toContain('2 selected')
    await app.findAll('.bar button')[1].trigger('click')
    await flushPromises()
    const sent = fake.calls.find(({ name }) => name === 'editDataset')!.input as { edits: { photos: number[] }[] }
    expect(sent.edits[0]).toMatchObject({ kind: 'remove-photos', photos: { length: 2 } })
    expect(ticked()).toBe(0)
    await app.find('thead input[type=checkbox]').trigger('change')
    expect(ticked()).toBe(boxes().length)
  })

  it('shows what is typed into the table at once, and takes it back where it is refused', async () => {
    let refuse: (error: AppError) => void = () => undefined
    const fake = shells({ editDataset: () => new Promise((_, reject) => (refuse = reject)) })
    const { app, tab } = await open(fake, '/datasets/shells?show=attributes')
    await tab('Attributes')
    const grid = app.find('[role=grid]')
    const first = () => app.find('[role=gridcell]').text()
    const before = first()
    await grid.trigger('keydown', { key: '7' })
    const field = app.find('[role=gridcell] input')
    await field.setValue('7,5')
    await field.trigger('keydown', { key: 'Enter' })
    expect(first()).toBe('7.5')
    expect(fake.calls.at(-1)).toEqual({
      name: 'editDataset',
      input: {
        dataset: 'shells',
        edits: [{ kind: 'set-attributes', cells: [{ class: 0, attribute: 0, value: 7.5 }] }],
      },
    })
    refuse(new AppError('dataset/in-use', 'A training is running.'))
    await flushPromises()
    expect(first()).toBe(before)
  })

  it('adds the attributes of a pasted table and its values in one step', async () => {
    const fake = shells()
    const { app, tab, press } = await open(fake, '/datasets/shells?show=attributes')
    await tab('Attributes')
    const { attributeNames, classes } = await fake.backend.getDataset({ dataset: 'shells' })
    const text = `class\t${attributeNames[0]}\tweight\n${classes[1].name}\t7\t3`
    await app.find('[role=grid]').trigger('paste', { clipboardData: { getData: () => text } })
    await press('Add the attribute and take over')
    expect(fake.calls.filter(({ name }) => name === 'editDataset')).toEqual([
      {
        name: 'editDataset',
        input: {
          dataset: 'shells',
          edits: [
            { kind: 'add-attribute', name: 'weight' },
            {
              kind: 'set-attributes',
              cells: [
                { class: 1, attribute: 0, value: 7 },
                { class: 1, attribute: attributeNames.length, value: 3 },
              ],
            },
          ],
        },
      },
    ])
  })

  it('takes the values of a dropped table over in one step, with the attributes that are new', async () => {
    const fake = shells({
      readAttributeTable: () =>
        Promise.resolve({
          file: 'more.dlt',
          classes: [
            { name: 'a', index: 1 },
            { name: 'yeti', index: null },
          ],
          attributes: [
            { name: 'known', group: null, index: 0 },
            { name: 'wings: long', group: 'wings', index: null },
            { name: 'wings: short', group: 'wings', index: null },
          ],
          values: { rows: 2, columns: 3, values: Float32Array.of(NaN, 100, 0, 1, 2, 3) },
          findings: [{ level: 'ok', code: 'dataset/delta-texts', message: '2 characters are texts.' }],
        }),
    })
    const { app, tab, drop, press } = await open(fake, '/datasets/shells?show=attributes', ['more.dlt'])
    await tab('Attributes')
    await drop()
    const { attributeNames } = await fake.backend.getDataset({ dataset: 'shells' })
    expect(app.find('dialog').text()).toContain('Take attributes from “more.dlt”?')
    for (const said of ['yeti', 'wings: long', '2 characters are texts.']) {
      expect(app.find('dialog').text()).toContain(said)
    }
    await press('Add 2 attributes and take over')
    const at = attributeNames.length
    expect(fake.calls.find(({ name }) => name === 'editDataset')?.input).toEqual({
      dataset: 'shells',
      edits: [
        { kind: 'add-attribute', name: 'wings: long' },
        { kind: 'add-attribute', name: 'wings: short' },
        { kind: 'group-attributes', attributes: [at, at + 1], group: 'wings' },
        {
          kind: 'set-attributes',
          cells: [
            { class: 1, attribute: at, value: 100 },
            { class: 1, attribute: at + 1, value: 0 },
          ],
        },
      ],
    })
  })

  it('says what to do where the classes are not described', async () => {
    const counts = { ...photoManifest().counts, attributes: 0 }
    const { app, press } = await open(fakeBackend({ datasets: [photoManifest({ counts })] }), '/datasets/shells')
    expect(app.text()).toContain('These classes have no attributes yet')
    await press('Fill in attributes')
    expect(app.text()).toContain('Copy a table from a spreadsheet')
  })

  it('makes exactly the suggested classes unseen, in one step', async () => {
    const fake = shells({ suggestUnseen: () => Promise.resolve({ classes: [1] }) })
    const { app, tab, press } = await open(fake, '/datasets/shells')
    await tab('Seen')
    await app.find('[role=tabpanel] form').trigger('submit')
    await flushPromises()
    await press('Make exactly these unseen')
    expect(fake.calls).toContainEqual({
      name: 'editDataset',
      input: {
        dataset: 'shells',
        edits: [
          { kind: 'set-role', classes: [1], role: 'unseen' },
          { kind: 'set-role', classes: [3], role: 'seen' },
        ],
      },
    })
  })

  it('never suggests that a class without photos be seen', () => {
    const { classes } = detail({ photos: true })
    const unseen = classes.map((one) => (one.index === 3 ? { ...one, images: 0 } : one))
    expect(roleEdits(unseen, new Set())).toEqual([])
  })
})
