import { grouped } from '../../../contract/index.ts'
import { damagedFile, impossibleSize } from './failures.ts'

// DELTA, the "DEscription Language for TAxonomy" (Dallwitz 1980; Dallwitz and Paine, "Definition of the DELTA Format").
// Five directives define a coded description; the rest says how to print it. Of each word of a directive's name the
// first three letters count.

export interface DeltaTable {
  readonly classNames: readonly string[]
  readonly attributeNames: readonly string[]
  /** The character that a column is a state of; null for a number. */
  readonly attributeGroups: readonly (string | null)[]
  /** Row-major. A state is 0 or 100, a number itself; NaN is "not known". */
  readonly attributes: Float64Array
  /** Characters of text, which no column stands for. */
  readonly texts: readonly string[]
  /** Codes that could not be understood; read as "not known". */
  readonly unread: readonly string[]
}

const directives = {
  characters: 'CHA LIS',
  items: 'ITE DES',
  types: 'CHA TYP',
  stateCounts: 'NUM OF STA',
  implicit: 'IMP VAL',
}

/** Largest number of a character or a state; a range up to more is no DELTA. */
const largestNumber = 100_000
const mostValues = 16_000_000
/** Of one taxon or directive: each takes a hundred bytes once its ranges are written out. */
const mostCodes = 1_000_000

/** Whether a text is a part of a description in DELTA. */
export const isDelta = (text: string): boolean => sectionsOf(text).some(({ known }) => known !== null)

interface Character {
  readonly name: string
  readonly kind: 'states' | 'number' | 'text'
  readonly states: readonly string[]
  /** Where its first column is. */
  readonly column: number
}

/** @param text the files specs, chars and items, one after the other. @throws AppError where they are no description. */
export function parseDelta(file: string, text: string): DeltaTable {
  const sections = sectionsOf(text)
  const data = (known: keyof typeof directives): string =>
    sections.flatMap((section) => (section.known === known ? [section.data] : [])).join('\n')
  const items = itemsOf(data('items'))
  if (items.length === 0) {
    throw damagedFile(
      file,
      'it describes no taxon (*ITEM DESCRIPTIONS); drop the files specs, chars and items together',
    )
  }
  const characters = charactersOf(file, data('characters'), data('types'), data('stateCounts'))
  const list = [...characters.values()]
  const attributeNames: string[] = []
  const attributeGroups: (string | null)[] = []
  for (const { name, kind, states } of list) {
    if (kind === 'number') {
      attributeNames.push(name)
      attributeGroups.push(null)
    } else if (kind === 'states') {
      for (const state of states) {
        attributeNames.push(`${name}: ${state}`)
        attributeGroups.push(name)
      }
    }
  }
  const width = attributeNames.length
  if (width === 0) throw damagedFile(file, 'it has no character with states or numbers (*CHARACTER LIST)')
  if (items.length * width > mostValues)
    throw impossibleSize(file, `describes ${grouped(items.length)} taxa by ${grouped(width)} states`)

  const unread: string[] = []
  const implicit = codesOf(file, data('implicit'))
  const attributes = new Float64Array(items.length * width).fill(NaN)
  items.forEach(({ name, codes }, row) => {
    const values = attributes.subarray(row * width, (row + 1) * width)
    const read = ([number, code]: readonly [number, string]): void => {
      const character = characters.get(number)
      if (character === undefined || !readCode(character, code, values)) unread.push(`${name}: ${number},${code}`)
    }
    const own = codesOf(file, codes)
    const coded = new Set(own.map(([number]) => number))
    // `1,2:3` implies 2, and 3 where the character is not coded but another depends on it: of that nothing is known.
    for (const [number, code] of implicit) if (!coded.has(number)) read([number, code.split(':')[0]])
    own.forEach(read)
  })
  const texts = list.flatMap(({ kind, name }) => (kind === 'text' ? [name] : []))
  return { classNames: items.map(({ name }) => name), attributeNames, attributeGroups, attributes, texts, unread }
}

/** The directives in their order: a star at the start of a line, and up to four words. */
function sectionsOf(text: string): { known: keyof typeof directives | null; data: string }[] {
  return text
    .split(/^[ \t]*\*[ \t]?(?=[A-Z])/m)
    .slice(1)
    .map((section) => {
      const words = /^[A-Z]+(?:[ \t]+[A-Z]+\b){0,3}/.exec(section)?.[0] ?? ''
      const phrase = words.split(/[ \t]+/)
      const known = (Object.keys(directives) as (keyof typeof directives)[]).find((name) => {
        const wanted = directives[name].split(' ')
        return wanted.every((part, i) => phrase.at(i)?.slice(0, 3) === part)
      })
      if (known === undefined) return { known: null, data: '' }
      const named = phrase.slice(0, directives[known].split(' ').length)
      // The name may be parted by several blanks.
      return { known, data: section.replace(new RegExp(`^${named.join('[ \\t]+')}`), '') }
    })
}

