import { AppError, count, type Finding } from '../../../contract/index.ts'
import { examplesOf } from '../findings.ts'
import { middleOf } from '../formats/delta.ts'
import { looseName, plainName } from './class-names.ts'
import { endOf, featureOf, isNumeric, isScore, scoresRead, scoreValues } from './lucid.ts'

/** C classes by K attributes, as some table gives them. */
export interface AttributeTable {
  /** What the person knows the table by. */
  readonly file: string
  readonly classNames: readonly string[]
  readonly attributeNames: readonly string[]
  readonly attributeGroups: readonly (string | null)[] | null
  /** Row-major; NaN is "not known". */
  readonly attributes: Float64Array
  readonly findings: readonly Finding[]
}

/** As the contract has it for names that a person gives. */
const longestName = 200
const unknownValues = new Set(['', '?', '-', '–', 'nan', 'na', 'n/a', 'unknown'])

/**
 * A table of attributes in the rows of a spreadsheet: the first column names classes, the first row attributes, or
 * the other way round. Lucid's exports (“feature: state”, scores of 0 to 6) are recognised by themselves.
 * @param folders loose names of classes that are known otherwise; they tell which way round.
 */
export function attributesOfRows(
  file: string,
  cells: readonly (readonly string[])[],
  folders: ReadonlySet<string>,
): AttributeTable {
  const rows = turned(file, trimmed(cells), folders)
  const uneven = unevenRows(cells)
  const [header, ...body] = rows
  const unnamed = header.slice(1).flatMap((name, i) => (name === '' ? [`column ${i + 2}`] : []))
  const given = header.slice(1).map((name, i) => requireName(file, name) || `column ${i + 2}`)
  const groups = groupsOf(given)
  const scored = isScored(body, groups)
  const attributeNames = distinct(scored ? given.map((name) => name.replace(/\s*#$/, '')) : given)
  const classNames = body.map((row) => requireName(file, row[0]))
  const width = attributeNames.length
  const attributes = new Float64Array(body.length * width)
  let beyond = false
  body.forEach((row, r) => {
    for (let c = 0; c < width; c++) {
      const value = valueOf(file, row, c, attributeNames)
      const score = scored && groups[c] !== null
      if (score && value > 1) beyond = true
      attributes[r * width + c] = score && !Number.isNaN(value) ? scoreValues[value] : value
    }
  })
  return {
    file,
    classNames: scored ? withoutPaths(classNames) : classNames,
    attributeNames,
    attributeGroups: groups.some((group) => group !== null) ? groups : null,
    attributes,
    findings: [
      ...(scored ? [scoresRead(beyond)] : []),
      ...(unnamed.length > 0 ? [columnsUnnamed(unnamed)] : []),
      ...(uneven.length > 0 ? [rowsUneven(uneven)] : []),
    ],
  }
}

const isFilled = (cell: string): boolean => cell !== ''

/** NFC, without empty rows and columns and without a title above the header; all of one width. */
function trimmed(cells: readonly (readonly string[])[]): string[][] {
  const filled = cells.map((row) => row.map(plainName)).filter((row) => row.some(isFilled))
  // What names no attribute is no header.
  const header = filled.findIndex((row) => row.filter(isFilled).length > 1 || !isFilled(row[0]))
  const rows = header < 0 ? filled : filled.slice(header)
  const used = new Set(rows.flatMap((row) => row.flatMap((cell, c) => (isFilled(cell) ? [c] : []))))
  const columns = [...used].sort((a, b) => a - b)
  return rows.map((row) => columns.map((c) => row[c] ?? ''))
}

/** What rows are called that have another number of cells than the first: a value may be missing in their middle. */
function unevenRows(cells: readonly (readonly string[])[]): string[] {
  const rows = cells.filter((row) => row.length > 1 && row.some(isFilled))
  const width = rows.length > 0 ? rows[0].length : 0
  return rows
    .filter((row) => row.length !== width)
    .map((row) => `${plainName(row[0])}: ${row.length - 1} of ${width - 1}`)
}

/** With classes in rows. */
function turned(file: string, rows: string[][], folders: ReadonlySet<string>): string[][] {
  if (rows.length < 2 || rows[0].length < 2) {
    throw new AppError('dataset/no-table', `“${file}” is no table of attributes.`, {
      next: 'It needs a row of attribute names and below it a row for each class, with its name first.',
      details: { file },
    })
  }
  const across = rows[0].slice(1)
  const down = rows.slice(1).map((row) => row[0])
  const isKnown = (name: string) => folders.has(looseName(name)) || folders.has(looseName(endOf(name)))
  const paths = (names: readonly string[]) => names.filter((name) => featureOf(name) !== null).length
  // Where both are paths, it is as Lucid has it.
  const leadToStates = paths(across) === 0 || (rows[0][0] === '' && paths(across) * 2 > across.length)
  const otherWay = !down.some(isKnown) && (across.some(isKnown) || (leadToStates && paths(down) * 2 > down.length))
  return otherWay ? rows[0].map((_, c) => rows.map((row) => row[c])) : rows
}

function requireName(file: string, name: string): string {
  if (name.length <= longestName) return name
  throw new AppError(
    'dataset/name-too-long',
    `“${file}” has a name of ${name.length} letters: “${name.slice(0, 40)}…”.`,
    {
      next: `Give classes and attributes names of at most ${longestName} letters.`,
    },
  )
}

/** Numbers all but the first of the same name. */
export function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    let unique = name
    for (let n = 2; taken.has(unique); n++) unique = `${name} (${n})`
    taken.add(unique)
    return unique
  })
}

