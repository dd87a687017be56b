import { describe, expect, it } from 'vitest'
import { kappas, photoCounts, summariseFirstPhotos, type FirstPhotos } from './first-photos.ts'

/** Two classes; `best` is where the grid has its hill. */
const holdOut = (best: number, height: number): FirstPhotos => ({
  none: [10, 20],
  some: kappas.map((_, kappa) => photoCounts.map((n) => [height - Math.abs(kappa - best) + n, height + 2 + n])),
})

describe('what the first photos of a class bring', () => {
  it('is told at the κ that suits all hold-outs together', () => {
    const found = summariseFirstPhotos([holdOut(2, 40), null, holdOut(2, 60), holdOut(2, 50)])!
    expect(found).toMatchObject({ kappa: kappas[2], classes: 6 })
    expect(found.curve.map(({ photos }) => photos)).toEqual([0, 1, 2, 5])
    expect(found.curve[0].mean).toBe(15)
    expect(found.curve[0].deviation).toBeCloseTo(Math.sqrt((6 * 25) / 5), 6)
    expect(found.curve.map(({ mean }) => Math.round(mean))).toEqual([15, 52, 53, 56])
  })

  it('is not known where no class has photos to spare', () => {
    expect(summariseFirstPhotos([null, { none: [], some: kappas.map(() => photoCounts.map(() => [])) }])).toBeNull()
    expect(summariseFirstPhotos([])).toBeNull()
  })

  it('leaves out a hold-out that tried other weights, as one of an earlier version did', () => {
    const { none, some } = holdOut(2, 90)
    const found = summariseFirstPhotos([holdOut(3, 40), { none, some: some.slice(1) }])!
    expect(found).toMatchObject({ kappa: kappas[3], classes: 2 })
    expect(summariseFirstPhotos([{ none, some: some.slice(1) }])).toBeNull()
  })
})
