import { count, grouped, type ClassPreview, type Finding, type RunResult } from '../../contract/index.ts'
import { examplesOf, quoted } from '../datasets/index.ts'
import type { ClassDescriptions, ModelContext } from '../training/stored-model.ts'
import { shortest } from './book.ts'
import type { Base, Computed, WithOneMore } from './described-run.ts'
import type { DescribedClass } from './extend-model.ts'
import { seenRanges } from './run-classes.ts'

// Distances between two classes are those of their final prototypes as images meet them (z W_z + b), in units of the
// usual distance of a run's class from its nearest one. CUB's nearest pair is at 0.26.

/** Where the model hardly tells two classes apart: a CUB class of which 5 to 10 of the 312 attributes change is so near. */
const nearlySame = 0.1
/** Where two final prototypes are one: their scores differ by rounding alone, so that every prediction is a tie. */
const coinciding = 1e-3
/** And their descriptions must be alike too: prototypes also meet through a visual anchor that two classes share. */
const alikeCosine = 0.9
/** Of an attribute's range among the seen classes: what is beyond by less is as good as within. */
const rangeSlack = 0.05
/** Share of the attributes; twelve of the 76 of the animals, 16 %, are still enough to find most of them. */
const fewestKnown = 0.1
/** Fewer held-out classes say nothing. */
const fewestHeldOut = 8
/** Standard errors on either side that hold the mean in 95 of 100 cases. */
const interval = 1.96

const mostNamed = 5

export interface LearnableRun {
  readonly context: ModelContext
  readonly descriptions: ClassDescriptions
}

/** What there is to say of one class more. @param spacing see `usualDistance`. */
export function learnable(
  run: LearnableRun,
  one: DescribedClass,
  base: Base,
  now: WithOneMore,
  spacing: number,
): Finding[] {
  const C = now.list.length
  const own = C - 1
  const distances = Array.from({ length: own }, (_, at) => distance(now.projected, own, at, C) / spacing)
  const cosines = now.semantic.cosine.subarray(own * C, C * C - 1)
  const near = Array.from(distances.keys())
    .filter((at) => distances[at] <= nearlySame && cosines[at] >= alikeCosine)
    .sort((a, b) => distances[a] - distances[b])
  const nameOf = (at: number): string => quoted(now.list[at].name)
  const findings: Finding[] = []

  const [anchor] = now.anchors
  const anchorAt = now.classes.indexOf(anchor.class)
  const twin = now.anchors.length === 1 && distances[anchorAt] <= coinciding && !near.includes(anchorAt)
  if (twin) {
    findings.push({
      level: 'warning',
      code: 'classes/twin-of-anchor',
      message: `After propagation it is the same to the model as its visual anchor ${nameOf(anchorAt)}: every prediction between the two is a tie.`,
      next: 'Blend other anchors into it, give it a photo, or describe it less like that class.',
    })
  }
  for (const at of near.slice(0, 3)) {
    findings.push(
      tooNear(run, one, { at, name: nameOf(at), distance: distances[at], scaled: base.scaledOf(at), own: now.scaled }),
    )
  }
  return [...findings, ...outsideOfTraining(run, one), ...unknownOf(run, one)]
}

function tooNear(
  { descriptions: { attributeNames } }: LearnableRun,
  one: DescribedClass,
  other: { at: number; name: string; distance: number; scaled: Float32Array; own: Float32Array },
): Finding {
  const differences = attributeNames
    .map((name, at) => ({ name, at, size: Math.abs(other.own[at] - other.scaled[at]) }))
    .filter(({ size }) => size > 0)
    .sort((a, b) => b.size - a.size)
  const same = other.distance <= coinciding
  const code = same ? 'classes/same' : 'classes/nearly-same'
  const alike = same ? `To the model it is ${other.name}` : `To the model it is nearly ${other.name}`
  if (differences.length === 0) {
    const oneSided = attributeNames.filter(
      (_, at) => Number.isNaN(one.attributes[at]) !== Number.isNaN(other.scaled[at]),
    )
    return {
      ...{ level: 'warning', code, message: `${alike}: all values that are known of both are the same.` },
      next: 'Change what tells them apart, or fill in what is not known.',
      ...(oneSided.length > 0 ? { examples: examplesOf(oneSided.slice(0, mostNamed)) } : {}),
    }
  }
  const named = differences.slice(0, mostNamed).map(({ name }) => name)
  return {
    ...{ level: 'warning', code },
    message: `${alike}: they differ in ${count(differences.length, 'attribute')}, most in ${named.map(quoted).join(', ')}.`,
    next: 'Set these further apart if they are, or fill in others that tell the two apart.',
    examples: examplesOf(named),
  }
}

