import { AppError, toWireError, type WireError } from '../../contract/index.ts'

const sparsely = 5000 // ms between progress lines where they cannot be rewritten

/** The name of a file or a class may hold what commands a terminal. */
const harmless = (text: string): string => text.replaceAll(/(?![\n\t])\p{Cc}/gu, '\ufffd')

/** What a command says: progress and remarks on stderr, its result on stdout. */
export interface Output {
  /** A line that stays. */
  note(text: string): void
  /** Replaces the last progress line on a terminal; elsewhere now and then a line. */
  progress(text: string): void
  /** As one line of JSON, or as text for a person. */
  result(value: object, text: string): void
  failure(error: WireError): void
  /** A failure of whatever kind. What an error of ours says helps in a shell, where paths are the person's own. */
  thrown(error: unknown): void
}

export function createOutput(json: boolean): Output {
  const terminal = process.stderr.isTTY
  let lastTime = -Infinity
  let lastText = ''

  function clear(): void {
    if (terminal) process.stderr.write('\r\u001b[2K')
  }

  function note(text: string): void {
    clear()
    process.stderr.write(`${harmless(text)}\n`)
  }

  function failure({ code, message, next }: WireError): void {
    note(`${message}${next === undefined ? '' : `\n${next}`}`)
    if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, next } })}\n`)
  }

  return {
    note,
    failure,
    thrown(error) {
      if (!(error instanceof AppError)) note(String(error))
      failure(toWireError(error))
    },
    progress(said) {
      const text = harmless(said)
      if (text === lastText) return
      lastText = text
      if (terminal) {
        process.stderr.write(`\r\u001b[2K${text.slice(0, Math.max(process.stderr.columns - 1, 20))}`)
      } else if (performance.now() - lastTime >= sparsely) {
        lastTime = performance.now()
        process.stderr.write(`${text}\n`)
      }
    },
    result(value, text) {
      clear()
      process.stdout.write(`${json ? JSON.stringify(value) : harmless(text)}\n`)
    },
  }
}

/** Seconds for a person: `40 s`, `12 min`, `5 h 20 min`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`
}
