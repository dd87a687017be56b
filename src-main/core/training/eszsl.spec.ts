import { beforeAll, describe, expect, it } from 'vitest'
import type { DatasetManifest } from '../../contract/index.ts'
import { createProducts, gatherRows } from '../compute/linear-algebra.ts'
import { createCpuEngine } from '../compute/onnx/engine.ts'
import type { Dataset } from '../datasets/dataset.ts'
import { eszslScores, prepareEszsl } from '../method/eszsl.ts'
import { createRandom } from '../random.ts'
import { runEszsl, type EszslOutcome } from './eszsl.ts'

const engine = createCpuEngine(1)
const [seen, unseen, perClass, D, K] = [18, 4, 12, 16, 8]

/** Images are a linear picture of their class's attributes, and noise; `labelOfTest` can spoil the labels of the outer test. */
function madeDataset(labelOfTest = (label: number) => label): Dataset {
  const random = createRandom(1)
  const gaussian = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
  const C = seen + unseen
  const attributes = Float32Array.from({ length: C * K }, gaussian)
  const picture = Float32Array.from({ length: K * D }, gaussian)
  const labels = Int32Array.from({ length: C * perClass }, (_, image) => Math.floor(image / perClass))
  const features = new Float32Array(labels.length * D)
  labels.forEach((label, image) => {
    for (let d = 0; d < D; d++) {
      let value = gaussian()
      for (let k = 0; k < K; k++) value += attributes[label * K + k] * picture[k * D + d]
      features[image * D + d] = value
    }
  })
  const all = Int32Array.from(labels.keys())
  const testSeen = all.filter((image) => labels[image] < seen && image % perClass < 3)
  const testUnseen = all.filter((image) => labels[image] >= seen)
  const trainval = all.filter((image) => labels[image] < seen && image % perClass >= 3)
  for (const image of [...testSeen, ...testUnseen]) labels[image] = labelOfTest(labels[image])
  return {
    manifest: {} as DatasetManifest,
    classNames: Array.from({ length: C }, (_, one) => `class ${one}`),
    attributeNames: Array.from({ length: K }, (_, one) => `attribute ${one}`),
    attributeGroups: Array.from({ length: K }, () => null),
    attributes,
    features,
    labels,
    splits: { trainval, testSeen, testUnseen, train: null, validation: null },
    seenClasses: Int32Array.from({ length: seen }, (_, one) => one),
    unseenClasses: Int32Array.from({ length: unseen }, (_, one) => seen + one),
  }
}

const config = { featureScaling: 'l2', attributeScaling: 'global', holdOuts: 3 } as const
const run = (
  dataset: Dataset,
  signal = new AbortController().signal,
  report: (progress: number) => void = () => undefined,
) => runEszsl({ dataset, config, seed: 1, engine, report, signal })