function outsideOfTraining(run: LearnableRun, one: DescribedClass): Finding[] {
  const { attributeNames } = run.descriptions
  const [never, outside]: string[][] = [[], []]
  seenRanges(run.context, run.descriptions).forEach((range, at) => {
    const value = one.attributes[at]
    if (Number.isNaN(value)) return
    const said = `${attributeNames[at]}: ${shortest(value)}`
    if (range === null) never.push(said)
    else if (range.low === range.high) {
      if (value !== range.low) never.push(`${said} (all seen: ${shortest(range.low)})`)
    } else {
      const slack = rangeSlack * (range.high - range.low)
      if (value < range.low - slack || value > range.high + slack) {
        outside.push(`${said} (seen: ${shortest(range.low)} to ${shortest(range.high)})`)
      }
    }
  })
  const findings: Finding[] = []
  if (never.length > 0) {
    findings.push({
      level: 'warning',
      code: 'classes/never-seen',
      message: `No seen class has ${count(never.length, 'attribute')} of it, so that the model never learned what ${never.length === 1 ? 'that looks' : 'they look'} like.`,
      next: 'Describe what it shares with seen classes as well; give it a photo if there is one.',
      examples: examplesOf(never),
    })
  }
  if (outside.length > 0) {
    findings.push({
      level: 'warning',
      code: 'classes/outside-training',
      message: `${count(outside.length, 'value')} ${outside.length === 1 ? 'lies' : 'lie'} outside of what the seen classes have: the model must guess beyond what it learned.`,
      next: 'Check the values; nearer to the range of the seen classes they are safer.',
      examples: examplesOf(outside),
    })
  }
  return findings
}

/** How many of its attributes a class has a value of. */
const knownOf = ({ attributes }: DescribedClass): number =>
  attributes.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0)

function unknownOf({ descriptions: { attributeNames } }: LearnableRun, one: DescribedClass): Finding[] {
  const known = knownOf(one)
  if (known >= fewestKnown * attributeNames.length) return []
  if (known === 0) {
    return [
      {
        ...{ level: 'warning', code: 'classes/nothing-known' },
        message: one.visual?.photos
          ? 'None of its attributes is known: to the model it is its photos alone.'
          : 'Nothing is known of it yet.',
        next: 'Fill in what tells it from other classes.',
      },
    ]
  }
  return [
    {
      level: 'warning',
      code: 'classes/hardly-known',
      message: `Only ${grouped(known)} of ${count(attributeNames.length, 'attribute')} ${known === 1 ? 'is' : 'are'} known: to the model it is much like any other class.`,
      next: 'Fill in more, first of all what tells it from the nearest classes.',
    },
  ]
}

/** Median over the classes of a run of the distance to the nearest one. */
export function usualDistance({ projected, list }: Computed): number {
  const C = list.length
  const nearest = Float64Array.from({ length: C }, () => Infinity)
  for (let a = 0; a < C; a++) {
    for (let b = 0; b < a; b++) {
      const apart = distance(projected, a, b, C)
      nearest[a] = Math.min(nearest[a], apart)
      nearest[b] = Math.min(nearest[b], apart)
    }
  }
  const usual = nearest.sort()[C >> 1]
  // All classes may coincide (METHOD.md section 8), or there may be one alone.
  return Number.isFinite(usual) && usual > 0 ? usual : 1
}

function distance(projected: Float32Array, a: number, b: number, C: number): number {
  const H = projected.length / C
  let square = 0
  for (let h = 0; h < H; h++) square += (projected[a * H + h] - projected[b * H + h]) ** 2
  return Math.sqrt(square)
}

/** Held-out classes are described ones: they promise nothing of a class of which no attribute is known, so it is null. */
export const expectedAccuracy = (
  one: DescribedClass,
  nearest: number,
  heldOut: RunResult['heldOutClasses'],
): ClassPreview['estimate'] => (knownOf(one) === 0 ? null : estimateAccuracy(nearest, heldOut))

/**
 * Expected accuracy of a class whose nearest one is at this cosine: mean over the third of the held-out classes (eight at
 * least) that are most like it in that, weighted down with the difference.
 */
export function estimateAccuracy(nearest: number, heldOut: RunResult['heldOutClasses']): ClassPreview['estimate'] {
  if (heldOut.length < fewestHeldOut) return null
  const closest = heldOut
    .map((one) => ({ accuracy: one.accuracy, away: Math.abs(one.nearest - nearest) }))
    .sort((a, b) => a.away - b.away)
    .slice(0, Math.max(fewestHeldOut, Math.ceil(heldOut.length / 3)))
  const width = closest[closest.length - 1].away || 1
  const weighted = closest.map(({ accuracy, away }) => ({ accuracy, weight: 1 - away / (2 * width) }))
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0)
  const mean = weighted.reduce((sum, { accuracy, weight }) => sum + weight * accuracy, 0) / total
  const error =
    Math.sqrt(weighted.reduce((sum, { accuracy, weight }) => sum + (weight * (accuracy - mean)) ** 2, 0)) / total
  return {
    accuracy: mean,
    low: Math.max(0, mean - interval * error),
    high: Math.min(100, mean + interval * error),
    from: closest.length,
  }
}
