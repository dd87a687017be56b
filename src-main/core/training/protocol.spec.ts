import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DatasetManifest } from '../../contract/index.ts'
import type { Dataset } from '../datasets/dataset.ts'
import { createRandom } from '../random.ts'
import { createProtocol, type HoldOut, type Protocol } from './protocol.ts'

/** `perClass` images of each class; 20 % of a seen class's images are outer tests. */
function madeDataset(seen: number, unseen: number, perClass = 10, seed = 1): Dataset {
  const classes = seen + unseen
  const random = createRandom(seed)
  const order = random.shuffle(Int32Array.from({ length: classes }, (_, one) => one))
  const [seenClasses, unseenClasses] = [order.slice(0, seen).sort(), order.slice(seen).sort()]
  const labels = random.shuffle(Int32Array.from({ length: classes * perClass }, (_, image) => image % classes))
  const trainval: number[] = []
  const testSeen: number[] = []
  const testUnseen: number[] = []
  const met = new Int32Array(classes)
  labels.forEach((label, image) => {
    if (unseenClasses.includes(label)) testUnseen.push(image)
    else (met[label]++ < perClass / 5 ? testSeen : trainval).push(image)
  })
  return {
    manifest: {} as DatasetManifest,
    classNames: Array.from({ length: classes }, (_, one) => `class ${one}`),
    attributeNames: ['a'],
    attributeGroups: [null],
    attributes: new Float32Array(classes),
    features: new Float32Array(labels.length),
    labels,
    splits: {
      trainval: Int32Array.from(trainval),
      testSeen: Int32Array.from(testSeen),
      testUnseen: Int32Array.from(testUnseen),
      train: null,
      validation: null,
    },
    seenClasses,
    unseenClasses,
  }
}

const sizes = fc.record({
  seen: fc.integer({ min: 5, max: 40 }),
  unseen: fc.nat(15),
  seed: fc.nat(),
  holdOuts: fc.integer({ min: 1, max: 5 }),
})
const testImages = ({ splits }: Dataset) => new Set([...splits.testSeen, ...splits.testUnseen])
const imagesOf = ({ train, testSeen, testUnseen }: HoldOut) => [...train, ...testSeen, ...testUnseen]

