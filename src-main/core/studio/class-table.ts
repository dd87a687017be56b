import { AppError, count, grouped, type Finding } from '../../contract/index.ts'
import { csvLine, distinct, examplesOf, findClasses, harmlessCell, plainName } from '../datasets/index.ts'
import { shortest, type BookClass } from './book.ts'
import { mostClasses, nameKey } from './edit-book.ts'
import { wrongLength } from './failures.ts'
import type { RunClasses } from './run-classes.ts'

/** Classes as a table gives them; names may be taken yet. */
export interface TableClasses {
  readonly classes: readonly { readonly name: string; readonly attributes: Float32Array }[]
  readonly findings: readonly Finding[]
}

/** What of a run says how its classes are described. */
export type DescribedRun = Pick<RunClasses, 'attributeNames' | 'ranges'>

/** As the contract has it for names that a person gives. */
const longestName = 200
const unnamed = 'New class'
const unknownValues = new Set(['', '?', '-', '–', '—', 'nan', 'na', 'n/a', 'unknown', 'not known'])
/** A share of an attribute's range beside which a value is only rounded. */
const roundingSlack = 1e-6

/**
 * The classes of a table whose first row names attributes and whose first column names classes. Rows without such a head
 * are taken in the order of the run's attributes, with a name before them or not. What cannot be read is left out with a
 * finding. Throws `classes/empty-table`, `classes/wrong-length`, `classes/no-attribute-matches` or `classes/too-many`.
 */
export function readClassTable(cells: readonly (readonly string[])[], run: DescribedRun): TableClasses {
  const rows = cells.map((row) => row.map(plain)).filter((row) => row.some((cell) => cell !== ''))
  if (rows.length === 0) {
    throw new AppError('classes/empty-table', 'There is no class in this table.', {
      next: 'Give a row of attribute names, and below it a row for each class with its name first.',
    })
  }
  const K = run.attributeNames.length
  const findings: Finding[] = []
  const columns = columnsOf(rows[0], run, findings)
  if (columns !== null) return readRows(rows.slice(1), columns, run, findings)
  const [first] = rows
  const lengths = new Set(rows.map((row) => row.length))
  // Without a head a row says nothing but its length.
  if (lengths.size > 1 || (first.length !== K && first.length !== K + 1)) {
    if (first.length > 1 && first.slice(1).every(isValue))
      throw wrongLength(isValue(first[0]) ? first.length : first.length - 1, K)
    throw noMatch(first)
  }
  if (!rows.every((row) => row.slice(row.length - K).every(isValue))) throw noMatch(first)
  const named = rows.map((row) => (row.length === K ? ['', ...row] : row))
  return readRows(
    named,
    Array.from({ length: K }, (_, at) => at),
    run,
    findings,
  )
}

/** Attribute of each column but the first, −1: of none; null where this row is no head. */
function columnsOf(head: readonly string[], { attributeNames }: DescribedRun, findings: Finding[]): number[] | null {
  const names = head.slice(1)
  const found = findClasses(names, attributeNames)
  if (found.every((one) => one === null)) return null
  const taken = new Set<number>()
  const repeated: string[] = []
  const unknown: string[] = []
  const columns = found.map((attribute, at) => {
    if (attribute === null) {
      if (names[at] !== '') unknown.push(names[at])
      return -1
    }
    if (!taken.has(attribute)) {
      taken.add(attribute)
      return attribute
    }
    repeated.push(names[at])
    return -1
  })
  tell(
    findings,
    unknown,
    'classes/unknown-attributes',
    (n) => `${count(n, 'column')} of this table ${n === 1 ? 'is' : 'are'} not an attribute of this run and left out.`,
    'Name columns as the run names its attributes.',
  )
  tell(
    findings,
    repeated,
    'classes/repeated-attributes',
    (n) => `${count(n, 'attribute')} ${n === 1 ? 'has' : 'have'} more than one column; the first counts.`,
  )
  const missing = attributeNames.filter((_, at) => !taken.has(at))
  tell(
    findings,
    missing,
    'classes/missing-attributes',
    (n) =>
      `${count(n, 'attribute')} of this run ${n === 1 ? 'has' : 'have'} no column here: “not known” for every class.`,
  )
  return columns
}

