import type { Answer, Classification, WireError } from '../../../contract/index.ts'

/** What `unseen classify --json` prints. */
export interface ClassifyReport {
  readonly run: string
  readonly gamma: number
  readonly photos: readonly PhotoReport[]
}

interface PhotoReport {
  readonly file: string
  /** Too little to name a class; `top` says what it would be. */
  readonly none: boolean
  readonly top: readonly {
    readonly class: string
    /** `yours`: of the table, or of the classes that were described for the run. */
    readonly role: 'seen' | 'unseen' | 'yours'
    /** 0 to 1. */
    readonly probability: number
    /** γ taken off. */
    readonly score: number
  }[]
  /** Why the photo could not be read. */
  readonly error?: WireError
}

interface Answered {
  readonly file: string
  readonly error: WireError | null
  readonly answer: Answer
}

export function reportOf(
  { run, classes }: Classification,
  gamma: number,
  photos: readonly Answered[],
  top: number,
): ClassifyReport {
  return {
    run,
    gamma,
    photos: photos.map(({ file, error, answer: { ranking, none } }) => ({
      file,
      none,
      top: ranking.slice(0, top).map((one) => ({
        class: classes[one.class].name,
        role: classes[one.class].role,
        probability: one.probability,
        score: one.score,
      })),
      ...(error ? { error } : {}),
    })),
  }
}

/** One line for each photo, for a person. */
export function peopleText({ photos }: ClassifyReport): string {
  const longest = Math.min(40, Math.max(...photos.map(({ file }) => file.length)))
  return photos
    .map(({ file, none, top, error }) => {
      const named = top.map(
        (one) => `${one.class}${one.role === 'seen' ? '' : ` (${one.role})`} ${Math.round(100 * one.probability)} %`,
      )
      const said = error ? error.message : `${none ? 'none of these; perhaps ' : ''}${named.join(' · ')}`
      return `${file.padEnd(longest)}  ${said}`
    })
    .join('\n')
}

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
/** A spreadsheet takes a cell that begins so for a formula; file and class names come from anywhere. */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)

/** One line for each photo, the best classes beside each other. */
export function csvText({ photos }: ClassifyReport, top: number): string {
  const ranks = Array.from({ length: top }, (_, at) => at)
  const header = ranks.flatMap((at) => ['class', 'role', 'probability'].map((name) => `${name}_${at + 1}`))
  const lines = photos.map(({ file, none, top: best, error }) => [
    harmless(file),
    none || best.length === 0 ? '' : harmless(best[0].class),
    none ? 'yes' : 'no',
    error?.message ?? '',
    ...ranks.flatMap((at) => {
      const one = best.at(at)
      return one ? [harmless(one.class), one.role, one.probability.toFixed(4)] : ['', '', '']
    }),
  ])
  const all = [['file', 'label', 'none_of_these', 'problem', ...header], ...lines]
  return all.map((line) => `${line.map(cell).join(',')}\n`).join('')
}
