import { readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '../../../contract/index.ts'
import type { Dropped, DroppedFile } from '../dropped.ts'
import { fileFailure, impossibleSize } from '../formats/failures.ts'
import { decodeText } from '../formats/text.ts'
import type { DatasetSource } from '../source.ts'
import { requireClasses } from './class-names.ts'
import { findFile } from './files.ts'
import { readLines } from './lines.ts'

const largestSplits = 256 * 2 ** 20

const list = z.array(z.union([z.number(), z.string()]))
const splitsSchema = z
  .object({
    trainval: list,
    testSeen: list,
    testUnseen: list,
    test_seen: list,
    test_unseen: list,
    train: list.nullable(),
    validation: list.nullable(),
    unseen: z.array(z.string()),
  })
  .partial()
type SplitsFile = z.infer<typeof splitsSchema>

/** @param format what such a file looks like, for whoever wrote another. */
export async function readSplitsFile(file: DroppedFile, format: string): Promise<SplitsFile> {
  try {
    if ((await stat(file.path)).size > largestSplits)
      throw impossibleSize(file.name, 'is far too large for a list of splits')
    return splitsSchema.parse(JSON.parse(decodeText(file.name, await readFile(file.path))))
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof z.ZodError) {
      throw new AppError('dataset/unreadable-splits', `“${file.name}” cannot be understood.`, {
        next: format,
        cause: thrown,
      })
    }
    throw fileFailure(file.name, thrown)
  }
}

const format =
  'splits.json needs {"unseen": ["class", …]}, or {"trainval": […], "testSeen": […], "testUnseen": […]} with names of photos.'

/**
 * What the files beside photos say of seen and unseen: splits.json, else testclasses.txt (AwA2 and the lists of Xian et
 * al. have one). Where they are silent, classes without photos are unseen, and the test photos are chosen by content.
 */
export async function declaredSplits(
  dropped: Dropped,
  classNames: readonly string[],
  photos: readonly DroppedFile[],
  signal: AbortSignal,
): Promise<Pick<DatasetSource, 'splits' | 'unseenClasses'>> {
  const file = findFile(dropped, 'splits.json')
  if (file === undefined) {
    const listed = findFile(dropped, 'testclasses.txt')
    if (listed === undefined) return { splits: null, unseenClasses: null }
    return { splits: null, unseenClasses: requireClasses(listed.name, await readLines(listed, signal), classNames) }
  }
  const { unseen, trainval, train, validation, ...rest } = await readSplitsFile(file, format)
  const unseenClasses = unseen === undefined ? null : requireClasses(file.name, unseen, classNames)
  const testSeen = rest.testSeen ?? rest.test_seen
  const testUnseen = rest.testUnseen ?? rest.test_unseen
  if (trainval === undefined || testSeen === undefined || testUnseen === undefined) {
    if (unseenClasses !== null) return { splits: null, unseenClasses }
    throw new AppError('dataset/unreadable-splits', `“${file.name}” does not name all three lists.`, { next: format })
  }
  const find = photoFinder(photos)
  const indices = (names: readonly (string | number)[]): Float64Array => {
    const found = names.map(find)
    const unknown = names.filter((_, i) => found[i] === undefined)
    if (unknown.length > 0) {
      throw new AppError('dataset/split-outside-images', `“${file.name}” names photos that are not there.`, {
        next: 'Write the path of each photo from the dropped folder, e.g. "images/fox/1.jpg".',
        details: { examples: unknown.slice(0, 20).map(String) },
      })
    }
    return Float64Array.from(found as number[])
  }
  const optional = (names: readonly (string | number)[] | null | undefined) => (names == null ? null : indices(names))
  const lists = { trainval: indices(trainval), testSeen: indices(testSeen), testUnseen: indices(testUnseen) }
  return { splits: { ...lists, train: optional(train), validation: optional(validation) }, unseenClasses }
}

/** The index of a photo by its path or by as much of its end as tells it from the others. A number tells nothing. */
function photoFinder(photos: readonly DroppedFile[]): (name: string | number) => number | undefined {
  const byEnd = new Map<string, number | undefined>()
  photos.forEach(({ name }, index) => {
    const path = name.normalize('NFC').split('/')
    const ends = new Set([1, 2, path.length].filter((n) => n <= path.length).map((n) => path.slice(-n).join('/')))
    for (const end of ends) byEnd.set(end, byEnd.has(end) ? undefined : index)
  })
  const find = (name: string) => byEnd.get(name.normalize('NFC').replace(/^\.?\//, ''))
  // A list that was written on Windows.
  return (name) => (typeof name === 'number' ? undefined : (find(name) ?? find(name.replaceAll('\\', '/'))))
}