function readRows(
  rows: readonly (readonly string[])[],
  columns: readonly number[],
  { attributeNames, ranges }: DescribedRun,
  findings: Finding[],
): TableClasses {
  if (rows.length === 0) {
    throw new AppError('classes/empty-table', 'This table has a head and no class below it.', {
      next: 'Give a row for each class, with its name first.',
    })
  }
  if (rows.length > mostClasses) {
    throw new AppError(
      'classes/too-many',
      `This table has ${grouped(rows.length)} classes; a run takes ${grouped(mostClasses)}.`,
      { next: 'Give fewer. Nothing was changed.' },
    )
  }
  const [nameless, long, uneven, notNumbers, outside]: string[][] = [[], [], [], [], []]
  const classes = rows.map((row, at) => {
    const name = row[0] === '' ? unnamed : cut(row[0])
    if (row[0] === '') nameless.push(`row ${at + 1}`)
    if (name !== row[0] && row[0] !== '') long.push(row[0])
    if (row.length < columns.length + 1 || row.slice(columns.length + 1).some((cell) => cell !== '')) {
      uneven.push(`${name}: ${row.length - 1} of ${columns.length}`)
    }
    const attributes = new Float32Array(attributeNames.length).fill(NaN)
    columns.forEach((attribute, column) => {
      if (attribute < 0) return
      const cell = row[column + 1] ?? ''
      const value = numberOf(cell)
      if (value === undefined) {
        notNumbers.push(`${name}, ${attributeNames[attribute]}: ${cell}`)
        return
      }
      attributes[attribute] = value
      const { low, high } = ranges[attribute]
      const slack = roundingSlack * (high - low)
      if (value < low - slack || value > high + slack) {
        outside.push(`${name}, ${attributeNames[attribute]}: ${cell} (${shortest(low)} to ${shortest(high)})`)
      }
    })
    return { name, attributes }
  })
  tell(
    findings,
    nameless,
    'classes/no-name',
    (n) => `${count(n, 'class', 'classes')} had no name and ${n === 1 ? 'is' : 'are'} called “${unnamed}”.`,
    'Give it a name of its own.',
  )
  tell(
    findings,
    long,
    'classes/name-too-long',
    (n) => `${count(n, 'name')} ${n === 1 ? 'is' : 'are'} longer than ${longestName} letters and cut there.`,
  )
  tell(
    findings,
    uneven,
    'classes/wrong-length',
    (n) =>
      `${count(n, 'row')} ${n === 1 ? 'has' : 'have'} another number of values than the head: what lacks is “not known”, what is too many is left out.`,
    'Check whether its values stand below the right names.',
  )
  tell(
    findings,
    notNumbers,
    'classes/not-a-number',
    (n) => `${count(n, 'value')} ${n === 1 ? 'is' : 'are'} not a number and read as “not known”.`,
    'Write numbers, and leave a cell empty where the value is not known.',
  )
  tell(
    findings,
    outside,
    'classes/out-of-range',
    (n) =>
      `${count(n, 'value')} ${n === 1 ? 'lies' : 'lie'} outside of the range of this run’s classes and ${n === 1 ? 'is' : 'are'} kept as ${n === 1 ? 'it is' : 'they are'}.`,
    'Check that the table has the same units; the model never saw such values.',
  )
  return { classes, findings }
}

/** Names of their own: a taken one gets a number behind it. */
export function withFreeNames<T extends { readonly name: string }>(
  classes: readonly T[],
  taken: Iterable<string>,
  findings: Finding[],
): T[] {
  const used = new Set([...taken].map(nameKey))
  const renamed: string[] = []
  const named = classes.map((one) => {
    let name = one.name
    for (let number = 2; used.has(nameKey(name)); number++) name = `${cut(one.name, longestName - 8)} (${number})`
    used.add(nameKey(name))
    if (name !== one.name) renamed.push(`${one.name} → ${name}`)
    return { ...one, name }
  })
  tell(
    findings,
    renamed,
    'classes/name-taken',
    (n) => `${count(n, 'name')} ${n === 1 ? 'was' : 'were'} taken and got a number.`,
    'Rename what should be called otherwise.',
  )
  return named
}

/** What `readClassTable` reads back to the bit. */
export function writeClassTable(classes: readonly BookClass[], attributeNames: readonly string[]): string {
  const head = ['class', ...distinct(attributeNames)]
  const lines = classes.map(({ name, attributes }) => [
    name,
    ...Array.from(attributes, (value) => (Number.isNaN(value) ? '' : String(shortest(value)))),
  ])
  // All of the head is quoted: what parts its cells is then beyond doubt, whatever is in the names.
  const quotedHead = head.map((name) => `"${harmlessCell(name).replaceAll('"', '""')}"`).join(',')
  return `${quotedHead}\n${lines.map(([name, ...values]) => csvLine([harmlessCell(name), ...values])).join('')}`
}

/** The apostrophe that a harmless cell may have got is taken off again. */
const plain = (cell: string): string => plainName(cell).replace(/^'(?='*[=+\-@])/, '')

/** NaN for what is not known, undefined for what is neither. */
function numberOf(cell: string): number | undefined {
  if (unknownValues.has(cell.toLowerCase())) return NaN
  const value = Math.fround(Number(cell.endsWith('%') ? cell.slice(0, -1) : cell))
  return Number.isFinite(value) ? value : undefined
}
const isValue = (cell: string): boolean => numberOf(cell) !== undefined

/** Whole characters, as a reader sees them. */
function cut(name: string, longest = longestName): string {
  if (name.length <= longest) return name
  let end = 0
  for (const { index, segment } of new Intl.Segmenter().segment(name)) {
    if (index + segment.length > longest) break
    end = index + segment.length
  }
  return name.slice(0, end).trim() || name.slice(0, longest)
}

const noMatch = (head: readonly string[]): AppError =>
  new AppError('classes/no-attribute-matches', 'No column of this table is named like an attribute of this run.', {
    next: 'Name the columns in the first row as the run names its attributes, or give rows with a value for each in their order.',
    details: { found: examplesOf(head.slice(1)) },
  })

function tell(
  findings: Finding[],
  concerned: readonly string[],
  code: string,
  message: (n: number) => string,
  next?: string,
): void {
  if (concerned.length === 0) return
  const level = code === 'classes/missing-attributes' ? ('ok' as const) : ('warning' as const)
  findings.push({
    ...{ level, code, message: message(concerned.length), examples: examplesOf(concerned) },
    ...(next === undefined ? {} : { next }),
  })
}
