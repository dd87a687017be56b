import type { Counts, DatasetManifest, Finding } from '../../contract/index.ts'
import { classRoles, type Splits } from './dataset.ts'
import type { DatasetSource, SourceSplits } from './source.ts'

/** A source that has been looked over: what is wrong with it, and (where nothing is) its lists in their final form. */
export interface Judgement {
  readonly counts: Counts
  readonly splitSizes: DatasetManifest['splits']
  readonly minusOnes: number
  readonly findings: readonly Finding[]
  readonly labels: Int32Array | null
  readonly splits: Splits
}

const count = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}`
const examplesOf = (values: Iterable<string | number>): string[] => [...values].slice(0, 20).map(String)

/** Looks over everything but the feature values. */
export function judge(source: DatasetSource): Judgement {
  const findings: Finding[] = [...source.findings]
  const classes = source.classNames.length

  findings.push(...classFindings(source))
  const minusOnes = source.attributes.reduce((sum, value) => sum + (value === -1 ? 1 : 0), 0)
  const unknown = source.attributes.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0)
  findings.push(...attributeFindings(source, minusOnes, unknown))

  const wrongLabels = new Set(
    source.labels?.filter((label) => !(Number.isInteger(label) && label >= 0 && label < classes)),
  )
  if (wrongLabels.size > 0) {
    findings.push({
      level: 'problem',
      code: 'dataset/label-without-class',
      message: `Labels name classes that the attributes do not have; there are ${classes}.`,
      next: 'Check that features and attributes belong together.',
      examples: examplesOf(wrongLabels),
    })
  }

  const { lists, findings: splitProblems } = checkSplits(source)
  findings.push(...splitProblems)
  const labels = source.labels === null ? null : Int32Array.from(source.labels)
  const sound = !findings.some((finding) => finding.level === 'problem')
  const roles = classRoles(classes, sound && labels !== null ? labels : new Int32Array(), lists)
  if (sound && labels !== null) findings.push(...roleFindings(source, roles))

  return {
    counts: {
      images: labels?.length ?? 0,
      classes,
      seen: roles.filter((role) => role === 'seen').length,
      unseen: roles.filter((role) => role === 'unseen').length,
      attributes: source.attributeNames.length,
      unknownAttributes: unknown,
      features: source.features?.columns ?? null,
    },
    splitSizes: {
      trainval: lists.trainval.length,
      testSeen: lists.testSeen.length,
      testUnseen: lists.testUnseen.length,
      train: lists.train?.length ?? null,
      validation: lists.validation?.length ?? null,
    },
    minusOnes,
    findings,
    labels,
    splits: lists,
  }
}

function classFindings({ classNames, features }: DatasetSource): Finding[] {
  const seen = new Set<string>()
  const doubled = classNames.filter((name) => seen.size === seen.add(name).size)
  if (classNames.length === 0 || doubled.length > 0 || classNames.some((name) => name.trim() === '')) {
    return [
      {
        level: 'problem',
        code: 'dataset/class-names',
        message: 'Every class needs a name of its own.',
        next: 'Name each class once.',
        examples: examplesOf(doubled),
      },
    ]
  }
  const size =
    features === null ? '' : `, ${count(features.rows, 'images')} with ${count(features.columns, 'features each')}`
  return [{ level: 'ok', code: 'dataset/contents', message: `${count(classNames.length, 'classes')}${size}.` }]
}

function attributeFindings(source: DatasetSource, minusOnes: number, unknown: number): Finding[] {
  const { attributes, attributeNames, classNames } = source
  const width = attributeNames.length
  if (width === 0 || attributes.includes(Infinity) || attributes.includes(-Infinity)) {
    return [
      {
        level: 'problem',
        code: 'dataset/attributes-not-finite',
        message: width === 0 ? 'There are no attributes.' : 'Some attributes are infinite.',
        next: 'Give each class finite numbers; leave out what is not known.',
      },
    ]
  }
  const findings: Finding[] = [
    { level: 'ok', code: 'dataset/attributes', message: `${count(width, 'attributes')} for each class.` },
  ]
  if (unknown > 0) {
    findings.push({
      level: 'ok',
      code: 'dataset/unknown-attributes',
      message: `${count(unknown, 'attribute values')} are not known; the method leaves them out.`,
    })
  }
  if (minusOnes > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/minus-one',
      message: `${count(minusOnes, 'attribute values')} are −1. The AWA datasets write “not known” so.`,
      next: 'Choose whether −1 is a value or means “not known”.',
    })
  }
  const blank = classNames.filter((_, c) => attributes.subarray(c * width, (c + 1) * width).every(Number.isNaN))
  if (blank.length > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/class-without-attributes',
      message: `${count(blank.length, 'classes')} have no known attribute and cannot be told apart by them.`,
      next: 'Describe them, or take them out.',
      examples: examplesOf(blank),
    })
  }
  return findings
}

const noSplits: SourceSplits = {
  trainval: new Float64Array(),
  testSeen: new Float64Array(),
  testUnseen: new Float64Array(),
  train: null,
  validation: null,
}

/** Checks each list for itself and against the others; what comes back is clean where no problem is reported. */
function checkSplits(source: DatasetSource): { lists: Splits; findings: Finding[] } {
  const findings: Finding[] = []
  // Without labels nobody knows how many images there are.
  const images = source.labels?.length ?? 2 ** 31
  const owner = new Map<number, string>()
  const shared = new Set<number>()
  let doubled = 0
  const outside = new Set<number>()

  const clean = (list: Float64Array): Int32Array => {
    const unique = new Set<number>()
    for (const index of list) {
      if (!Number.isInteger(index) || index < 0 || index >= images) outside.add(index)
      else if (unique.size === unique.add(index).size) doubled++
    }
    return Int32Array.from(unique)
  }
  const own = (name: string, list: Float64Array): Int32Array => {
    const indices = clean(list)
    for (const index of indices) {
      if (owner.has(index)) shared.add(index)
      else owner.set(index, name)
    }
    return indices
  }
  const splits = source.splits ?? noSplits
  const trainval = own('trainval', splits.trainval)
  const testSeen = own('testSeen', splits.testSeen)
  const testUnseen = own('testUnseen', splits.testUnseen)

  // The benchmark's train_loc and val_loc together also hold the seen test images: nothing that chooses may see those.
  let leaked = 0
  const within = (list: Float64Array | null): Int32Array | null => {
    if (list === null) return null
    const indices = clean(list)
    const kept = indices.filter((index) => owner.get(index) === 'trainval')
    leaked += indices.length - kept.length
    return kept
  }
  const train = within(splits.train)
  const validation = within(splits.validation)

  if (outside.size > 0) {
    findings.push({
      level: 'problem',
      code: 'dataset/split-outside-images',
      message: `The splits name images that are not there; there are ${source.labels?.length ?? 'none known'}.`,
      next: 'Check that features and splits belong together.',
      examples: examplesOf(outside),
    })
  }
  if (shared.size > 0) {
    findings.push({
      level: 'problem',
      code: 'dataset/overlapping-splits',
      message: `${count(shared.size, 'images')} are in more than one of trainval, test seen and test unseen.`,
      next: 'Each image may train or test, not both: any result would be worthless. Correct the splits.',
      examples: examplesOf(shared),
    })
  }
  if (doubled > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/repeated-in-split',
      message: `${count(doubled, 'entries')} repeat an image that its list already has; each counts once.`,
    })
  }
  if (leaked > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/test-images-in-validation',
      message: `${count(leaked, 'images')} of the train and validation lists are not in trainval; they are left out, so that no choice sees a test image.`,
    })
  }
  return { lists: { trainval, testSeen, testUnseen, train, validation }, findings }
}

function roleFindings(source: DatasetSource, roles: readonly ('seen' | 'unseen' | 'none')[]): Finding[] {
  const labels = source.labels!
  const { classNames } = source
  const splits = source.splits ?? noSplits
  const named = (classes: Iterable<number>) => examplesOf([...classes].map((index) => classNames[index]))
  const unseenTested = new Set(splits.testUnseen.map((image) => labels[image]))
  const both = [...unseenTested].filter((index) => roles[index] === 'seen')
  if (both.length > 0) {
    return [
      {
        level: 'problem',
        code: 'dataset/unseen-class-in-training',
        message: `${count(both.length, 'classes')} are tested as unseen and trained on.`,
        next: 'A class is seen or unseen, not both. Correct the splits.',
        examples: named(both),
      },
    ]
  }
  const findings: Finding[] = []
  const stray = [...new Set(splits.testSeen.map((image) => labels[image]))].filter((index) => roles[index] !== 'seen')
  if (stray.length > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/test-seen-without-training',
      message: `${count(stray.length, 'classes')} are tested as seen, but have no image to train on.`,
      examples: named(stray),
    })
  }
  const idle = roles.flatMap((role, index) => (role === 'none' ? [index] : []))
  if (idle.length > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/class-without-images',
      message: `${count(idle.length, 'classes')} are in neither the training nor the unseen test images and take no part.`,
      examples: named(idle),
    })
  }
  const seen = roles.filter((role) => role === 'seen').length
  const unseen = roles.filter((role) => role === 'unseen').length
  findings.push(
    seen === 0
      ? { level: 'warning', code: 'dataset/nothing-seen', message: 'No class has an image to train on.' }
      : { level: 'ok', code: 'dataset/roles', message: `${count(seen, 'seen classes')}, ${count(unseen, 'unseen')}.` },
  )
  return findings
}
