import { AppError, count, type Finding } from '../../../contract/index.ts'
import type { DroppedFile } from '../dropped.ts'
import { damagedFile } from '../formats/failures.ts'
import type { DatasetSource, Importer } from '../source.ts'
import { distinct } from './attribute-rows.ts'
import { declaredSplits } from './declared-splits.ts'
import { findFile, hasFiles, requireFile } from './files.ts'
import { readLines, readMatrix, readNumbered } from './lines.ts'

// Caltech-UCSD Birds-200-2011 (Wah et al.) as it is published: images.txt (number, path below images/), classes.txt,
// image_class_labels.txt (number of image, number of class), attributes/class_attribute_labels_continuous.txt (a
// percentage for each class and attribute) and attributes.txt (number, has_bill_shape::dagger), which lies beside the
// folder in the archive. Its train_test_split.txt parts images, not classes: no use here.

const matrixFile = 'class_attribute_labels_continuous.txt'

export const cub: Importer = {
  layout: 'cub',

  recognises: (dropped) => hasFiles(dropped, ['images.txt', 'image_class_labels.txt', 'classes.txt']),

  async read(dropped, signal): Promise<DatasetSource> {
    const classes = await readNumbered(requireFile(dropped, 'classes.txt'), signal)
    const classNames = [...classes.values()]
    const indexOf = new Map([...classes.keys()].map((number, index) => [number, index]))
    const images = await readNumbered(requireFile(dropped, 'images.txt'), signal)
    const labelsFile = requireFile(dropped, 'image_class_labels.txt')
    const classOf = await readNumbered(labelsFile, signal)

    const byPath = new Map(dropped.photos.map((photo) => [pathBelowImages(photo), photo]))
    const photos: DroppedFile[] = []
    const labels: number[] = []
    const missing: string[] = []
    for (const [number, path] of images) {
      const label = indexOf.get(Number(classOf.get(number)))
      if (label === undefined) throw damagedFile(labelsFile.name, `image ${number} has no class of classes.txt`)
      const photo = byPath.get(path)
      if (photo === undefined) missing.push(path)
      else {
        photos.push(photo)
        labels.push(label)
      }
    }
    if (photos.length === 0) {
      throw new AppError('dataset/photos-missing', 'None of the photos that images.txt names is here.', {
        next: 'Drop the whole folder, with its folder “images”.',
      })
    }
    return {
      classNames,
      ...(await readAttributes()),
      labels: Float64Array.from(labels),
      imageFiles: null,
      photos,
      features: null,
      ...(await declaredSplits(dropped, classNames, photos, signal)),
      findings: missing.length === 0 ? [] : [photosMissing(missing)],
    }

    async function readAttributes(): Promise<Pick<DatasetSource, 'attributeNames' | 'attributeGroups' | 'attributes'>> {
      const matrix = findFile(dropped, matrixFile)
      if (matrix === undefined) return { attributeNames: [], attributeGroups: null, attributes: new Float64Array() }
      const list = findFile(dropped, 'attributes.txt')
      const named = list === undefined ? null : [...(await readNumbered(list, signal)).values()].map(partsOf)
      const width = named?.length ?? (await readLines(matrix, signal)).at(0)?.split(/\s+/).length ?? 0
      const attributes = await readMatrix(matrix, classNames.length, width, signal)
      if (named === null) {
        const attributeNames = Array.from({ length: width }, (_, i) => `attribute ${i + 1}`)
        return { attributeNames, attributeGroups: null, attributes }
      }
      return {
        attributeNames: distinct(named.map(({ name }) => name)),
        attributeGroups: named.map(({ group }) => group),
        attributes,
      }
    }
  },
}

/** `…/images/001.Albatross/a.jpg` is `001.Albatross/a.jpg`. */
const pathBelowImages = ({ name }: DroppedFile): string => name.split('/').slice(-2).join('/').normalize('NFC')

/** `has_bill_shape::curved_(up_or_down)` is “bill shape: curved (up or down)”: “curved” by itself would say too little. */
function partsOf(predicate: string): { name: string; group: string | null } {
  const [group, ...states] = predicate.replace(/^has_/, '').replaceAll('_', ' ').split('::')
  return states.length === 0 ? { name: group, group: null } : { name: `${group}: ${states.join(' ')}`, group }
}

const photosMissing = (missing: readonly string[]): Finding => ({
  level: 'warning',
  code: 'dataset/photos-missing',
  message: `${count(missing.length, 'photo that images.txt names is', 'photos that images.txt names are')} not here.`,
  next: 'Copy or unpack the dataset again if you need them.',
  examples: missing.slice(0, 20),
})