describe('the closed form', () => {
  it('satisfies the normal equations (XᵀX + γI) W (AᵀA + λI) = XᵀYA, and scores xᵀWa', async () => {
    const dataset = madeDataset()
    dataset.attributes[3] = NaN
    const { labels, seenClasses, splits } = dataset
    const features = dataset.features ?? new Float32Array()
    const products = await createProducts(engine)
    const data = {
      features,
      featureWidth: D,
      labels,
      attributes: dataset.attributes,
      attributeWidth: K,
      rows: splits.trainval,
      seenClasses,
    }
    const weights = await (await prepareEszsl(products, data)).weights({ features: 0.1, attributes: 0.5 })

    const A = gatherRows(dataset.attributes, K, seenClasses).map((one) => (Number.isNaN(one) ? 0 : one))
    const X = gatherRows(features, D, splits.trainval)
    const gram = (matrix: Float32Array, width: number, share: number) => {
      const sum = Array.from({ length: width }, (_, i) =>
        Array.from({ length: width }, (_, j) => {
          let total = 0
          for (let row = 0; row < matrix.length; row += width) total += matrix[row + i] * matrix[row + j]
          return total
        }),
      )
      const diagonal = sum.reduce((total, one, i) => total + one[i], 0) / width
      return sum.map((row, i) => row.map((value, j) => value + (i === j ? share * diagonal : 0)))
    }
    const [G, M] = [gram(X, D, 0.1), gram(A, K, 0.5)]
    for (let d = 0; d < D; d++) {
      for (let k = 0; k < K; k++) {
        let left = 0
        for (let i = 0; i < D; i++) for (let j = 0; j < K; j++) left += G[d][i] * weights[j * D + i] * M[j][k]
        let right = 0
        splits.trainval.forEach((image, row) => {
          for (let s = 0; s < seen; s++) right += X[row * D + d] * (labels[image] === s ? 1 : -1) * A[s * K + k]
        })
        expect(Math.abs(left - right)).toBeLessThan(1e-3 * (1 + Math.abs(right)))
      }
    }

    const scores = await eszslScores(products, weights, X.subarray(0, 2 * D), D, A, K)
    let expected = 0
    for (let d = 0; d < D; d++) for (let k = 0; k < K; k++) expected += X[D + d] * weights[k * D + d] * A[5 * K + k]
    expect(scores[seen + 5]).toBeCloseTo(expected, 4)
    await products.release()
  })
})

describe('a run of ESZSL', () => {
  let outcome: EszslOutcome | null = null
  const progress: number[] = []
  beforeAll(async () => {
    outcome = await run(madeDataset(), undefined, (share) => progress.push(share))
  })

  it('recognises classes it never saw, far above chance, and says so from held-out classes alone', () => {
    expect(outcome?.measured.T1).toBeGreaterThan(80)
    expect(outcome?.figures.heldOut.T1).toBeGreaterThan(80)
    const at = outcome?.measured.stacking.accuraciesAt(outcome.gamma)
    expect(at?.H).toBeGreaterThan(50)
    expect(outcome?.figures.parameters).toBe(K * D)
  })

  it('knows how sure it may be', () => {
    expect(outcome?.confidence?.temperature).toBeGreaterThan(0)
    expect(outcome?.confidence?.noneBelow).toBeGreaterThan(0)
  })

  it('tells its progress from 0 to 1', () => {
    expect(progress[0]).toBe(0)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(progress.at(-1)).toBeLessThan(1)
  })

  it('chooses the same, whatever the labels of the test images are', async () => {
    const spoiled = await run(
      madeDataset((label) => (label < seen ? (label + 1) % seen : label === seen ? seen + 1 : label)),
    )
    expect(spoiled?.model.weights).toEqual(outcome?.model.weights)
    expect([spoiled?.gamma, spoiled?.confidence, spoiled?.ridges, spoiled?.figures]).toEqual([
      outcome?.gamma,
      outcome?.confidence,
      outcome?.ridges,
      outcome?.figures,
    ])
    expect(spoiled?.measured.T1).not.toEqual(outcome?.measured.T1)
  })

  it('stops when told', async () => {
    const controller = new AbortController()
    controller.abort()
    expect(await run(madeDataset(), controller.signal)).toBeNull()
  })

  it('says what is missing without features', async () => {
    await expect(run({ ...madeDataset(), features: null })).rejects.toMatchObject({ code: 'training/no-features' })
  })

  it('measures nothing, and still estimates, where there is no outer test at all', async () => {
    const dataset = madeDataset()
    const none = new Int32Array()
    const trained = await run({
      ...dataset,
      splits: { ...dataset.splits, testSeen: none, testUnseen: none },
      unseenClasses: none,
    })
    expect(trained?.measured).toMatchObject({ T1: null, plain: { U: null, S: null, H: null }, ausuc: null })
    expect(trained?.figures.heldOut.T1).toBeGreaterThan(50) // chance: 17
    expect(trained?.gamma).toSatisfy(Number.isFinite) // of either sign
  })
})
