import { AppError, count, type Finding } from '../../../contract/index.ts'
import type { DatasetSource, Importer } from '../source.ts'
import type { AttributeTable } from './attribute-rows.ts'
import { findAttributeTable, hasAttributeTable } from './attribute-table.ts'
import { classFolders, foldersAlike, type ClassFolders } from './class-folders.ts'
import { findClasses, looseName } from './class-names.ts'
import { declaredSplits } from './declared-splits.ts'

// images/<class>/… or the folders of the classes themselves, attributes.csv (tsv, xlsx, DELTA, Lucid) and splits.json.
// Only one of photos and table must be there: the other can be added later.

const noFolders: ClassFolders = { names: [], photos: [], folders: new Float64Array(), findings: [] }
const noTable: Omit<AttributeTable, 'file'> = {
  classNames: [],
  attributeNames: [],
  attributeGroups: null,
  attributes: new Float64Array(),
  findings: [],
}

export const imageFolder: Importer = {
  layout: 'image-folder',

  recognises: (dropped) => dropped.photos.length > 0 || hasAttributeTable(dropped),

  async read(dropped, signal): Promise<DatasetSource> {
    const folders = dropped.photos.length > 0 ? classFolders(dropped.photos) : noFolders
    const { table: found, findings } = await findAttributeTable(dropped, folders.names, signal)
    const table = found ?? noTable
    const { classOf, classNames, respelt } = joined(folders.names, table.classNames)
    // Any table of numbers could be one of attributes; what describes a single thing tells nothing apart.
    if (folders.photos.length === 0 && classNames.length < 2) throw nothingToTellApart()

    const width = table.attributeNames.length
    const attributes = new Float64Array(classNames.length * width).fill(NaN)
    attributes.set(table.attributes)
    return {
      classNames,
      attributeNames: table.attributeNames,
      attributes,
      attributeGroups: table.attributeGroups,
      labels: folders.folders.map((folder) => classOf[folder]),
      imageFiles: null,
      photos: folders.photos,
      features: null,
      ...(await declaredSplits(dropped, classNames, folders.photos, signal)),
      findings: [...folders.findings, ...findings, ...table.findings, ...respelt],
    }
  },
}

/** The classes of a table and then the folders that it does not have. */
function joined(
  folders: readonly string[],
  inTable: readonly string[],
): { classNames: readonly string[]; classOf: readonly number[]; respelt: readonly Finding[] } {
  const found = findClasses(folders, inTable)
  const classNames = [...inTable]
  const folderOf = new Map<number | string, string>()
  const classOf = folders.map((folder, i) => {
    const index = found[i]
    // Classes that a table parts are two, however alike; without one nobody could tell them apart.
    const key = index ?? looseName(folder)
    const before = folderOf.get(key)
    if (before !== undefined) throw foldersAlike(before, folder)
    folderOf.set(key, folder)
    return index ?? classNames.push(folder) - 1
  })
  const otherwise = folders.filter((folder, i) => classNames[classOf[i]] !== folder)
  if (otherwise.length === 0) return { classNames, classOf, respelt: [] }
  const respelt: Finding = {
    level: 'ok',
    code: 'dataset/spelt-otherwise',
    message: `${count(otherwise.length, 'folder is', 'folders are')} spelt a little differently from the table, whose names are used.`,
    examples: otherwise.slice(0, 20),
  }
  return { classNames, classOf, respelt: [respelt] }
}

const nothingToTellApart = (): AppError =>
  new AppError(
    'dataset/unknown-layout',
    'No dataset was recognised in what you dropped: no photos, and no table of classes.',
    {
      next: 'Drop a folder with a folder of photos for each class, or a table with a row for each class and a column for each attribute.',
    },
  )
