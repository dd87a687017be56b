import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../../../src-main/contract/index.ts'
import {
  classification,
  explanation,
  fakeBackend,
  manifest,
  photoManifest,
  prediction,
  summary,
  type FakeBackend,
} from '../../../testing/fake-backend.ts'
import { mountApp } from '../../../testing/mount.ts'
import { reasonsOf, shareText, signedFigures } from './reasons.ts'

let unmount = (): void => undefined
beforeEach(() => sessionStorage.clear())
afterEach(() => unmount())

const withPhotos = (
  more: Parameters<typeof fakeBackend>[1] = {},
  dataset = photoManifest({ id: 'birds' }),
): FakeBackend =>
  fakeBackend(
    { datasets: [dataset], runs: [summary()], classifications: [classification({ photos: 2, done: 2 })] },
    {
      getClassification: () =>
        Promise.resolve({
          classification: classification(),
          predictions: [prediction(), prediction({ photo: 1, file: 'holiday/2.jpg' })],
        }),
      ...more,
    },
  )

async function open(fake: FakeBackend) {
  const app = await mountApp(fake, '/classify/look-1')
  unmount = () => app.unmount()
  const press = async (key: string) => {
    window.dispatchEvent(new KeyboardEvent('keydown', { key }))
    await flushPromises()
  }
  const choose = async (at: number) => {
    await app.findAll('[role=option]')[at].trigger('click')
    await flushPromises()
  }
  const asked = () => fake.calls.filter(({ name }) => name === 'explain').map(({ input }) => input)
  return { app, press, choose, asked, text: () => app.find('.why').text().replace(/\s+/g, ' ') }
}

describe('why a photo is called so', () => {
  it('is told on W, in words and figures that add up', async () => {
    const { app, press, choose, asked, text } = await open(withPhotos())
    await press('w')
    expect(asked()).toEqual([])
    await choose(0)
    await press('w')
    expect(asked()).toEqual([
      {
        ...{ run: 'run-1', gamma: 0.4, against: null },
        image: { kind: 'classification', classification: 'look-1', photo: 0 },
      },
    ])
    expect(app.find('h3').text()).toContain('Why “Class 1”?')
    expect(text()).toContain('Without γ (0.4) it would be Class 1 as well.')
    expect(text()).toContain('It would be Class 3 if “attribute 4” of Class 1 were 31 instead of 40.')
    const rows = app.findAll('.why tbody tr').map((row) => row.text().replace(/\s+/g, ' '))
    expect(rows).toHaveLength(11)
    expect(rows[0]).toBe('attribute 00 · not known+0.050')
    expect(rows[1]).toContain('−0.100')
    expect(rows.slice(8)).toEqual([
      '2 more attributes+0.100',
      'Apart from attributesfrom the photos of both classes+0.100',
      'Not explained+0.050',
    ])
    expect(app.find('.why tfoot').text()).toContain('+0.500')
    await press('W')
    expect(app.find('.why').exists()).toBe(false)
  })

  it('names who flowed in, and whose photos stand in', async () => {
    const { press, choose, text } = await open(withPhotos())
    await choose(0)
    await press('w')
    expect(text()).toMatch(/By description.*itself75 %.*Class 025 %/)
    expect(text()).toContain('Class 3 has no photos to learn from: those of Class 2 stand in.')
  })

  it('compares with a class of the person’s choice, and forgets it for another photo', async () => {
    const { app, press, choose, asked } = await open(withPhotos())
    await choose(0)
    await press('w')
    await app.find('.why select').setValue('0')
    await flushPromises()
    expect(asked().at(-1)).toMatchObject({ against: 0 })
    expect(app.find('.why tfoot').text()).toContain('Class 0')
    await choose(1)
    expect(asked().at(-1)).toMatchObject({ against: null, image: { photo: 1 } })
  })

  it('has every attribute in a table, with how it was computed', async () => {
    const { app, press, choose } = await open(withPhotos())
    await choose(0)
    await press('w')
    await app.find('.why .all').trigger('click')
    const dialog = app.find('dialog')
    expect(dialog.text()).toContain('Made up.')
    expect(dialog.findAll('tbody .line')).toHaveLength(10)
    // W is a letter while the table is open.
    await press('w')
    expect(app.find('.why').exists()).toBe(true)
  })

  it('shows similar images where there are photos, else their names, else why not', async () => {
    const seen = await open(withPhotos())
    await seen.choose(0)
    await seen.press('w')
    expect(seen.app.find('.why .pictures img').attributes('alt')).toBe('Class 1, class 1/photo 7.jpg: cosine 0.93')
    unmount()
    const named = await open(withPhotos({}, manifest()))
    await named.choose(0)
    await named.press('w')
    expect(named.app.find('.why .names').text()).toContain('photo 7.jpg')
    unmount()
    const gone = await open(withPhotos({ explain: () => Promise.resolve(explanation({ similar: [], flip: null })) }))
    await gone.choose(0)
    await gone.press('w')
    expect(gone.text()).toContain('has changed since this model learned')
    expect(gone.text()).toContain('No change of a single attribute of Class 1 was found')
  })

  it('says that it works, and what went wrong', async () => {
    let refuse: (error: Error) => void = () => undefined
    const fake = withPhotos({ explain: () => new Promise((_, reject) => (refuse = reject)) })
    const { press, choose, text } = await open(fake)
    await choose(0)
    await press('w')
    expect(text()).toContain('Weighing every attribute of both classes…')
    refuse(new AppError('photo/gone', 'The photo is gone.', { next: 'Put it back.' }))
    await flushPromises()
    expect(text()).toContain('The photo is gone.')
    expect(text()).not.toContain('Weighing')
  })
})

describe('figures of reasons', () => {
  it('have as many decimals as tell them apart', () => {
    expect([1.234, -0.07, 0].map(signedFigures(1.3))).toEqual(['+1.23', '−0.07', '0.00'])
    expect(signedFigures(0.04)(-0.0123)).toBe('−0.0123')
    expect(signedFigures(130)(42.4)).toBe('+42')
  })

  it('add up', () => {
    const { top, others, baseline, remainder, difference } = reasonsOf(explanation())
    const parts = top.reduce((sum, { throughWinner, throughRunnerUp }) => sum + throughWinner + throughRunnerUp, 0)
    expect(parts + others.part + baseline + remainder).toBeCloseTo(difference, 12)
  })

  it('name small shares as such', () => {
    expect([0.661, 0.005, 0.001].map(shareText)).toEqual(['66\u202f%', '1\u202f%', '< 1 %'])
  })
})
