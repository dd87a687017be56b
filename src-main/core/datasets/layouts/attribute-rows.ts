import { AppError, type Finding } from '../../../contract/index.ts'
import { count, examplesOf } from '../findings.ts'
import { middleOf } from '../formats/delta.ts'
import { looseName, plainName } from './class-names.ts'

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
  const classNames = body.map((row) => requireName(file, row[0]))
  const unnamed = header.slice(1).flatMap((name, i) => (name === '' ? [`column ${i + 2}`] : []))
  const attributeNames = distinct(header.slice(1).map((name, i) => requireName(file, name) || `column ${i + 2}`))
  const groups = groupsOf(attributeNames)
  const width = attributeNames.length
  const scored = isScored(body, groups)
  const attributes = new Float64Array(body.length * width)
  let beyond = false
  body.forEach((row, r) => {
    for (let c = 0; c < width; c++) {
      const value = valueOf(file, row, c, attributeNames)
      const score = scored && groups[c] !== null
      if (score && value > 1) beyond = true
      attributes[r * width + c] = score && !Number.isNaN(value) ? lucidScores[value] : value
    }
  })
  return {
    file,
    classNames,
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
  const known = (names: readonly string[]) => names.filter((name) => folders.has(looseName(name))).length
  const states = (names: readonly string[]) => names.filter((name) => groupOf(name) !== null).length
  const otherWay = known(down) === 0 && (known(across) > 0 || (states(across) === 0 && states(down) * 2 > down.length))
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

/** What is before the first colon, where something follows it. */
function groupOf(name: string): string | null {
  return /^([^:]*[^:\s])\s*::?\s*[^:\s]/.exec(name)?.[1] ?? null
}

/** Groups of at least two. */
function groupsOf(names: readonly string[]): (string | null)[] {
  const groups = names.map(groupOf)
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

/**
 * What Lucid's scores say of a state, 0 to 100: absent, common, rare, uncertain, common and rare where it is only
 * misinterpreted as present, not scoped.
 */
const lucidScores = [0, 100, 50, NaN, 0, 0, NaN]

function isScored(body: readonly (readonly string[])[], groups: readonly (string | null)[]): boolean {
  const columns = groups.flatMap((group, c) => (group === null ? [] : [c]))
  return (
    columns.length > 0 &&
    body.every((row) =>
      columns.every((c) => /^[0-6]?$/.test(row[c + 1]) || unknownValues.has(row[c + 1].toLowerCase())),
    )
  )
}

const scoresRead = (beyond: boolean): Finding => ({
  level: beyond ? 'warning' : 'ok',
  code: 'dataset/lucid-scores',
  message:
    'The states in this table are read as Lucid scores: 1 is 100, 2 (rare) is 50, 3 and 6 are not known, 0, 4 and 5 are 0.',
  ...(beyond ? { next: 'If they are ratings instead, take the colons out of the names of their columns.' } : {}),
})

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
