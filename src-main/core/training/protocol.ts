import { AppError } from '../../contract/index.ts'
import type { Dataset } from '../datasets/index.ts'
import { createRandom, type Random } from '../random.ts'

const seenTestShare = 0.2 // of each remaining class's images
const fewestHeldOut = 2
const fewestSeen = 3

/** Images (indices into the dataset) and classes of one training, ascending. */
export interface TrainingLists {
  readonly seenClasses: Int32Array
  readonly unseenClasses: Int32Array
  readonly train: Int32Array
}

/** S ∪ U, ascending. */
export const allClasses = ({ seenClasses, unseenClasses }: TrainingLists): Int32Array =>
  Int32Array.from([...seenClasses, ...unseenClasses]).sort()

/** Images that a trained model is measured on. */
export interface TestLists {
  readonly testSeen: Int32Array
  readonly testUnseen: Int32Array
}

/** A class hold-out: both the training and the measuring images are in trainval, so that anything may be chosen on it. */
export interface HoldOut extends TrainingLists, TestLists {
  readonly name: string
}

/**
 * METHOD.md section 12. What a training may look at while it trains and chooses is handed out first; the outer test
 * images are known to nobody else. `openTest` ends the choosing: from then on every other list is refused.
 */
export interface Protocol {
  /** Throws `protocol/test-opened` after `openTest`. */
  holdOuts(): readonly HoldOut[]
  /** The last training, on all of trainval. Throws `protocol/test-opened` after `openTest`. */
  final(): TrainingLists
  /** The outer test images, for the one measurement at the end. Throws `protocol/test-opened` the second time. */
  openTest(): TestLists
}

/**
 * Draws `holdOuts` class hold-outs with the seed; the benchmark's own train and validation classes are the first where
 * the dataset has them. Throws `protocol/overlapping-splits`, and
 * `protocol/too-few-classes` or `protocol/too-few-images` where nothing can be held out.
 */
export function createProtocol(
  dataset: Dataset,
  { holdOuts: count, seed }: { holdOuts: number; seed: number },
): Protocol {
  const { splits, labels, seenClasses, unseenClasses } = dataset
  const testSeen = splits.testSeen.slice()
  const testUnseen = splits.testUnseen.slice()
  const testImages = new Set([...testSeen, ...testUnseen])
  const byClass = imagesByClass(splits.trainval, labels)

  const heldOut = heldOutCount(seenClasses.length, unseenClasses.length)
  const random = createRandom(seed).fork('class hold-outs')
  const drawn: HoldOut[] = []
  const own = ownValidation(dataset)
  if (own) drawn.push(holdOut('validation classes of the dataset', own.seen, own.unseen, byClass, random))
  while (drawn.length < count) {
    const order = random.shuffle(seenClasses.slice())
    const [unseen, seen] = [order.slice(0, heldOut).sort(), order.slice(heldOut).sort()]
    drawn.push(holdOut(`hold-out ${drawn.length + 1}`, seen, unseen, byClass, random))
  }
  const final: TrainingLists = { seenClasses, unseenClasses, train: splits.trainval.slice().sort() }

  for (const list of [final.train, ...drawn.flatMap((one) => [one.train, one.testSeen, one.testUnseen])]) {
    if (!list.some((image) => testImages.has(image))) continue
    throw new AppError(
      'protocol/overlapping-splits',
      'Some test images are among the training images of this dataset.',
      {
        next: 'Correct its split lists and import it again.',
      },
    )
  }

  if (drawn.some((one) => one.testSeen.length === 0 || one.testUnseen.length === 0)) {
    throw new AppError(
      'protocol/too-few-images',
      'The seen classes have too few images to hold some out for choosing.',
      {
        next: 'Give them at least two images each.',
      },
    )
  }

  let opened = false
  function beforeTest<T>(lists: T): T {
    if (!opened) return lists
    throw new AppError(
      'protocol/test-opened',
      'The test images have been opened: nothing may be trained or chosen any more.',
    )
  }
  return {
    holdOuts: () => beforeTest(drawn.map(copy)),
    final: () => beforeTest(copy(final)),
    openTest() {
      beforeTest(null)
      opened = true
      return { testSeen, testUnseen }
    },
  }
}

/** As many as the outer test has (CUB 50 of 150 seen ones, Caltech 8 of 28), at least 2 and at most a third. */
function heldOutCount(seen: number, unseen: number): number {
  const third = Math.floor(seen / 3)
  const count = Math.max(fewestHeldOut, unseen > 0 ? Math.min(unseen, third) : third)
  if (seen - count >= fewestSeen) return count
  throw new AppError(
    'protocol/too-few-classes',
    `Training needs at least ${fewestSeen + fewestHeldOut} seen classes; here are ${seen}.`,
    {
      next: 'Add classes with images, or move unseen classes to the seen ones.',
      details: { seen },
    },
  )
}

/** The benchmark's train and validation lists, where they split trainval by class as they should. */
function ownValidation({ splits, labels }: Dataset): { seen: Int32Array; unseen: Int32Array } | null {
  if (!splits.train || !splits.validation) return null
  const trainval = new Set(splits.trainval)
  const inside = [...splits.train, ...splits.validation].every((image) => trainval.has(image))
  const classesOf = (images: Int32Array) => new Set(Array.from(images, (image) => labels[image]))
  const [seen, unseen] = [classesOf(splits.train), classesOf(splits.validation)]
  const apart = ![...unseen].some((one) => seen.has(one))
  if (!inside || !apart || unseen.size < fewestHeldOut || seen.size < fewestSeen) return null
  return { seen: Int32Array.from(seen).sort(), unseen: Int32Array.from(unseen).sort() }
}

/** 20 % of each seen class's images measure, the others train; a class with a single image only trains. */
function holdOut(
  name: string,
  seenClasses: Int32Array,
  unseenClasses: Int32Array,
  byClass: ReadonlyMap<number, Int32Array>,
  random: Random,
): HoldOut {
  const [train, testSeen]: [number[], number[]] = [[], []]
  for (const one of seenClasses) {
    const images = random.shuffle(imagesOf(byClass, one).slice())
    const tested = images.length > 1 ? Math.max(1, Math.round(seenTestShare * images.length)) : 0
    testSeen.push(...images.subarray(0, tested))
    train.push(...images.subarray(tested))
  }
  return {
    name,
    seenClasses,
    unseenClasses,
    train: Int32Array.from(train).sort(),
    testSeen: Int32Array.from(testSeen).sort(),
    testUnseen: Int32Array.from(Array.from(unseenClasses).flatMap((one) => [...imagesOf(byClass, one)])).sort(),
  }
}

const imagesOf = (byClass: ReadonlyMap<number, Int32Array>, one: number): Int32Array =>
  byClass.get(one) ?? new Int32Array()

function imagesByClass(images: Int32Array, labels: Int32Array): Map<number, Int32Array> {
  const lists = new Map<number, number[]>()
  for (const image of images) {
    const list = lists.get(labels[image])
    if (list) list.push(image)
    else lists.set(labels[image], [image])
  }
  return new Map([...lists].map(([one, list]) => [one, Int32Array.from(list)]))
}

/** Nobody can reach this protocol's lists by writing into what it handed out. */
const copy = <T extends object>(lists: T): T => structuredClone(lists)
