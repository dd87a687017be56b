import { count, grouped, type Finding } from '../../contract/index.ts'
import type { Splits } from './dataset.ts'
import { examplesOf } from './findings.ts'
import type { DatasetSource, SourceSplits } from './source.ts'

export const noSplits: SourceSplits = {
  trainval: new Float64Array(),
  testSeen: new Float64Array(),
  testUnseen: new Float64Array(),
  train: null,
  validation: null,
}

/** Checks each list for itself and against the others; what comes back is clean where no problem is reported. */
export function checkSplits(source: DatasetSource): { lists: Splits; findings: Finding[] } {
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
      message: `The splits name images that are not there; there are ${source.labels ? grouped(source.labels.length) : 'none known'}.`,
      next: 'Check that features and splits belong together.',
      examples: examplesOf(outside),
    })
  }
  if (shared.size > 0) {
    findings.push({
      level: 'problem',
      code: 'dataset/overlapping-splits',
      message: `${count(shared.size, 'image is', 'images are')} in more than one of trainval, test seen and test unseen.`,
      next: 'Each image may train or test, not both: any result would be worthless. Correct the splits.',
      examples: examplesOf(shared),
    })
  }
  if (doubled > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/repeated-in-split',
      message: `${count(doubled, 'entry repeats', 'entries repeat')} an image that its list already has; each counts once.`,
    })
  }
  if (leaked > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/test-images-in-validation',
      message: `Left out, so that no choice sees a test image: ${count(leaked, 'image')} of the train and validation lists not in trainval.`,
    })
  }
  return { lists: { trainval, testSeen, testUnseen, train, validation }, findings }
}
