import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import type { DatasetEdit } from '../../../contract/index.ts'
import { writeFeaturesFile } from '../features-file.ts'
import type { PhotoState } from '../photo-dataset/index.ts'
import type { DatasetStore } from '../store.ts'
import { writeTree } from './pictures.ts'

/** Fourteen photos of foxes, owls and one eel; nobody has photographed the newt, and the owl is declared unseen. */
export async function writePhotoFolder(folder: string): Promise<string> {
  const photos = { fox: 7, owl: 6, eel: 1 }
  const files = Object.entries(photos).flatMap(([name, count], row) =>
    Array.from({ length: count }, (_, i) => [`images/${name}/${i}.png`, row * 10 + i] as const),
  )
  return writeTree(folder, {
    ...Object.fromEntries(files),
    'attributes.csv': 'class,red,swims,wings\nfox,1,0,0\nowl,0.25,0,1\neel,0,1,\nnewt,0,1,0\n',
    'splits.json': '{"unseen": ["owl"]}',
  })
}

/** What an edit may change, by name: text or a hash. */
export async function smallFiles(folder: string): Promise<Record<string, string>> {
  const names = ['attributes.csv', 'attribute-groups.json', 'images.csv', 'labels.npy', 'splits.json', 'manifest.json']
  const read = async (name: string) => [name, (await readFile(join(folder, name))).toString('latin1')] as const
  return Object.fromEntries(await Promise.all(names.map(read)))
}

/** Gives a dataset features of three columns, as an extraction does. */
export async function giveFeatures(store: DatasetStore, id: string): Promise<void> {
  const { key, paths } = await store.photos.files(id)
  const working = store.workingFolder('features')
  await mkdir(working, { recursive: true })
  const file = join(working, 'features.npy')
  await writeFeaturesFile(file, paths.length, 3, portions(Float32Array.from({ length: paths.length * 3 }, (_, i) => i)))
  const backbone = { id: 'basic', name: 'Basic', sha256: createHash('sha256').update('model').digest('hex') }
  await store.photos.storeFeatures(id, { backbone, recipeHash: 'recipe', photosKey: key, file })
  await store.removeUnfinished()
}

async function* portions(values: Float32Array): AsyncGenerator<Float32Array> {
  yield await Promise.resolve(values.subarray(0, 4))
  yield values.subarray(4)
}

export const leftovers = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('.') || name.endsWith('.tmp'))

const hostile = [
  '<img src=x onerror=alert(1)>',
  '\u202egnp.exe',
  '🦊👨‍👩‍👧',
  'a"b,c\nd',
  '__proto__',
  'constructor',
  '0',
  ' x ',
  'é',
  'e\u0301',
]
const anyName = fc.oneof(fc.constantFrom(...hostile), fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }))
const anyGroup: fc.Arbitrary<string | null> = fc.option(anyName)

/** Edits that a dataset of these sizes could be asked for; some of them it has to refuse. */
export function anyEdit({ classNames, attributeNames, photos }: PhotoState): fc.Arbitrary<DatasetEdit> {
  const oneOf = (list: readonly unknown[]) => fc.nat(Math.max(0, list.length - 1))
  const some = (list: readonly unknown[]) => fc.array(oneOf(list), { minLength: 1, maxLength: 4 })
  const value = fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }))
  const cell = fc.record({ class: oneOf(classNames), attribute: oneOf(attributeNames), value })
  const kinds: fc.Arbitrary<DatasetEdit>[] = [
    fc.record({ kind: fc.constant('add-attribute'), name: anyName }),
    fc.record({ kind: fc.constant('add-class'), name: anyName }),
    fc.record({ kind: fc.constant('rename-class'), class: oneOf(classNames), name: anyName }),
    fc.record({ kind: fc.constant('remove-class'), class: oneOf(classNames) }),
    fc.record({ kind: fc.constant('set-role'), classes: some(classNames), role: fc.constantFrom('seen', 'unseen') }),
    fc.record({ kind: fc.constant('relabel'), photos: some(photos), class: oneOf(classNames) }),
    fc.record({ kind: fc.constant('remove-photos'), photos: some(photos) }),
    fc.record({ kind: fc.constant('restore-photos'), photos: some(photos) }),
  ]
  const ofAttributes: fc.Arbitrary<DatasetEdit>[] = [
    fc.record({ kind: fc.constant('set-attributes'), cells: fc.array(cell, { minLength: 1, maxLength: 4 }) }),
    fc.record({ kind: fc.constant('rename-attribute'), attribute: oneOf(attributeNames), name: anyName }),
    fc.record({ kind: fc.constant('remove-attributes'), attributes: some(attributeNames) }),
    fc.record({ kind: fc.constant('group-attributes'), attributes: some(attributeNames), group: anyGroup }),
  ]
  return fc.oneof(...kinds, ...(attributeNames.length > 0 ? ofAttributes : []))
}
