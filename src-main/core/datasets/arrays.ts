import { existsSync } from 'node:fs'
import { AppError, grouped, sizeOf, type Finding } from '../../contract/index.ts'
import { fileKey, type DroppedFile } from './dropped.ts'
import { readCsv } from './formats/csv.ts'
import { damagedFile, impossibleSize } from './formats/failures.ts'
import { npyHeader, npyNumbers } from './formats/npy.ts'
import { collectNumbers } from './formats/numbers.ts'
import { readSplitsFile } from './layouts/declared-splits.ts'
import { findFile, requireFile } from './layouts/files.ts'
import type { DatasetSource, FeatureSource, Importer, SourceSplits } from './source.ts'

// features.npy N×D, labels.npy N from 0, attributes.csv (class, then one column per attribute), splits.json, and
// images.csv (index, file) where the names are known. Also how datasets are stored: what we write can be dropped again.

const mostImages = 4_000_000
const splitsFormat =
  'splits.json needs either {"trainval": […], "testSeen": […], "testUnseen": […]} with image numbers from 0, or {"unseen": ["class", …]}.'

/** FNV-1a: the same images are chosen wherever and whenever the folder is imported. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

/** Splits by class: all images of an unseen class are test; of a seen class a fifth, chosen by hash. */
function splitByClass(
  file: DroppedFile,
  unseenNames: readonly string[],
  classNames: readonly string[],
  labels: Float64Array,
): SourceSplits {
  const unknown = unseenNames.filter((name) => !classNames.includes(name))
  if (unknown.length > 0) {
    throw new AppError('dataset/unknown-class', `“${file.name}” names classes that attributes.csv does not have.`, {
      next: 'Write them as in the first column of attributes.csv.',
      details: { classes: unknown.slice(0, 20) },
    })
  }
  const unseen = new Set(unseenNames)
  const imagesOf = classNames.map((): number[] => [])
  labels.forEach((label, image) => imagesOf[label]?.push(image))
  const split = { trainval: [] as number[], testSeen: [] as number[], testUnseen: [] as number[] }
  classNames.forEach((name, index) => {
    const images = imagesOf[index]
    if (unseen.has(name)) {
      split.testUnseen.push(...images)
      return
    }
    const shuffled = images
      .map((image) => ({ image, key: hash(`${name}\n${image}`) }))
      .sort((a, b) => a.key - b.key || a.image - b.image)
      .map(({ image }) => image)
    const tested = Math.floor(images.length / 5)
    split.testSeen.push(...shuffled.slice(0, tested))
    split.trainval.push(...shuffled.slice(tested))
  })
  const ascending = (list: number[]) => Float64Array.from(list).sort()
  return {
    trainval: ascending(split.trainval),
    testSeen: ascending(split.testSeen),
    testUnseen: ascending(split.testUnseen),
    train: null,
    validation: null,
  }
}

async function readSplits(
  file: DroppedFile,
  classNames: readonly string[],
  labels: Float64Array | null,
): Promise<SourceSplits> {
  const { trainval, train, validation, unseen, ...lists } = await readSplitsFile(file, splitsFormat)
  const testSeen = lists.testSeen ?? lists.test_seen
  const testUnseen = lists.testUnseen ?? lists.test_unseen
  if (trainval !== undefined && testSeen !== undefined && testUnseen !== undefined) {
    const indices = (list: readonly (number | string)[]) => Float64Array.from(list, Number)
    const optional = (list: readonly (number | string)[] | null | undefined) => (list == null ? null : indices(list))
    return {
      trainval: indices(trainval),
      testSeen: indices(testSeen),
      testUnseen: indices(testUnseen),
      train: optional(train),
      validation: optional(validation),
    }
  }
  if (unseen !== undefined && labels !== null) return splitByClass(file, unseen, classNames, labels)
  throw new AppError('dataset/unreadable-splits', `“${file.name}” does not name all three lists.`, {
    next: splitsFormat,
  })
}

const unknownValues = new Set(['', '?', 'nan', 'NaN', 'NA'])

