import type { Accuracies } from '../../contract/index.ts'
import { meanPerClassAccuracy } from './accuracy.ts'
import { calibratedStacking, type CalibratedStacking } from './calibrated-stacking.ts'

/** Scores of images (rows of the dataset) over ascending classes, images × classes: whatever the method. */
export type ScoreImages = (images: Int32Array, classes: Int32Array) => Promise<Float32Array> | Float32Array

export interface MeasuredImages {
  /** Class of every image of the dataset. */
  readonly labels: Int32Array
  readonly seenClasses: Int32Array
  readonly unseenClasses: Int32Array
  readonly testSeen: Int32Array
  readonly testUnseen: Int32Array
}

/** What METHOD.md section 6 measures. Percent; null where there are no such images. */
export interface Measured {
  readonly T1: number | null
  /** U, S and H at any γ; its rows are the seen test images, then the unseen ones. */
  readonly stacking: CalibratedStacking
  /** At γ = 0. */
  readonly plain: Accuracies
  readonly ausuc: number | null
  /** The images in the order of the stacking's rows. */
  readonly images: Int32Array
  readonly labels: Int32Array
}

export async function measure(score: ScoreImages, given: MeasuredImages): Promise<Measured> {
  const { seenClasses, unseenClasses } = given
  // A seen test image of a class that was never trained, say, belongs to neither kind.
  const [isSeen, isUnseen] = [new Set(seenClasses), new Set(unseenClasses)]
  const testSeen = given.testSeen.filter((image) => isSeen.has(given.labels[image]))
  const testUnseen = given.testUnseen.filter((image) => isUnseen.has(given.labels[image]))
  const images = Int32Array.from([...testSeen, ...testUnseen])
  const labels = images.map((image) => given.labels[image])
  const classes = Int32Array.from([...seenClasses, ...unseenClasses]).sort()
  const stacking = calibratedStacking({ scores: await score(images, classes), classes, labels, seenClasses })
  const T1 =
    testUnseen.length > 0
      ? meanPerClassAccuracy({
          scores: await score(testUnseen, unseenClasses),
          classes: unseenClasses,
          labels: labels.subarray(testSeen.length),
        })
      : null
  return { T1, stacking, plain: stacking.accuraciesAt(0), ausuc: stacking.ausuc(), images, labels }
}
