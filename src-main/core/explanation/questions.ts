import type { Explanation } from '../../contract/index.ts'
import { openStoredImages, type StoredImages } from '../datasets/index.ts'
import type { OpenRun, RunPlace } from '../inference/open-run.ts'
import { scaleNewFeatures } from '../method/scaling.ts'
import type { Cast } from '../studio/extend-model.ts'
import type { ClassDescriptions, ModelContext } from '../training/stored-model.ts'
import { featuresOf, type ImagePlace } from './asked-image.ts'
import { explain } from './explain.ts'
import type { Explainable } from './explainable.ts'
import { explainIpn } from './ipn.ts'
import { redescribedNetwork } from './redescribed.ts'
import { mostSimilar } from './similar.ts'

export interface ExplainQuestion {
  readonly image: ImagePlace
  /** Who took part when the image was given its label. */
  readonly cast: Cast
  readonly gamma: number
  /** By its place among the classes; null: the runner-up. */
  readonly against: number | null
}

// A type, not an interface: only that is also a table of questions.
export type ExplanationQuestions = { explain(question: ExplainQuestion): Promise<Explanation> }

export function explanationQuestions(run: OpenRun): ExplanationQuestions {
  const network = redescribedNetwork(run.network.parameters, run.run.config, run.widths)
  return answering(run, (image, cast) => explainIpn(run, network, cast, image))
}

interface Explained extends RunPlace {
  readonly context: ModelContext
  readonly descriptions: ClassDescriptions
}

/** The questions of any method, given what that says of an image (scaled features). */
export function answering(
  { dataset, run, context, descriptions }: Explained,
  explainable: (image: Float32Array, cast: Cast) => Promise<Explainable> | Explainable,
): ExplanationQuestions {
  const { featureScaling } = run.config
  const scale = (features: Float32Array): Float32Array =>
    scaleNewFeatures(features, features.length, featureScaling, context.statistics)
  const align = featureScaling === 'standard' ? scale : () => undefined
  let kept: StoredImages | null = null
  const images = async (): Promise<StoredImages | null> => {
    if (dataset === null) return null
    if (!(await kept?.isThere())) kept = await openStoredImages(dataset, run.datasetHash)
    return kept
  }
  return {
    explain: async ({ image: place, cast, gamma, against }) => {
      const stored = await images()
      const image = scale(await featuresOf(place, stored))
      const itself = place.kind === 'dataset' ? place.image : null
      // A dataset that is changed or removed just now has nothing to show.
      const similar = stored ? mostSimilar(stored, image, align, itself).catch(() => []) : []
      const said = await explain(await explainable(image, cast), descriptions.attributeNames, gamma, against)
      return { ...said, similar: await similar }
    },
  }
}
