import type { Accuracies } from '../../contract/index.ts'
import { fitConfidence } from '../evaluation/confidence.ts'
import { judgeHoldOut, spread, type HoldOutOutcome } from '../evaluation/held-out.ts'
import type { Measured } from '../evaluation/measure.ts'
import { createRandom } from '../random.ts'
import { eachHeldOutClass, tryFirstPhotos } from './held-out-classes.ts'
import { measureModel, scoring, type Judged } from './measure-model.ts'
import { allClasses, type HoldOut, type TrainingLists } from './protocol.ts'

const scoredImages = 1000 // training images whose scores give γ its scale (METHOD.md section 12)
const looksAt = 1200 // held-out images of one look; the judgement at the end takes all

/** What is shown of a hold-out, percent. */
export interface HeldOutFigures {
  readonly T1: number
  readonly U: number
  readonly S: number
  readonly H: number
}

/** A quick look at a hold-out while it trains, at the γ that suits it now, on a part of its images. */
export async function look(judged: Judged, holdOut: HoldOut): Promise<HeldOutFigures> {
  const thin = (images: Int32Array) => {
    const every = Math.max(1, Math.ceil((2 * images.length) / looksAt))
    return images.filter((_, at) => at % every === 0)
  }
  const testSeen = thin(holdOut.testSeen)
  const testUnseen = thin(holdOut.testUnseen)
  return figuresOf(await measureModel(judged, { ...holdOut, testSeen, testUnseen }))
}

/** At the γ that suits this hold-out: what is shown while it trains. */
function figuresOf({ T1, stacking }: Pick<Measured, 'T1' | 'stacking'>): HeldOutFigures {
  const { U, S, H }: Accuracies = stacking.accuraciesAt(stacking.suggestedGamma())
  return { T1: T1 ?? 0, U: U ?? 0, S: S ?? 0, H: H ?? 0 }
}

/** Standard deviation of the scores of some training images over all classes: the unit of γ. */
export async function scoreScale({ scorer, model, features }: Judged, lists: TrainingLists, seed: number) {
  const { train } = lists
  const random = createRandom(seed).fork('score scale')
  const rows = random.sample(train.length, Math.min(scoredImages, train.length)).map((at) => train[at])
  const span = await scorer.span(model, allClasses(lists))
  return spread(await span.scores(features, rows))
}

/** What a hold-out's finished model says. */
export async function judge(
  judged: Judged,
  holdOut: HoldOut,
  seed: number,
): Promise<{ outcome: HoldOutOutcome; figures: HeldOutFigures }> {
  const measured = await measureModel(judged, holdOut)
  const deviation = await scoreScale(judged, holdOut, seed)
  const gamma = measured.stacking.suggestedGamma()
  const images = { ...holdOut, labels: judged.labels }
  const confidence = await fitConfidence(scoring(judged), images, gamma, deviation)
  return {
    outcome: judgeHoldOut(measured.stacking, {
      ...{ T1: measured.T1 ?? 0, deviation, gamma, confidence },
      classes: await eachHeldOutClass(judged, holdOut, measured, gamma),
      firstPhotos: await tryFirstPhotos(judged, holdOut, gamma, seed),
    }),
    figures: figuresOf(measured),
  }
}
