import { classAccuracies } from '../evaluation/accuracy.ts'
import { calibratedStacking } from '../evaluation/calibrated-stacking.ts'
import { kappas, photoCounts, type FirstPhotos } from '../evaluation/first-photos.ts'
import type { HeldOutClass } from '../evaluation/held-out.ts'
import type { Measured } from '../evaluation/measure.ts'
import type { VisualStandIn } from '../inference/scorer.ts'
import { createRandom } from '../random.ts'
import type { Judged } from './measure-model.ts'
import { allClasses, type HoldOut } from './protocol.ts'

const mostPhotos = Math.max(...photoCounts)
const fewestMeasured = 3 // images of a class beside those that it is given
const measuredImages = 400 // of all classes together; more change the mean's first decimal and cost time

/** Each held-out class at the hold-out's own γ, and how near another class is to it in the learned semantic space. */
export async function eachHeldOutClass(
  { scorer, model }: Judged,
  holdOut: HoldOut,
  { stacking, labels }: Measured,
  gamma: number,
): Promise<HeldOutClass[]> {
  const { unseenClasses } = holdOut
  const all = allClasses(holdOut)
  const cosines = await scorer.similarity(model, unseenClasses, all)
  const measured = new Map(classAccuracies(stacking.predictionsAt(gamma), labels).map((one) => [one.class, one]))
  return Array.from(unseenClasses).flatMap((one, row) => {
    const found = measured.get(one)
    if (!found) return []
    const others = cosines.subarray(row * all.length, (row + 1) * all.length).filter((_, at) => all[at] !== one)
    return [{ ...found, nearest: others.reduce((a, b) => Math.max(a, b), -1) }]
  })
}

/**
 * How much better a held-out class is told with its first photos: its visual mean is (1 − w) of its anchors' and w of its
 * photos', w = n / (n + κ), for all held-out classes at once. The photos are drawn with the seed and never measured.
 */
export async function tryFirstPhotos(
  judged: Judged,
  holdOut: HoldOut,
  gamma: number,
  seed: number,
): Promise<FirstPhotos> {
  const { scorer, model, features, labels } = judged
  const D = model.classMeans.length / model.seenClasses.length
  const drawn = drawPhotos(judged, holdOut, seed)
  const images = drawn.flatMap(({ measured }) => measured)
  const rows = Int32Array.from(images)
  const classes = allClasses(holdOut)

  const accuracies = async (visual: ReadonlyMap<number, VisualStandIn>): Promise<number[]> => {
    const scores = await (await scorer.span(model, classes, visual)).scores(features, rows)
    const own = rows.map((image) => labels[image])
    const stacking = calibratedStacking({ scores, classes, labels: own, seenClasses: holdOut.seenClasses })
    return classAccuracies(stacking.predictionsAt(gamma), own).map(({ accuracy }) => accuracy)
  }
  if (drawn.length === 0) return { none: [], some: kappas.map(() => photoCounts.map(() => [])) }
  const means = photoCounts.map(
    (n) => new Map(drawn.map((one) => [one.class, meanOf(features, D, one.photos.slice(0, n))])),
  )
  const some: number[][][] = []
  for (const kappa of kappas) {
    const ofThis: number[][] = []
    for (const [at, n] of photoCounts.entries()) {
      const weight = n / (n + kappa)
      const given = [...means[at]].map(([one, mean]) => [one, { anchors: null, photos: { mean, weight } }] as const)
      ofThis.push(await accuracies(new Map(given)))
    }
    some.push(ofThis)
  }
  return { none: await accuracies(new Map()), some }
}

/** Of each held-out class with enough images: those that it is given, and others to measure on. Ascending classes. */
function drawPhotos({ labels }: Judged, { unseenClasses, testUnseen }: HoldOut, seed: number) {
  const random = createRandom(seed).fork('first photos')
  const perClass = Math.max(fewestMeasured, Math.floor(measuredImages / unseenClasses.length))
  return Array.from(unseenClasses).flatMap((one) => {
    const images = random.shuffle(Array.from(testUnseen.filter((image) => labels[image] === one)))
    if (images.length < mostPhotos + fewestMeasured) return []
    return [
      { class: one, photos: images.slice(0, mostPhotos), measured: images.slice(mostPhotos, mostPhotos + perClass) },
    ]
  })
}

function meanOf(features: Float32Array, D: number, images: readonly number[]): Float32Array {
  const mean = new Float32Array(D)
  for (const image of images) for (let d = 0; d < D; d++) mean[d] += features[image * D + d] / images.length
  return mean
}
