import { count, grouped, type Counts, type DatasetManifest, type Finding } from '../../contract/index.ts'
import { classRoles, type Splits } from './dataset.ts'
import { examplesOf } from './findings.ts'
import { photoFindings, photoRoles, sizesByHash, withoutAttributes } from './judge-photos.ts'
import { checkSplits, noSplits } from './judge-splits.ts'
import type { DatasetSource } from './source.ts'

/** A source that has been looked over: what is wrong with it, and (where nothing is) its lists in their final form. */
export interface Judgement {
  readonly counts: Counts
  readonly splitSizes: DatasetManifest['splits']
  readonly minusOnes: number
  readonly findings: readonly Finding[]
  readonly labels: Int32Array | null
  /** Empty where photos will be split by content hash; `splitSizes` are then those that the lists will have. */
  readonly splits: Splits
}

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
      message: `Labels name classes that the attributes do not have; there are ${grouped(classes)}.`,
      next: 'Check that features and attributes belong together.',
      examples: examplesOf(wrongLabels),
    })
  }

  const { lists, findings: splitProblems } = checkSplits(source)
  findings.push(...splitProblems)
  const labels = source.labels === null ? null : Int32Array.from(source.labels)
  const sound = !findings.some((finding) => finding.level === 'problem')
  const known = sound && labels !== null ? labels : new Int32Array()
  const photos = source.photos !== null && sound
  const roles = photos ? photoRoles(source, known, lists) : classRoles(classes, known, lists)
  if (sound && labels !== null && source.photos?.length !== 0) findings.push(...roleFindings(source, roles))
  if (photos) findings.push(...photoFindings(source, roles))

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
    splitSizes: photos && source.splits === null ? sizesByHash(source, roles) : sizesOf(lists),
    minusOnes,
    findings,
    labels,
    splits: lists,
  }
}

const sizesOf = ({ trainval, testSeen, testUnseen, train, validation }: Splits): Judgement['splitSizes'] => ({
  trainval: trainval.length,
  testSeen: testSeen.length,
  testUnseen: testUnseen.length,
  train: train?.length ?? null,
  validation: validation?.length ?? null,
})

function classFindings({ classNames, features, photos }: DatasetSource): Finding[] {
  const seen = new Set<string>()
  const doubled = classNames.filter((name) => seen.size === seen.add(name).size)
  const nameless = classNames.flatMap((name, index) => (name.trim() === '' ? [`class ${index + 1} has none`] : []))
  if (classNames.length === 0 || doubled.length > 0 || nameless.length > 0) {
    return [
      {
        level: 'problem',
        code: 'dataset/class-names',
        message: 'Every class needs a name of its own.',
        next: 'Name each class once.',
        examples: examplesOf([...doubled.filter((name) => name.trim() !== ''), ...nameless]),
      },
    ]
  }
  const size =
    features !== null
      ? `, ${count(features.rows, 'image')} with ${count(features.columns, 'feature')} each`
      : photos !== null && photos.length > 0
        ? `, ${count(photos.length, 'photo')}`
        : ''
  return [{ level: 'ok', code: 'dataset/contents', message: `${count(classNames.length, 'class', 'classes')}${size}.` }]
}

function attributeFindings(source: DatasetSource, minusOnes: number, unknown: number): Finding[] {
  const { attributes, attributeNames, classNames } = source
  const width = attributeNames.length
  if (width === 0 && source.photos !== null && source.photos.length > 0) return [withoutAttributes]
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
    { level: 'ok', code: 'dataset/attributes', message: `${count(width, 'attribute')} for each class.` },
  ]
  if (unknown > 0) {
    findings.push({
      level: 'ok',
      code: 'dataset/unknown-attributes',
      message: `${count(unknown, 'attribute value is', 'attribute values are')} not known; the method goes without.`,
    })
  }
  if (minusOnes > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/minus-one',
      message: `${count(minusOnes, 'attribute value is', 'attribute values are')} −1. The AWA datasets write “not known” so.`,
      next: 'Choose whether −1 is a value or means “not known”.',
    })
  }
  const blank = classNames.filter((_, c) => attributes.subarray(c * width, (c + 1) * width).every(Number.isNaN))
  if (blank.length > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/class-without-attributes',
      message: `${count(blank.length, 'class has', 'classes have')} no known attribute and cannot be told apart by attributes.`,
      next:
        source.photos === null
          ? 'Describe them, or take them out.'
          : 'Check how they are spelt in the table, or describe them after the import.',
      examples: examplesOf(blank),
    })
  }
  return findings
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
        message: `${count(both.length, 'class is', 'classes are')} tested as unseen and trained on.`,
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
      message: `${count(stray.length, 'class is tested as seen, but has', 'classes are tested as seen, but have')} no image to train on.`,
      examples: named(stray),
    })
  }
  const idle = roles.flatMap((role, index) => (role === 'none' ? [index] : []))
  if (idle.length > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/class-without-images',
      message: `${count(idle.length, 'class takes', 'classes take')} no part, being in neither the training nor the unseen test images.`,
      examples: named(idle),
    })
  }
  const seen = roles.filter((role) => role === 'seen').length
  const unseen = roles.filter((role) => role === 'unseen').length
  findings.push(
    seen === 0
      ? { level: 'warning', code: 'dataset/nothing-seen', message: 'No class has an image to train on.' }
      : {
          level: 'ok',
          code: 'dataset/roles',
          message: `${count(seen, 'seen class', 'seen classes')}, ${count(unseen, 'unseen', 'unseen')}.`,
        },
  )
  return findings
}
