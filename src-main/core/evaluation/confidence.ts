import type { Confidence } from '../../contract/index.ts'
import type { Scored } from './accuracy.ts'
import type { MeasuredImages, ScoreImages } from './measure.ts'

const fittedImages = 2000 // held-out images that a fit looks at; more change its third digit and cost time
const temperatures = [1e-3, 1e3] as const // between which T is sought, in units of the scores' deviation
const goldenSteps = 24 // of the search: log T is known to 1e-4 then, while more images change the third digit of T
const goldenShare = (Math.sqrt(5) - 1) / 2
const nearlyBest = 0.95 // share of the best balanced accuracy that the threshold must reach
const leastUseful = 0.55 // balanced accuracy below which a threshold is as good as a coin

/**
 * How sure a hold-out's model may be of what it says. γ is the hold-out's own, `deviation` that of its scores. Only the
 * measuring images of the hold-out are looked at, which are all in trainval.
 */
export async function fitConfidence(
  score: ScoreImages,
  holdOut: MeasuredImages,
  gamma: number,
  deviation: number,
): Promise<Confidence> {
  const { labels, seenClasses, unseenClasses, ...lists } = holdOut
  const all = Int32Array.from([...lists.testSeen, ...lists.testUnseen])
  const every = Math.max(1, Math.ceil(all.length / fittedImages))
  const images = all.filter((_, at) => at % every === 0)
  const over = async (unseen: Int32Array): Promise<Calibrated> => {
    const classes = Int32Array.from([...seenClasses, ...unseen]).sort()
    const scores = await score(images, classes)
    return calibrated({ scores, classes, labels: images.map((image) => labels[image]) }, seenClasses, gamma)
  }

  const temperature = fitTemperature(await over(unseenClasses), deviation)
  // Every held-out class is once absent from the labels, so that each of its images is truly none of them.
  const halves = [0, 1].map((half) => unseenClasses.filter((_, at) => at % 2 === half))
  const answers: Named[] = []
  for (const half of halves) answers.push(...named(await over(half), temperature))
  return { temperature, noneBelow: fitThreshold(answers) }
}

/** Scores with γ taken off those of the seen classes. */
export type Calibrated = Scored

function calibrated(scored: Scored, seenClasses: Int32Array, gamma: number): Calibrated {
  const seen = new Set(seenClasses)
  const isSeen = Array.from(scored.classes, (one) => seen.has(one))
  const columns = isSeen.length
  return { ...scored, scores: scored.scores.map((one, at) => (isSeen[at % columns] ? one - gamma : one)) }
}

/**
 * The T at which the softmax of scores / T gives the labels the highest likelihood, every class counting alike. The
 * negative log likelihood is convex in 1 / T, so that a golden section finds its only minimum. `unit`: the scores' spread.
 */
export function fitTemperature(scored: Calibrated, unit: number): number {
  const loss = (logarithm: number) => meanNegativeLogLikelihood(scored, unit * Math.exp(logarithm))
  let [low, high] = temperatures.map((one) => Math.log(one))
  let left = high - goldenShare * (high - low)
  let right = low + goldenShare * (high - low)
  let [lossLeft, lossRight] = [loss(left), loss(right)]
  for (let step = 0; step < goldenSteps; step++) {
    if (lossLeft <= lossRight) {
      ;[high, right, lossRight] = [right, left, lossLeft]
      left = high - goldenShare * (high - low)
      lossLeft = loss(left)
    } else {
      ;[low, left, lossLeft] = [left, right, lossRight]
      right = low + goldenShare * (high - low)
      lossRight = loss(right)
    }
  }
  return unit * Math.exp((low + high) / 2)
}

function meanNegativeLogLikelihood({ scores, classes, labels }: Calibrated, temperature: number): number {
  const columns = classes.length
  const columnOf = new Map(Array.from(classes, (one, column) => [one, column]))
  const weights = balanced(labels)
  // As if one more image had been of any class (Platt 1999): a model that is always right is not certain for ever.
  const strays = 1 / (labels.length + 2)
  let sum = 0
  labels.forEach((label, row) => {
    const { most, logSum, mean } = logSumOf(scores, row, columns, temperature)
    const own = scores[row * columns + columnOf.get(label)!] / temperature
    sum += weights[row] * (most + logSum - (1 - strays) * own - strays * mean)
  })
  return sum
}

/** log Σ exp(score / T) of a row, its largest term taken out; that term, and the mean of all. */
function logSumOf(scores: Float32Array, row: number, columns: number, temperature: number) {
  const end = (row + 1) * columns
  let most = -Infinity
  for (let at = row * columns; at < end; at++) if (scores[at] > most) most = scores[at]
  let [sum, total] = [0, 0]
  for (let at = row * columns; at < end; at++) {
    total += scores[at]
    sum += Math.exp((scores[at] - most) / temperature)
  }
  return { most: most / temperature, logSum: Math.log(sum), mean: total / columns / temperature }
}

/** Sums to 1; every class weighs the same, however many images it has. */
function balanced(labels: Int32Array): Float64Array {
  const images = new Map<number, number>()
  for (const label of labels) images.set(label, (images.get(label) ?? 0) + 1)
  return Float64Array.from(labels, (label) => 1 / (images.size * images.get(label)!))
}

/** One image: how probable its best class is, and whether its own class is among the labels at all. */
export interface Named {
  readonly probability: number
  readonly present: boolean
  /** What it counts for. */
  readonly weight: number
}

function named({ scores, classes, labels }: Calibrated, temperature: number): Named[] {
  const known = new Set(classes)
  const weights = balanced(labels)
  return Array.from(labels, (label, row) => ({
    // The largest term of the softmax is exp(0) of the sum.
    probability: Math.exp(-logSumOf(scores, row, classes.length, temperature).logSum),
    present: known.has(label),
    weight: weights[row],
  }))
}

/**
 * The lowest probability that tells images of a named class from all others nearly as well as any (balanced accuracy):
 * what is gained above it would be paid by photos of known classes that get no name. On held-out classes of photos it
 * keeps 8 of 10 where the best keeps 7. null where one of the two kinds is missing or nothing tells them apart.
 */
export function fitThreshold(answers: readonly Named[]): number | null {
  const total = (present: boolean) => answers.reduce((sum, one) => sum + (one.present === present ? one.weight : 0), 0)
  const [presentTotal, absentTotal] = [total(true), total(false)]
  if (presentTotal === 0 || absentTotal === 0) return null
  const sorted = answers.toSorted((a, b) => a.probability - b.probability)
  const candidates: { threshold: number; accuracy: number }[] = []
  let [presentBelow, absentBelow] = [0, 0]
  for (const [at, { probability, present, weight }] of sorted.entries()) {
    if (present) presentBelow += weight
    else absentBelow += weight
    const next = sorted.at(at + 1)
    if (next === undefined || next.probability === probability) continue
    const accuracy = (1 - presentBelow / presentTotal + absentBelow / absentTotal) / 2
    const middle = (probability + next.probability) / 2
    // Between neighbouring floating-point numbers is none, and their middle may be rounded down.
    candidates.push({ threshold: middle > probability ? middle : next.probability, accuracy })
  }
  const best = candidates.reduce((most, { accuracy }) => Math.max(most, accuracy), 0)
  if (best < leastUseful) return null
  return candidates.find(({ accuracy }) => accuracy >= nearlyBest * best)!.threshold
}