describe('the protocol', () => {
  it('hands out no test image to anything that trains or chooses', () => {
    fc.assert(
      fc.property(sizes, ({ seen, unseen, seed, holdOuts }) => {
        const dataset = madeDataset(seen, unseen, 10, seed)
        const protocol = createProtocol(dataset, { holdOuts, seed })
        const forbidden = testImages(dataset)
        const given = [...protocol.holdOuts().flatMap(imagesOf), ...protocol.final().train]
        expect(given.filter((image) => forbidden.has(image))).toEqual([])
      }),
    )
  })

  it('keeps each hold-out inside trainval: each image once, its classes apart, all seen classes in it', () => {
    fc.assert(
      fc.property(sizes, ({ seen, unseen, seed, holdOuts }) => {
        const dataset = madeDataset(seen, unseen, 10, seed)
        const drawn = createProtocol(dataset, { holdOuts, seed }).holdOuts()
        expect(drawn).toHaveLength(holdOuts)
        for (const one of drawn) {
          expect(imagesOf(one).sort((a, b) => a - b)).toEqual([...dataset.splits.trainval].sort((a, b) => a - b))
          expect(Int32Array.from([...one.seenClasses, ...one.unseenClasses]).sort()).toEqual(dataset.seenClasses)
          const [own, held] = [new Set(one.seenClasses), new Set(one.unseenClasses)]
          for (const image of [...one.train, ...one.testSeen]) expect(own.has(dataset.labels[image])).toBe(true)
          for (const image of one.testUnseen) expect(held.has(dataset.labels[image])).toBe(true)
          expect(one.testSeen).toHaveLength(2 * one.seenClasses.length) // 20 % of 8
        }
      }),
    )
  })

  it.each([
    { seen: 150, unseen: 50, heldOut: 50 }, // CUB
    { seen: 28, unseen: 8, heldOut: 8 }, // Caltech animals
    { seen: 40, unseen: 30, heldOut: 13 }, // never more than a third
    { seen: 40, unseen: 1, heldOut: 2 }, // never fewer than 2
    { seen: 30, unseen: 0, heldOut: 10 }, // nothing unseen to go by
    { seen: 5, unseen: 5, heldOut: 2 },
  ])('holds out $heldOut of $seen classes where $unseen are unseen', ({ seen, unseen, heldOut }) => {
    const [one] = createProtocol(madeDataset(seen, unseen), { holdOuts: 1, seed: 1 }).holdOuts()
    expect(one.unseenClasses).toHaveLength(heldOut)
  })

  it('does not depend on the test images', () => {
    const dataset = madeDataset(20, 6)
    const blind: Dataset = {
      ...dataset,
      splits: { ...dataset.splits, testSeen: Int32Array.of(), testUnseen: Int32Array.of() },
    }
    const lists = (one: Dataset) => createProtocol(one, { holdOuts: 3, seed: 4 }).holdOuts()
    expect(lists(blind)).toEqual(lists(dataset))
  })

  it('draws the same with the same seed and something else with another', () => {
    const lists = (seed: number) => createProtocol(madeDataset(20, 6), { holdOuts: 2, seed }).holdOuts()
    expect(lists(1)).toEqual(lists(1))
    expect(lists(1)).not.toEqual(lists(2))
    expect(lists(1)[0].unseenClasses).not.toEqual(lists(1)[1].unseenClasses)
  })

  it('opens the test once, and hands out nothing to train or choose on afterwards', () => {
    const dataset = madeDataset(20, 6)
    const protocol = createProtocol(dataset, { holdOuts: 2, seed: 1 })
    expect(protocol.openTest()).toEqual({ testSeen: dataset.splits.testSeen, testUnseen: dataset.splits.testUnseen })
    for (const ask of ['holdOuts', 'final', 'openTest'] as const) {
      expect(() => protocol[ask]()).toThrow(expect.objectContaining({ code: 'protocol/test-opened' }) as Error)
    }
  })

  it('shows no test image to who looks into it before', () => {
    const dataset = madeDataset(20, 6)
    const protocol: Protocol = createProtocol(dataset, { holdOuts: 2, seed: 1 })
    const forbidden = testImages(dataset)
    const seenFromOutside = JSON.stringify(
      Object.values(Object.getOwnPropertyDescriptors(protocol)).map(({ value }) => value as unknown),
    )
    expect(seenFromOutside).not.toMatch(/\d/)
    // Writing into what was handed out does not reach what is handed out next.
    for (const one of protocol.holdOuts()) one.train.fill([...forbidden][0])
    protocol.final().train.fill([...forbidden][0])
    const again = [...protocol.holdOuts().flatMap(imagesOf), ...protocol.final().train]
    expect(again.some((image) => forbidden.has(image))).toBe(false)
  })

  it('refuses splits in which a test image is also a training image', () => {
    const dataset = madeDataset(20, 6)
    const { splits } = dataset
    for (const leaked of [splits.testSeen[0], splits.testUnseen[0]]) {
      const overlapping = { ...dataset, splits: { ...splits, trainval: Int32Array.from([...splits.trainval, leaked]) } }
      expect(() => createProtocol(overlapping, { holdOuts: 1, seed: 1 })).toThrow(
        expect.objectContaining({ code: 'protocol/overlapping-splits' }) as Error,
      )
    }
  })

  it('says what is missing where there are too few classes to hold any out', () => {
    expect(() => createProtocol(madeDataset(4, 2), { holdOuts: 1, seed: 1 })).toThrow(
      expect.objectContaining({ code: 'protocol/too-few-classes' }) as Error,
    )
  })

  it("uses the dataset's own train and validation classes as the first hold-out", () => {
    const dataset = madeDataset(20, 6)
    const held = new Set(dataset.seenClasses.slice(0, 5))
    const part = (validation: boolean) =>
      dataset.splits.trainval.filter((image) => held.has(dataset.labels[image]) === validation)
    const withOwn = { ...dataset, splits: { ...dataset.splits, train: part(false), validation: part(true) } }
    const drawn = createProtocol(withOwn, { holdOuts: 3, seed: 1 }).holdOuts()
    expect(drawn).toHaveLength(3)
    expect(drawn[0].unseenClasses).toEqual(dataset.seenClasses.slice(0, 5))
    expect(drawn[1].unseenClasses).toHaveLength(6)
  })
})
