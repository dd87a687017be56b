import { readFile, stat } from 'node:fs/promises'
import { AppError, count, grouped, sizeOf, type Finding } from '../../contract/index.ts'
import { fileKey, type Dropped, type DroppedFile } from './dropped.ts'
import { damagedFile } from './formats/failures.ts'
import { matVariables } from './formats/mat.ts'
import { allNumbers } from './formats/variable.ts'
import type { DatasetSource, FeatureSource, Importer, SourceSplits } from './source.ts'

// The layout of the benchmark by Xian et al. ("Zero-Shot Learning: A Comprehensive Evaluation of the Good, the Bad
// and the Ugly"): res101.mat has features D×N, labels N×1 from 1 into allclasses_names, image_files {N×1};
// att_splits.mat has att and original_att K×C, allclasses_names {C×1} and *_loc, indices from 1.

const attributesFile = 'att_splits.mat'

/** All but the features is read into memory: a hundred times the largest benchmark. */
const mostNumbers = 4_000_000

interface Matrix {
  readonly dimensions: readonly number[]
  readonly values: Float64Array
}

interface Variables {
  readonly shapes: Map<string, readonly number[]>
  readonly numbers: Map<string, Matrix>
  readonly texts: Map<string, string[]>
}

/** The shapes of all variables, and the values of those `wanted`. */
async function readVariables(file: DroppedFile, wanted: readonly string[], signal: AbortSignal): Promise<Variables> {
  const found: Variables = { shapes: new Map(), numbers: new Map(), texts: new Map() }
  for await (const variable of matVariables(file, signal)) {
    const { name, dimensions, kind } = variable
    if (found.shapes.has(name)) throw damagedFile(file.name, `it has “${name}” twice`)
    found.shapes.set(name, dimensions)
    if (!wanted.includes(name)) continue
    if (kind === 'numbers') {
      found.numbers.set(name, { dimensions, values: await allNumbers(file.name, variable, mostNumbers) })
    } else if (kind !== 'other') found.texts.set(name, await variable.strings())
  }
  return found
}

function present<T>(variables: ReadonlyMap<string, T>, name: string, file: DroppedFile): T {
  const value = variables.get(name)
  if (value !== undefined) return value
  throw new AppError('dataset/missing-variable', `“${file.name}” has no usable “${name}”.`, {
    next: 'Drop the files of the benchmark as they were published (xlsa17: res101.mat and att_splits.mat).',
    details: { file: file.name, variable: name },
  })
}

const fromZero = (indices: Float64Array): Float64Array => indices.map((index) => index - 1)

function readSplits(file: DroppedFile, numbers: Variables['numbers']): SourceSplits {
  const indices = (name: string) => fromZero(present(numbers, name, file).values)
  const optional = (name: string) => (numbers.has(name) ? indices(name) : null)
  return {
    trainval: indices('trainval_loc'),
    testSeen: indices('test_seen_loc'),
    testUnseen: indices('test_unseen_loc'),
    train: optional('train_loc'),
    validation: optional('val_loc'),
  }
}

function featureSource(file: DroppedFile, shape: readonly number[], labels: number): FeatureSource {
  const [columns, rows] = shape as [number, number]
  if (shape.length !== 2 || rows !== labels) {
    const transposed = shape.length === 2 && columns === labels
    throw new AppError(
      'dataset/features-and-labels-differ',
      `“${file.name}” has ${grouped(labels)} labels, and features of ${sizeOf(shape)}.`,
      {
        next: transposed
          ? 'Transpose `features`: each image is a column.'
          : 'Each image needs one column of `features` and one label.',
      },
    )
  }
  return {
    rows,
    columns,
    async *values(signal) {
      for await (const variable of matVariables(file, signal)) {
        if (variable.name !== 'features') continue
        // Column-major D×N: the features of one image lie together.
        yield* variable.numbers()
        return
      }
    },
  }
}

/** The published files do not name their attributes; the datasets' own lists (AWA, CUB) do, where they lie beside them. */
async function attributeNames(dropped: Dropped, count: number): Promise<string[]> {
  const list = dropped.files.find((file) => ['predicates.txt', 'attributes.txt'].includes(fileKey(file)))
  if (list !== undefined && (await stat(list.path)).size < 2 ** 20) {
    const lines = (await readFile(list.path, 'utf8')).split('\n').filter((line) => line.trim() !== '')
    // A number, then the name.
    const names = lines.map((line) => line.trim().replace(/^\d+\s+/, ''))
    if (names.length === count) return names
  }
  return Array.from({ length: count }, (_, i) => `attribute ${i + 1}`)
}

