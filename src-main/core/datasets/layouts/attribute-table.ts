import { AppError, grouped, type Finding } from '../../../contract/index.ts'
import { fileKey, type Dropped, type DroppedFile } from '../dropped.ts'
import { readSmall } from '../formats/csv.ts'
import { isDelta, parseDelta } from '../formats/delta.ts'
import { readTable } from '../formats/table.ts'
import { decodeText } from '../formats/text.ts'
import { attributesOfRows, distinct, type AttributeTable } from './attribute-rows.ts'
import { findClasses, looseName, plainName } from './class-names.ts'

/** Tables of other things, by the names under which our own layouts have them. */
const otherTables = new Set(['images.csv', 'splits.csv'])
const ownName = /^attributes\.(?:csv|tsv|txt|xls[xm]?|ods)$/
const tableName = /\.(?:csv|tsv|xls[xm]?|ods)$/
const deltaName = /^(?:(?:specs|chars|characters|items)(?:\.txt)?|.*\.(?:dlt|delta))$/

const depthOf = ({ name }: DroppedFile): number => name.split('/').length

/** Tables that may hold attributes, those nearest to what was dropped. */
function candidates(dropped: Dropped, name: RegExp): DroppedFile[] {
  const found = dropped.files.filter((file) => {
    const key = fileKey(file)
    // A spreadsheet that is open leaves a “~$…” beside it.
    return name.test(key) && !otherTables.has(key) && !key.startsWith('~$')
  })
  const nearest = Math.min(...found.map(depthOf))
  return found.filter((file) => depthOf(file) === nearest)
}

/** Whether something here may be a table of attributes. */
export const hasAttributeTable = (dropped: Dropped): boolean =>
  [ownName, deltaName, tableName].some((name) => candidates(dropped, name).length > 0)

/**
 * The table of attributes among what was dropped: attributes.csv (tsv, xlsx), else a description in DELTA, else the
 * only table there is. The last is a guess: beside photos it is left out, with a finding, where it is none.
 * @param folders names of classes that photos are of; a table must have one of them.
 * @param classes names that tell which way round a table is.
 */
export async function findAttributeTable(
  dropped: Dropped,
  folders: readonly string[],
  signal: AbortSignal,
  classes = folders,
): Promise<{ table: AttributeTable | null; findings: readonly Finding[] }> {
  const known = new Set(classes.map(looseName))
  const read = async (file: DroppedFile): Promise<AttributeTable> => {
    const table = attributesOfRows(file.name, await readTable(file, signal), known)
    if (folders.length > 0 && findClasses(folders, table.classNames).every((found) => found === null)) {
      throw new AppError('dataset/no-class-matches', `No class of “${file.name}” is the name of a folder of photos.`, {
        next: 'Name the folders as in the first column of the table.',
        details: { examples: table.classNames.slice(0, 10) },
      })
    }
    return table
  }

  const own = candidates(dropped, ownName)
  if (own.length > 1) {
    throw new AppError('dataset/several-datasets', 'There is more than one table of attributes here.', {
      next: 'Drop the folder of one dataset.',
      details: { files: own.slice(0, 20).map(({ name }) => name) },
    })
  }
  if (own.length === 1) return { table: await read(own[0]), findings: [] }
  const delta = await readDelta(candidates(dropped, deltaName), signal)
  if (delta !== null) return { table: delta, findings: [] }
  const others = candidates(dropped, tableName)
  if (others.length === 0) return { table: null, findings: [] }
  try {
    if (others.length > 1) {
      throw new AppError(
        'dataset/several-tables',
        'There are several tables here, and none is called attributes.csv.',
        {
          next: 'Call the one with the attributes attributes.csv (or .tsv, .xlsx) and drop the folder again.',
          details: { files: others.slice(0, 20).map(({ name }) => name) },
        },
      )
    }
    return { table: await read(others[0]), findings: [] }
  } catch (thrown) {
    if (!(thrown instanceof AppError) || folders.length === 0) throw thrown
    return { table: null, findings: [notUsed(others, thrown)] }
  }
}

async function readDelta(files: readonly DroppedFile[], signal: AbortSignal): Promise<AttributeTable | null> {
  const texts: string[] = []
  for (const file of files) {
    const text = decodeText(file.name, await readSmall(file, signal))
    if (isDelta(text)) texts.push(text)
  }
  if (texts.length === 0) return null
  const file = files.map(({ name }) => name).join(', ')
  const {
    classNames,
    attributeNames,
    attributeGroups,
    attributes,
    texts: words,
    unread,
  } = parseDelta(file, texts.join('\n'))
  const findings: Finding[] = []
  if (words.length > 0) {
    findings.push({
      level: 'ok',
      code: 'dataset/delta-texts',
      message: `${grouped(words.length)} characters are texts; they are left out.`,
      examples: words.slice(0, 20),
    })
  }
  if (unread.length > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/delta-codes',
      message: `${grouped(unread.length)} codes name no state of their character and are read as not known.`,
      examples: unread.slice(0, 20).map((code) => code.slice(0, 120)),
    })
  }
  return {
    file,
    classNames: classNames.map(plainName),
    attributeNames: distinct(attributeNames.map(plainName)),
    attributeGroups,
    attributes,
    findings,
  }
}

const notUsed = (files: readonly DroppedFile[], { message, next }: AppError): Finding => ({
  level: 'warning',
  code: 'dataset/table-not-used',
  message: `No table of attributes was used: ${message}`,
  ...(next === undefined ? {} : { next }),
  examples: files.slice(0, 20).map(({ name }) => name),
})
