import { createHash } from 'node:crypto'
import { setImmediate as others } from 'node:timers/promises'
import { z } from 'zod'
import { csvLine } from '../formats/csv.ts'
import { npyPreamble } from '../formats/npy.ts'
import type { Photo, PhotoState } from './state.ts'

// The state as the files that a person can read, and back, byte for byte.

export const stateFiles = [
  'attributes.csv',
  'attribute-groups.json',
  'images.csv',
  'labels.npy',
  'splits.json',
] as const
export type StateFile = (typeof stateFiles)[number]

/** What each file is made from: unchanged parts make an unchanged file. */
const parts: Readonly<Record<StateFile, readonly (keyof PhotoState)[]>> = {
  'attributes.csv': ['classNames', 'attributeNames', 'attributes'],
  'attribute-groups.json': ['attributeNames', 'attributeGroups'],
  'images.csv': ['photos'],
  'labels.npy': ['labels'],
  'splits.json': ['splits', 'declaredUnseen', 'classNames'],
}

const writers: Readonly<Record<StateFile, (state: PhotoState) => Buffer>> = {
  'attributes.csv': ({ classNames, attributeNames, attributes }) => {
    const width = attributeNames.length
    const lines = classNames.map((name, c) =>
      csvLine([name, ...Array.from(attributes.subarray(c * width, (c + 1) * width), cell)]),
    )
    return Buffer.from(csvLine(['class', ...attributeNames]) + lines.join(''))
  },

  'attribute-groups.json': ({ attributeNames, attributeGroups }) =>
    json(
      Object.fromEntries(
        attributeNames.flatMap((name, k) => (attributeGroups[k] === null ? [] : [[name, attributeGroups[k]]])),
      ),
    ),

  'images.csv': ({ photos }) => {
    const lines = photos.map((photo, index) =>
      csvLine([
        String(index),
        photo.file,
        photo.sha256,
        photo.extension,
        String(photo.width),
        String(photo.height),
        photo.removed ? '1' : '0',
      ]),
    )
    return Buffer.from(imagesHeader + lines.join(''))
  },

  'labels.npy': ({ labels }) =>
    Buffer.concat([
      npyPreamble('i4', [labels.length]),
      new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength),
    ]),

  'splits.json': ({ splits: { trainval, testSeen, testUnseen, train, validation }, classNames, declaredUnseen }) =>
    json({
      ...{ trainval: [...trainval], testSeen: [...testSeen], testUnseen: [...testUnseen] },
      ...{ train: train && [...train], validation: validation && [...validation] },
      unseen: classNames.filter((_, index) => declaredUnseen[index]),
    }),
}