/** Whether each image's folder is the class that its label names; the published files agree. */
function folderFindings(imageFiles: readonly string[], labels: Float64Array, classNames: readonly string[]): Finding[] {
  const known = new Set(classNames)
  const disagreeing: string[] = []
  let compared = 0
  imageFiles.forEach((file, i) => {
    const folder = file.split(/[/\\]/).at(-2)
    if (folder === undefined || !known.has(folder)) return
    compared++
    const label = labels[i]
    if (label in classNames && classNames[label] !== folder) disagreeing.push(`${file}: labelled ${classNames[label]}`)
  })
  if (compared === 0) return []
  if (disagreeing.length === 0) {
    return [
      {
        level: 'ok',
        code: 'dataset/folders-agree',
        message: `The folders of ${count(compared, 'image file')} name the same classes as their labels.`,
      },
    ]
  }
  return [
    {
      level: 'warning',
      code: 'dataset/folders-disagree',
      message: `${grouped(disagreeing.length)} of ${count(compared, 'image file')} lie in the folder of another class than their label names.`,
      next: 'The labels are used. If res101.mat and att_splits.mat come from different places, drop a matching pair.',
      examples: disagreeing.slice(0, 20),
    },
  ]
}

const only = (files: readonly DroppedFile[], what: string): DroppedFile | undefined => {
  if (files.length < 2) return files[0]
  throw new AppError('dataset/several-datasets', `There is more than one ${what} here.`, {
    next: 'Drop the folder of one dataset.',
    details: { files: files.slice(0, 20).map((file) => file.name) },
  })
}

const matlabFiles = (dropped: Dropped) => dropped.files.filter((file) => fileKey(file).endsWith('.mat'))

export const xlsa17: Importer = {
  layout: 'xlsa17',

  recognises: (dropped) => matlabFiles(dropped).length > 0,

  async read(dropped, signal): Promise<DatasetSource> {
    const files = matlabFiles(dropped)
    const splitsFile = only(
      files.filter((file) => fileKey(file) === attributesFile),
      attributesFile,
    )
    if (splitsFile === undefined) {
      throw new AppError('dataset/missing-att-splits', `There is no ${attributesFile} here.`, {
        next: `Drop the folder that holds both ${attributesFile} and res101.mat: attributes, class names and splits are in it.`,
      })
    }
    const featuresFile = only(
      files.filter((file) => file !== splitsFile),
      'file of features',
    )

    const wanted = ['att', 'original_att', 'allclasses_names']
    const locations = ['trainval_loc', 'test_seen_loc', 'test_unseen_loc', 'train_loc', 'val_loc']
    const { numbers, texts } = await readVariables(splitsFile, [...wanted, ...locations], signal)
    const classNames = present(texts, 'allclasses_names', splitsFile)
    // `att` is `original_att` with each class scaled to unit length (METHOD.md section 8): the raw values are wanted.
    const { dimensions, values } = numbers.get('original_att') ?? present(numbers, 'att', splitsFile)
    const [attributeCount, classes] = dimensions as [number, number]
    if (dimensions.length !== 2 || classes !== classNames.length) {
      throw new AppError(
        'dataset/classes-and-attributes-differ',
        `“${splitsFile.name}” names ${count(classNames.length, 'class', 'classes')}, and its attributes are ${sizeOf(dimensions)}.`,
        { next: 'Each class needs one column of `original_att` (or `att`).' },
      )
    }
    const source = {
      classNames,
      attributeNames: await attributeNames(dropped, attributeCount),
      // Column-major K×C is row-major C×K.
      attributes: values,
      attributeGroups: null,
      photos: null,
      unseenClasses: null,
      splits: readSplits(splitsFile, numbers),
    }
    if (featuresFile === undefined) {
      return { ...source, labels: null, imageFiles: null, features: null, findings: [withoutFeatures] }
    }

    const image = await readVariables(featuresFile, ['labels', 'image_files'], signal)
    const labels = fromZero(present(image.numbers, 'labels', featuresFile).values)
    const names = image.texts.get('image_files') ?? null
    const imageFiles = names?.length === labels.length ? names : null
    const unnamed = names === null ? [] : [imageNamesDiffer(names.length, labels.length)]
    return {
      ...source,
      labels,
      imageFiles,
      features: featureSource(featuresFile, present(image.shapes, 'features', featuresFile), labels.length),
      findings: imageFiles === null ? unnamed : folderFindings(imageFiles, labels, classNames),
    }
  },
}

const withoutFeatures: Finding = {
  level: 'warning',
  code: 'dataset/no-features',
  message:
    'There are attributes and splits here, but no features. Classes, attributes and the attribute graph can be looked at; ' +
    'which classes are seen cannot be told without labels, and nothing can be trained.',
  next: 'To train, add res101.mat (features and labels) and drop the folder again.',
}

const imageNamesDiffer = (names: number, images: number): Finding => ({
  level: 'warning',
  code: 'dataset/image-names-differ',
  message: `There are ${count(names, 'image name')} for ${count(images, 'image')}; they are left out.`,
})
