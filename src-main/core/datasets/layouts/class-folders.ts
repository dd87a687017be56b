import { AppError, count, type Finding } from '../../../contract/index.ts'
import type { DroppedFile } from '../dropped.ts'
import { plainName } from './class-names.ts'

/** Photos by the folders that say of what class they are. */
export interface ClassFolders {
  /** In the order of the folders; NFC. */
  readonly names: readonly string[]
  /** Those that lie in a folder of a class, in the order of the drop. */
  readonly photos: readonly DroppedFile[]
  /** Of each photo, an index into `names`. */
  readonly folders: Float64Array
  readonly findings: readonly Finding[]
}

/** A folder of this name holds the folders of the classes. */
const holders = new Set(['images', 'photos', 'pictures', 'jpegimages'])
/** Folders of these names part the photos of each class once more. */
const parts = new Set(['train', 'training', 'trainval', 'val', 'valid', 'validation', 'test', 'testing'])

/** @throws AppError where no folder says of what class a photo is, or two folders are one class. */
export function classFolders(photos: readonly DroppedFile[]): ClassFolders {
  const places = placesOf(photos)
  const root = rootOf([...places.keys()])
  const inside = [...places.keys()].flatMap((place) =>
    isWithin(place, root) ? [place.split('/').slice(root.length)] : [],
  )
  // A folder of photos that lie in nothing but train, val and test: the classes are in those.
  const parted =
    inside.every((path) => path.length >= 2 && parts.has(path[0].toLowerCase())) && inside.length > 0 ? 1 : 0

  const index = new Map<string, number>()
  const spelt = new Map<string, string>()
  const classOf = new Map<string, number | null>()
  for (const place of places.keys()) {
    const folder = isWithin(place, root) ? place.split('/').at(root.length + parted) : undefined
    if (folder === undefined || place === '') {
      classOf.set(place, null)
      continue
    }
    const name = plainName(folder)
    const before = spelt.get(name)
    if (before !== undefined && before !== folder) throw foldersAlike(before, folder)
    spelt.set(name, folder)
    if (!index.has(name)) index.set(name, index.size)
    classOf.set(place, index.get(name)!)
  }
  if (index.size === 0) {
    throw new AppError('dataset/photos-without-classes', 'No folder says of what class these photos are.', {
      next: 'Put the photos of each class into a folder that is named after it, and drop the folder that holds those.',
    })
  }
  return { ...sorted(photos, classOf, [...index.keys()]), findings: findings(places, classOf, parted === 1) }
}

export function foldersAlike(one: string, other: string): AppError {
  return new AppError('dataset/folders-alike', `The folders “${one}” and “${other}” would be one class.`, {
    next: 'Put their photos into one folder, or give one of them another name.',
    details: { folders: [one, other] },
  })
}

const placeOf = ({ name }: DroppedFile): string => name.slice(0, Math.max(0, name.lastIndexOf('/')))

/** The folders that hold photos, and an example of each with its number of photos. */
function placesOf(photos: readonly DroppedFile[]): Map<string, { count: number; example: string }> {
  const places = new Map<string, { count: number; example: string }>()
  for (const photo of photos) {
    const place = placeOf(photo)
    const known = places.get(place)
    if (known === undefined) places.set(place, { count: 1, example: photo.name })
    else known.count++
  }
  return places
}

const isWithin = (place: string, root: readonly string[]): boolean =>
  root.length === 0 || place === root.join('/') || place.startsWith(`${root.join('/')}/`)

/** The folder that holds the folders of the classes. */
function rootOf(places: readonly string[]): readonly string[] {
  const paths = places.map((place) => place.split('/'))
  const named = new Map<string, readonly string[]>()
  for (const path of paths) {
    const holds = path.map((part) => holders.has(part.toLowerCase()))
    const at = holds.indexOf(true)
    if (at < 0) continue
    // images.zip with a folder “images” in it.
    const end = holds.indexOf(false, at)
    const root = path.slice(0, end < 0 ? path.length : end)
    named.set(root.join('/'), root)
  }
  // Where photos lie right in it, its name means nothing.
  const holding = [...named.values()].filter((root) => places.some((place) => place.startsWith(`${root.join('/')}/`)))
  const shallowest = holding.filter(({ length }) => length === Math.min(...holding.map((root) => root.length)))
  if (shallowest.length === 1) return shallowest[0]
  if (shallowest.length > 1) {
    throw new AppError('dataset/several-datasets', 'There is more than one folder of images here.', {
      next: 'Drop the folder of one dataset.',
      details: { folders: shallowest.slice(0, 20).map((root) => root.join('/')) },
    })
  }
  let common = paths[0]
  for (const path of paths) {
    let same = 0
    while (same < Math.min(common.length, path.length) && common[same] === path[same]) same++
    common = common.slice(0, same)
  }
  // All photos in one folder: that one is the class.
  return paths.every(({ length }) => length === common.length) ? common.slice(0, -1) : common
}

function sorted(
  photos: readonly DroppedFile[],
  classOf: ReadonlyMap<string, number | null>,
  names: readonly string[],
): Omit<ClassFolders, 'findings'> {
  const kept: DroppedFile[] = []
  const folders = new Float64Array(photos.length)
  for (const photo of photos) {
    const folder = classOf.get(placeOf(photo)) ?? null
    if (folder === null) continue
    folders[kept.length] = folder
    kept.push(photo)
  }
  return { names, photos: kept, folders: folders.slice(0, kept.length) }
}

function findings(
  places: ReadonlyMap<string, { count: number; example: string }>,
  classOf: ReadonlyMap<string, number | null>,
  parted: boolean,
): Finding[] {
  const found: Finding[] = []
  const stray = [...places].flatMap(([place, photos]) => (classOf.get(place) === null ? [photos] : []))
  if (stray.length > 0) {
    const photos = stray.reduce((sum, place) => sum + place.count, 0)
    found.push({
      level: 'warning',
      code: 'dataset/photo-without-class',
      message: `${count(photos, 'photo lies in no folder of a class and is', 'photos lie in no folder of a class and are')} left out.`,
      next: 'Move them into the folder of their class and drop the folder again.',
      examples: stray.slice(0, 20).map(({ example }) => example),
    })
  }
  if (parted) {
    found.push({
      level: 'ok',
      code: 'dataset/parts-joined',
      message: 'Folders like train and test were joined: each class is in them.',
    })
  }
  return found
}
