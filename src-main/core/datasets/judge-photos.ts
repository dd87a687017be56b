import { count, type ClassInfo, type DatasetManifest, type Finding } from '../../contract/index.ts'
import { classRoles, type Splits } from './dataset.ts'
import { examplesOf } from './findings.ts'
import type { DatasetSource } from './source.ts'

type Role = ClassInfo['role']

/** Of a seen class's photos, those that test it where no list says which. */
const testedPart = 0.2

function photosPerClass({ classNames, labels }: DatasetSource): Int32Array {
  const counts = new Int32Array(classNames.length)
  for (const label of labels ?? []) counts[label]++
  return counts
}

/** Roles of the classes of photos: a class is unseen where it is declared so, and where it has no photos. */
export function photoRoles(source: DatasetSource, labels: Int32Array, lists: Splits): Role[] {
  const counts = photosPerClass(source)
  const declared = new Set(source.unseenClasses)
  const unseen = source.classNames.map((_, index) => declared.has(index) || counts[index] === 0)
  if (source.splits === null) return unseen.map((is) => (is ? 'unseen' : 'seen'))
  return classRoles(source.classNames.length, labels, lists, unseen)
}

/** How large the lists will be that are chosen by content hash: which photos they name is not known yet. */
export function sizesByHash(source: DatasetSource, roles: readonly Role[]): DatasetManifest['splits'] {
  const sizes = { trainval: 0, testSeen: 0, testUnseen: 0, train: null, validation: null }
  photosPerClass(source).forEach((photos, index) => {
    if (roles[index] !== 'seen') sizes.testUnseen += photos
    else {
      const tested = photos < 2 ? 0 : Math.max(1, Math.round(photos * testedPart))
      sizes.testSeen += tested
      sizes.trainval += photos - tested
    }
  })
  return sizes
}

/** What a person should know of the photos before they are imported. */
export function photoFindings(source: DatasetSource, roles: readonly Role[]): Finding[] {
  const { classNames, unseenClasses } = source
  const counts = photosPerClass(source)
  const those = (wanted: (index: number) => boolean): string[] => classNames.filter((_, index) => wanted(index))
  if (counts.every((photos) => photos === 0)) return [withoutPhotos]

  const findings: Finding[] = []
  const single = those((index) => roles[index] === 'seen' && counts[index] === 1)
  if (single.length > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/class-with-one-photo',
      message: `${count(single.length, 'seen class has', 'seen classes have')} one photo: it trains, and none is left to test with.`,
      next: 'Add photos of it.',
      examples: examplesOf(single),
    })
  }
  const trained = new Set(source.splits?.trainval.map((photo) => source.labels![photo]))
  const both = [...(unseenClasses ?? [])].filter((index) => trained.has(index))
  if (both.length > 0) {
    findings.push({
      level: 'problem',
      code: 'dataset/unseen-class-in-training',
      message: `${count(both.length, 'class is', 'classes are')} declared unseen and trained on.`,
      next: 'A class is seen or unseen, not both. Correct the splits.',
      examples: examplesOf(both.map((index) => classNames[index])),
    })
  }
  const unseen = those((index) => roles[index] === 'unseen')
  const empty = those((index) => roles[index] === 'unseen' && counts[index] === 0)
  if (empty.length > 0) {
    findings.push({
      level: 'ok',
      code: 'dataset/unseen-without-photos',
      message: `${count(empty.length, 'class has', 'classes have')} no photos: unseen by nature.`,
      examples: examplesOf(empty),
    })
  }
  if (unseen.length === 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/nothing-unseen',
      message: 'Every class has photos and none is declared unseen: there is nothing to recognise without photos.',
      next: 'Choose unseen classes after the import, or describe a class that you have no photos of.',
    })
  } else if (empty.length === unseen.length) {
    findings.push({
      level: 'warning',
      code: 'dataset/unseen-not-measurable',
      message:
        'No unseen class has photos: T1, U and H cannot be measured. Estimates from held-out classes will be shown.',
    })
  }
  return findings
}

const withoutPhotos: Finding = {
  level: 'warning',
  code: 'dataset/no-photos',
  message:
    'There are no photos here. Classes, attributes and the attribute graph can be looked at; nothing can be trained.',
  next: 'Put a folder of photos for each class beside the table and drop their folder, or add photos after the import.',
}

export const withoutAttributes: Finding = {
  level: 'warning',
  code: 'dataset/no-attributes',
  message: 'There is no table of attributes yet, and without one nothing can be trained.',
  next: 'Describe the classes after the import, or add attributes.csv (class, then a column for each attribute) and drop the folder again.',
}