const imagesHeader = csvLine(['index', 'file', 'sha256', 'extension', 'width', 'height', 'removed'])
const cell = (value: number): string => (Number.isNaN(value) ? '' : String(value))
const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`)

/** The files that `state` makes, but for those that `before` makes alike. */
export function filesOf(state: PhotoState, before?: PhotoState): { name: StateFile; bytes: Buffer }[] {
  return stateFiles
    .filter((name) => before === undefined || parts[name].some((part) => state[part] !== before[part]))
    .map((name) => ({ name, bytes: writers[name](state) }))
}

const list = z.array(z.int().min(0)).transform((indices) => Int32Array.from(indices))
const splitsSchema = z.object({
  trainval: list,
  testSeen: list,
  testUnseen: list,
  train: list.nullable(),
  validation: list.nullable(),
  unseen: z.array(z.string()),
})
const photoSchema = z.tuple([
  z.string(),
  z.string(),
  z.string().regex(/^[0-9a-f]{64}$/),
  z.string().regex(/^[a-z0-9]{1,5}$/),
  z.coerce.number().int().min(1),
  z.coerce.number().int().min(1),
  z.enum(['0', '1']),
])

/** @throws anything, where the files are not what was written. */
export async function readState(read: (name: StateFile) => Promise<Buffer>): Promise<PhotoState> {
  const [[, ...attributeNames], ...rows] = await csvRows(await read('attributes.csv'))
  const classNames = rows.map(([name]) => name)
  const attributes = Float64Array.from(
    rows.flatMap(([, ...cells]) => cells.map((text) => (text === '' ? NaN : Number(text)))),
  )
  // No schema of a record: an attribute may well be called __proto__.
  const groups = new Map(Object.entries(parseJson(await read('attribute-groups.json')) as Record<string, unknown>))
  const groupOf = (name: string): string | null => {
    const group = groups.get(name)
    return typeof group === 'string' ? group : null
  }
  const { unseen, ...splits } = splitsSchema.parse(parseJson(await read('splits.json')))
  const declared = new Set(unseen)
  const [, ...imageRows] = await csvRows(await read('images.csv'))
  const photos = imageRows.map((row): Photo => {
    const [, file, sha256, extension, width, height, removed] = photoSchema.parse(row)
    return { file, sha256, extension, width, height, removed: removed === '1' }
  })
  const labels = readLabels(await read('labels.npy'))
  const state: PhotoState = {
    ...{ classNames, declaredUnseen: classNames.map((name) => declared.has(name)) },
    ...{ attributeNames, attributes, attributeGroups: attributeNames.map(groupOf) },
    ...{ photos, labels, splits },
  }
  requireConsistent(state)
  return state
}

function requireConsistent({ classNames, attributeNames, attributes, photos, labels, splits }: PhotoState): void {
  const lists = [splits.trainval, splits.testSeen, splits.testUnseen]
  const placed = new Set(lists.flatMap((indices) => [...indices]))
  const sound =
    attributes.length === classNames.length * attributeNames.length &&
    labels.length === photos.length &&
    labels.every((label) => label >= 0 && label < classNames.length) &&
    placed.size === lists.reduce((sum, indices) => sum + indices.length, 0) &&
    [...placed].every((index) => index < photos.length && !photos[index].removed)
  if (!sound) throw new Error('The files of the dataset do not belong together.')
}

const parseJson = (bytes: Buffer): unknown => JSON.parse(bytes.toString())

function readLabels(bytes: Buffer): Int32Array {
  const at = 10 + bytes.readUInt16LE(8)
  const labels = new Int32Array((bytes.length - at) / 4)
  if (!bytes.subarray(0, at).equals(npyPreamble('i4', [labels.length])))
    throw new Error('labels.npy was not written here.')
  bytes.copy(new Uint8Array(labels.buffer), 0, at)
  return labels
}

/** A value, quoted or not, and what ends it; programs for spreadsheets end lines with two characters. */
const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|$)/y
/** Rows that are read before the process answers others. */
const portion = 5000

/** Rows as `csvLine` writes them; of a hundred thousand photos several times as fast as a parser for every dialect. */
async function csvRows(bytes: Buffer): Promise<string[][]> {
  const text = bytes.toString().replace(/^\ufeff/, '')
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    field.lastIndex = at
    const found = field.exec(text)
    if (found === null) throw new Error('A table cannot be read.')
    at = field.lastIndex
    const [, quoted, plain, end] = found as unknown as [string, string | undefined, string | undefined, string]
    row.push(plain ?? quoted!.replaceAll('""', '"'))
    if (end === ',') continue
    rows.push(row)
    row = []
    if (rows.length % portion === 0) await others()
  }
  return rows
}

/**
 * Names the data that a training sees (`contentHash` of the manifest). Features follow from photos, backbone and recipe,
 * so that their bytes need not be read again when an attribute changes; '' stands for none.
 */
export function contentHash(state: PhotoState, features: string): string {
  const hash = createHash('sha256').update(`${features}\0`)
  for (const name of ['labels.npy', 'attributes.csv', 'splits.json'] as const)
    hash.update(`${name}\0`).update(writers[name](state))
  return hash.update(photosText(state)).digest('hex')
}

const photosText = ({ photos }: PhotoState): string =>
  photos.map(({ sha256, removed }) => `\0${sha256}${removed ? '-' : '+'}`).join('')

/** Names the rows of a features file: which photos, in which order. */
export const photosKey = ({ photos }: PhotoState): string =>
  createHash('sha256')
    .update(photos.map(({ sha256 }) => sha256).join(''))
    .digest('hex')
