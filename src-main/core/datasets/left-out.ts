import { toWireError, count, type AppError, type Finding } from '../../contract/index.ts'
import { examplesOf } from './findings.ts'

/** A photo that has been looked at, or why it could not be. */
export interface SeenPhoto {
  readonly file: string
  readonly class: string
  readonly read: { readonly sha256: string } | AppError
}

/** Decides which photos are taken, told of one after another in their order, and remembers why others are not. */
export interface Sieve {
  /** Whether it is taken: it can be read, and its bytes did not come before. */
  take(photo: SeenPhoto): boolean
  findings(): Finding[]
}

const mostExamples = 20

/** @param known SHA-256 of photos that are there already. */
export function createSieve(known: ReadonlySet<string> = new Set()): Sieve {
  const first = new Map<string, { file: string; class: string }>()
  const broken: Group = { total: 0, examples: [] }
  const repeated: Group = { total: 0, examples: [] }
  const contradicting: Group = { total: 0, examples: [] }
  const leaveOut = (group: Group, example: string): false => {
    group.total++
    if (group.examples.length < mostExamples) group.examples.push(example)
    return false
  }

  return {
    take({ file, class: own, read }) {
      if (!('sha256' in read)) return leaveOut(broken, `${file}: ${toWireError(read).message}`)
      const before = first.get(read.sha256)
      if (before === undefined) {
        if (known.has(read.sha256)) return leaveOut(repeated, file)
        first.set(read.sha256, { file, class: own })
        return true
      }
      if (before.class === own) return leaveOut(repeated, `${file}, like ${before.file}`)
      return leaveOut(contradicting, `${file} (${own}), like ${before.file} (${before.class})`)
    },

    findings: () => [
      ...warning(broken, {
        code: 'dataset/broken-photos',
        message: `Left out, since they cannot be read: ${count(broken.total, 'photo')}.`,
        next: 'Copy or download them again, and add them.',
      }),
      ...warning(repeated, {
        code: 'dataset/repeated-photos',
        message: `Left out, since the same photo is there already: ${count(repeated.total, 'photo')}.`,
      }),
      ...warning(contradicting, {
        code: 'dataset/photo-in-two-classes',
        message: `Left out, since the same photo is there under another class: ${count(contradicting.total, 'photo')}. The first class is kept.`,
        next: 'Look at these: one of the two classes is wrong, or both are on the photo.',
      }),
    ],
  }
}

interface Group {
  total: number
  readonly examples: string[]
}

const warning = ({ total, examples }: Group, words: Omit<Finding, 'level' | 'examples'>): Finding[] =>
  total === 0 ? [] : [{ level: 'warning', ...words, examples: examplesOf(examples) }]