function charactersOf(file: string, list: string, types: string, stateCounts: string): Map<number, Character> {
  const typeOf = new Map(codesOf(file, types))
  const countOf = new Map(codesOf(file, stateCounts))
  const described = new Map<number, string[]>()
  for (const part of list.split(/(?:^|\s)#(?=\s*\d+\.)/).slice(1)) {
    const [, number, body] = /^\s*(\d+)\.([\s\S]*)$/.exec(part)!
    // A slash ends a part where a blank follows; within one it is a slash.
    described.set(Number(number), body.split(/\/(?=\s|$)/))
  }
  const numbers = new Set([...described.keys(), ...typeOf.keys(), ...countOf.keys()])
  const characters = new Map<number, Character>()
  let column = 0
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const [feature = '', ...rest] = described.get(number) ?? []
    const type = (typeOf.get(number) ?? 'UM').toUpperCase()
    const kind = type === 'TE' ? 'text' : type === 'IN' || type === 'RN' ? 'number' : 'states'
    const plain = textOf(feature) || `character ${number}`
    const unit = kind === 'number' ? textOf(rest[0] ?? '') : ''
    const count = Number(countOf.get(number) ?? 0)
    if (count > largestNumber) throw impossibleSize(file, `speaks of ${grouped(count)} states of character ${number}`)
    const states = kind === 'states' ? statesOf(rest, count) : []
    characters.set(number, { name: unit === '' ? plain : `${plain} (${unit})`, kind, states, column })
    column += kind === 'number' ? 1 : states.length
    if (column > largestNumber) throw impossibleSize(file, 'has more states than any description')
  }
  return characters
}

function statesOf(parts: readonly string[], count: number): string[] {
  const names = new Map<number, string>()
  for (const part of parts) {
    const match = /^\s*(\d+)\.([\s\S]*)$/.exec(part)
    if (match !== null && Number(match[1]) <= largestNumber) names.set(Number(match[1]), textOf(match[2]))
  }
  const known = names.size === 0 && !(count > 0) ? 2 : Math.max(...names.keys(), count > 0 ? count : 0)
  return Array.from({ length: known }, (_, i) => names.get(i + 1) || `state ${i + 1}`)
}

function itemsOf(text: string): { name: string; codes: string }[] {
  return text
    .split(/^[ \t]*#/m)
    .slice(1)
    .flatMap((part) => {
      const end = /\/(?=\s|$)/.exec(part)
      if (end === null) return []
      const name = textOf(part.slice(0, end.index))
      // `#+` is a variant of the taxon before it.
      return name === '' || name.startsWith('+') ? [] : [{ name, codes: part.slice(end.index + 1) }]
    })
}

/** `3,1/2 5-7,4`: each character with what it is given. */
function codesOf(file: string, text: string): [number, string][] {
  const codes: [number, string][] = []
  for (const token of withoutComments(text).split(/\s+/)) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?,(.+)$/.exec(token)
    if (match === null) continue
    const [, from, to = from, code] = match
    if (Number(to) > largestNumber) throw impossibleSize(file, `speaks of character ${to}`)
    for (let number = Number(from); number <= Number(to); number++) codes.push([number, code])
    if (codes.length > mostCodes) throw impossibleSize(file, 'has more codes than any description')
  }
  return codes
}

/** Writes what a code says into its character's columns. @returns whether it could be understood. */
function readCode({ kind, states, column }: Character, code: string, row: Float64Array): boolean {
  // Unknown, and variable: either way nothing is known.
  if (kind === 'text' || code === 'U' || code === 'V') return true
  const alternatives = code.split(/[/&]/)
  if (kind === 'number') {
    if (code === '-') return true
    const values = alternatives.map(middleOf)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    if (Number.isFinite(mean)) row[column] = mean
    return Number.isFinite(mean)
  }
  const present = new Set<number>()
  // What does not apply (the colour of no wings) is not there.
  if (code !== '-') {
    for (const alternative of alternatives) {
      const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(alternative)
      if (match === null) return false
      const [, one, other = one] = match
      const [from, to] = [Number(one), Number(other)].sort((a, b) => a - b) as [number, number]
      if (from < 1 || to > states.length) return false
      for (let state = from; state <= to; state++) present.add(state)
    }
  }
  for (let state = 0; state < states.length; state++) row[column + state] = present.has(state + 1) ? 100 : 0
  return true
}

/** `5`, `5-7`, `5-6-7` or `(3-)5-7(-9)`: the usual value; what is in brackets is rare. NaN for anything else. */
export function middleOf(range: string): number {
  const number = String.raw`[-−]?\d+(?:\.\d+)?`
  const usual = range.replaceAll(/\([^()]*\)/g, '').trim()
  const match = new RegExp(`^(${number})(?:\\s*[-–]\\s*(${number}))?(?:\\s*[-–]\\s*(${number}))?$`).exec(usual)
  if (match === null) return NaN
  const [, first, second, third] = match.map((part: string | undefined) => Number(part?.replace('−', '-')))
  if (Number.isNaN(second)) return first
  // Of three numbers the second is the mean.
  return Number.isNaN(third) ? (first + second) / 2 : second
}

/** A name as a person reads it: without comments and typesetting marks. */
function textOf(raw: string): string {
  return withoutComments(raw)
    .replaceAll(/\\'([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll(/\\[a-z]+-?\d*(?:\{\}| )?/gi, '')
    .replaceAll(/[{}]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** Takes out what is between angle brackets, also nested; a bracket without its partner is text. */
function withoutComments(text: string): string {
  const open: number[] = []
  const kept: string[] = []
  for (const character of text) {
    if (character === '<') open.push(kept.length)
    const start = character === '>' ? open.pop() : undefined
    if (start === undefined) kept.push(character)
    else kept.length = start
  }
  return kept.join('')
}
