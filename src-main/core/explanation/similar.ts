import type { Explanation } from '../../contract/index.ts'
import type { StoredImages } from '../datasets/index.ts'

const most = 8

/**
 * Training images that are most like one: by the cosine of scaled features. Every training image is read from the disk, in
 * pieces.
 * @param asked features of the one (D), scaled. @param scale scales features in place, but for a row's length, which a cosine
 * does not know. @param but the one itself, where it is among them.
 */
export async function mostSimilar(
  stored: StoredImages,
  asked: Float32Array,
  scale: (features: Float32Array) => void,
  but: number | null,
): Promise<Explanation['similar']> {
  const { classNames, labels, trainval } = stored
  const length = Math.sqrt(dot(asked, asked))
  let best: { image: number; cosine: number }[] = []
  const images = trainval.filter((image) => image !== but)
  let at = 0
  for await (const row of stored.features(images)) {
    const image = images[at++]
    scale(row)
    const cosine = dot(asked, row) / (length * Math.sqrt(dot(row, row)) || 1)
    if (best.length === most && cosine <= best[most - 1].cosine) continue
    best = [...best, { image, cosine }].sort((a, b) => b.cosine - a.cosine).slice(0, most)
  }
  const imageFiles = await stored.imageFiles()
  return best.map(({ image, cosine }) => ({
    ...{ image, cosine },
    name: imageFiles?.[image] ?? String(image),
    class: classNames[labels[image]],
  }))
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}
