import { expect, it } from 'vitest'
import type { StoredImages } from '../datasets/index.ts'
import { mostSimilar } from './similar.ts'

const rows = [
  [1, 0],
  [2, 2],
  [0, 3],
  [-1, 0],
  [0, 0],
]
const stored = {
  classNames: ['even', 'odd'],
  labels: Int32Array.of(0, 1, 0, 1, 0),
  trainval: Int32Array.of(0, 1, 3, 4),
  imageFiles: () => Promise.resolve(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg']),
  async *features(images: Int32Array) {
    for (const image of images) yield await Promise.resolve(Float32Array.from(rows[image]))
  },
} as Partial<StoredImages> as StoredImages

const nothing = () => undefined

it('the most similar training images come first, whatever their length, and one without features last but one', async () => {
  const found = await mostSimilar(stored, Float32Array.of(5, 0), nothing, null)
  expect(found.map(({ name, class: one, cosine }) => [name, one, +cosine.toFixed(3)])).toEqual([
    ['a.jpg', 'even', 1],
    ['b.jpg', 'odd', 0.707],
    ['e.jpg', 'even', 0],
    ['d.jpg', 'odd', -1],
  ])
})

it('an image is not similar to itself, and features are scaled before they are compared', async () => {
  const shifted = (features: Float32Array): void => {
    features[0] += 1
  }
  const found = await mostSimilar(
    { ...stored, imageFiles: () => Promise.resolve(null) },
    Float32Array.of(1, 0),
    shifted,
    0,
  )
  expect(found.map(({ image, name }) => [image, name])).toEqual([
    [4, '4'],
    [1, '1'],
    [3, '3'],
  ])
})