/** What names are states of, where there are at least two of it. */
function groupsOf(names: readonly string[]): (string | null)[] {
  const groups = names.map((name) => (isNumeric(name) ? null : featureOf(name)))
  const sizes = new Map<string | null, number>()
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  return groups.map((group) => (sizes.get(group)! > 1 ? group : null))
}

function valueOf(file: string, row: readonly string[], column: number, names: readonly string[]): number {
  const text = row[column + 1]
  if (unknownValues.has(text.toLowerCase())) return NaN
  const word = text.toLowerCase()
  if (word === 'true' || word === 'yes') return 1
  if (word === 'false' || word === 'no') return 0
  const value = Number(text.endsWith('%') ? text.slice(0, -1) : text)
  const read = Number.isNaN(value) ? middleOf(text) : value
  if (!Number.isNaN(read)) return read
  throw new AppError(
    'dataset/attribute-not-a-number',
    `“${file}” has “${text.slice(0, 40)}” for ${row[0].slice(0, 80) || 'a class without a name'}, ${names[column].slice(0, 80)}.`,
    {
      next: 'Write numbers; leave a cell empty, or write ?, where the value is not known. Take columns of words out, and rows above the names of the attributes.',
    },
  )
}

function isScored(body: readonly (readonly string[])[], groups: readonly (string | null)[]): boolean {
  const columns = groups.flatMap((group, c) => (group === null ? [] : [c]))
  return (
    columns.length > 0 &&
    body.every((row) => columns.every((c) => isScore(row[c + 1]) || unknownValues.has(row[c + 1].toLowerCase())))
  )
}

/** Lucid's entities by the end of their paths, where that tells them apart. */
function withoutPaths(names: readonly string[]): readonly string[] {
  const ends = names.map(endOf)
  return new Set(ends).size === names.length && !ends.includes('') ? ends : names
}

const columnsUnnamed = (columns: readonly string[]): Finding => ({
  level: 'warning',
  code: 'dataset/unnamed-columns',
  message: `${count(columns.length, 'column has', 'columns have')} values and no name, and ${columns.length === 1 ? 'is' : 'are'} called after ${columns.length === 1 ? 'its' : 'their'} place.`,
  next: 'Name the attribute, or take the column out.',
  examples: examplesOf(columns),
})

const rowsUneven = (rows: readonly string[]): Finding => ({
  level: 'warning',
  code: 'dataset/uneven-rows',
  message: `${count(rows.length, 'row has', 'rows have')} another number of values than the first: what lacks is “not known”.`,
  next: 'Check whether their values stand below the right names.',
  examples: examplesOf(rows),
})