async function readAttributes(file: DroppedFile, signal: AbortSignal) {
  const rows = await readCsv(file, signal)
  const header = rows.shift()
  if (header === undefined || header.length < 2 || rows.length === 0) {
    throw damagedFile(file.name, 'it needs a header, a column of class names and a column for each attribute')
  }
  const columns = header.length - 1
  const attributes = new Float64Array(rows.length * columns)
  rows.forEach((row, r) => {
    for (let c = 0; c < columns; c++) {
      const text = row[c + 1].trim()
      const value = unknownValues.has(text) ? NaN : Number(text)
      if (Number.isNaN(value) && !unknownValues.has(text)) {
        throw new AppError(
          'dataset/attribute-not-a-number',
          `“${file.name}” has “${text.slice(0, 40)}” for ${row[0].slice(0, 80)}, ${header[c + 1].slice(0, 80)}.`,
          { next: 'Write numbers; leave a cell empty, or write ?, where the value is not known.' },
        )
      }
      attributes[r * columns + c] = value
    }
  })
  return { classNames: rows.map((row) => row[0].trim()), attributeNames: header.slice(1), attributes }
}

async function readLabels(file: DroppedFile, signal: AbortSignal): Promise<Float64Array> {
  const { shape } = await npyHeader(file)
  const count = shape[0] ?? 0
  if (shape.length > 2 || shape.length === 0 || (shape[1] ?? 1) !== 1) {
    throw damagedFile(file.name, `labels are one number per image, and these are ${sizeOf(shape)}`)
  }
  if (count > mostImages) throw impossibleSize(file.name, `has ${grouped(count)} labels`)
  return collectNumbers(npyNumbers(file, signal), count)
}

async function readFeatures(file: DroppedFile, labels: number): Promise<FeatureSource> {
  const { shape } = await npyHeader(file)
  const [rows, columns] = shape as [number, number]
  if (shape.length !== 2 || rows !== labels) {
    throw new AppError(
      'dataset/features-and-labels-differ',
      `There are ${grouped(labels)} labels, and features of ${sizeOf(shape)} in “${file.name}”.`,
      { next: 'Each image needs one row of features and one label.' },
    )
  }
  return { rows, columns, values: (signal) => npyNumbers(file, signal) }
}

/** @returns null where the file is not there, or is about another number of images. */
export async function readImageFiles(
  file: Pick<DroppedFile, 'name' | 'path'>,
  images: number,
  signal: AbortSignal,
): Promise<string[] | null> {
  if (!existsSync(file.path)) return null
  const [header, ...rows] = await readCsv(file, signal)
  if (rows.length !== images) return null
  // Our own has more columns where there were photos; another's may have no header that we know.
  const column = header.indexOf('file')
  return rows.map((row) => row.at(column)!)
}

export const arrays: Importer = {
  layout: 'arrays',

  recognises: (dropped) =>
    // A list of splits may also lie beside photos.
    ['features.npy', 'labels.npy', ...(dropped.photos.length === 0 ? ['splits.json'] : [])].some((name) =>
      dropped.files.some((file) => fileKey(file) === name),
    ),

  async read(dropped, signal): Promise<DatasetSource> {
    const table = requireFile(
      dropped,
      'attributes.csv',
      'Add attributes.csv: one row per class, one column per attribute.',
    )
    const splitsFile = requireFile(dropped, 'splits.json', splitsFormat)
    const featuresFile = findFile(dropped, 'features.npy')
    const labelsFile =
      featuresFile === undefined
        ? findFile(dropped, 'labels.npy')
        : requireFile(
            dropped,
            'labels.npy',
            'Add labels.npy: for each image the row of its class in attributes.csv, from 0.',
          )
    const imagesFile = findFile(dropped, 'images.csv')

    const attributes = await readAttributes(table, signal)
    const labels = labelsFile === undefined ? null : await readLabels(labelsFile, signal)
    return {
      ...attributes,
      attributeGroups: null,
      labels,
      imageFiles:
        imagesFile === undefined || labels === null ? null : await readImageFiles(imagesFile, labels.length, signal),
      photos: null,
      unseenClasses: null,
      splits: await readSplits(splitsFile, attributes.classNames, labels),
      features: featuresFile === undefined || labels === null ? null : await readFeatures(featuresFile, labels.length),
      findings: featuresFile === undefined ? [withoutFeatures] : [],
    }
  },
}

const withoutFeatures: Finding = {
  level: 'warning',
  code: 'dataset/no-features',
  message:
    'There are no features here. Classes, attributes and the attribute graph can be looked at; nothing can be trained.',
  next: 'To train, add features.npy (one row per image) and labels.npy, and drop the folder again.',
}
