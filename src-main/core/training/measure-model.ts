import { measure, type Measured, type MeasuredImages, type ScoreImages } from '../evaluation/measure.ts'
import type { Model, Scorer } from '../inference/scorer.ts'

/** A model and the scaled features that it is asked about, N×D, with the class of each. */
export interface Judged {
  readonly scorer: Scorer
  readonly model: Model
  readonly features: Float32Array
  readonly labels: Int32Array
}

/** T1, U, S, H and the curve of a model on some images (METHOD.md section 6). */
export function measureModel(judged: Judged, images: Omit<MeasuredImages, 'labels'>): Promise<Measured> {
  return measure(scoring(judged), { ...images, labels: judged.labels })
}

export const scoring =
  ({ scorer, model, features }: Judged): ScoreImages =>
  async (images, classes) =>
    (await scorer.span(model, classes)).scores(features, images)
