import type { Explanation } from '../../contract/index.ts'
import { openStoredImages } from '../datasets/index.ts'
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
  const scale = (features: Float32Array): Float32Array =>
    scaleNewFeatures(features, features.length, run.config.featureScaling, context.statistics)
  return {
    explain: async ({ image: place, cast, gamma, against }) => {
      const stored = dataset === null ? null : await openStoredImages(dataset, run.datasetHash)
      const image = scale(await featuresOf(place, stored))
      const said = await explain(await explainable(image, cast), descriptions.attributeNames, gamma, against)
      const itself = place.kind === 'dataset' ? place.image : null
      // A dataset that is changed just now has nothing to show.
      const similar = stored ? await mostSimilar(stored, image, scale, itself).catch(() => []) : []
      return { ...said, similar }
    },
  }
}
