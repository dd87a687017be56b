import { open } from 'node:fs/promises'
import { notOnnx, tooComplex, truncatedModel } from '../errors.ts'

/** A stretch of the file: what a message or a string takes. */
export interface Span {
  readonly from: number
  readonly to: number
}

export interface Field {
  readonly number: number
  /** Of a number or a float; 0 where the field has a span. */
  readonly value: number
  /** Of a message, a string or bytes; nothing of it has been read yet. */
  readonly span: Span | null
}

/** A file in protobuf's wire format, read in bounded memory: what nobody asks for is stepped over, not loaded. */
export interface ProtoFile {
  readonly size: number
  fields(span: Span): AsyncGenerator<Field>
  text(span: Span): Promise<string>
  /** Numbers that were packed into one field. */
  varints(span: Span): Promise<number[]>
  close(): Promise<void>
}

const windowBytes = 2 ** 16
/** No network for pictures has as many; what stops a file of a billion tiny fields. */
const mostFields = 4_000_000
const longestText = 4096
const mostText = 2 ** 26 // bytes, all together

export async function openProtoFile(path: string): Promise<ProtoFile> {
  const handle = await open(path, 'r')
  const { size } = await handle.stat()
  const window = Buffer.alloc(windowBytes)
  let start = 0
  let filled = 0
  let fieldsLeft = mostFields
  let textLeft = mostText

  /** Moves the window so that it begins at `at`. */
  async function moveTo(at: number): Promise<void> {
    start = at
    filled = 0
    while (filled < window.length) {
      const { bytesRead } = await handle.read(window, filled, window.length - filled, start + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
  }

  /** `count` bytes from `at` are in the window afterwards. */
  async function need(at: number, count: number): Promise<void> {
    if (at >= start && at + count <= start + filled) return
    await moveTo(at)
    if (filled < count) throw truncatedModel()
  }

  let position = 0
  /** At `position`, which it moves on. Numbers over 2^53 lose their last bits: only sizes and counts matter here. */
  async function varint(to: number): Promise<number> {
    let value = 0
    for (let scale = 1, length = 0; length < 10; scale *= 128, length++) {
      if (position >= to) throw notOnnx()
      if (position < start || position >= start + filled) await need(position, 1)
      const byte = window[position++ - start]
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw notOnnx()
  }

  return {
    size,

    async *fields({ from, to }) {
      for (let at = from; at < to;) {
        if (fieldsLeft-- === 0) throw tooComplex()
        position = at
        const tag = await varint(to)
        const number = Math.floor(tag / 8)
        const kind = tag % 8
        if (number === 0 || number >= 2 ** 29) throw notOnnx()
        let value = 0
        let span: Span | null = null
        if (kind === 0) {
          value = await varint(to)
          at = position
        } else if (kind === 1) at = position + 8
        else if (kind === 5) at = position + 4
        else if (kind === 2) {
          const length = await varint(to)
          span = { from: position, to: position + length }
          at = span.to
        } else throw notOnnx()
        if (at > size) throw truncatedModel()
        if (at > to) throw notOnnx()
        yield { number, value, span }
      }
    },

    async text({ from, to }) {
      const length = to - from
      textLeft -= length
      if (length > longestText || textLeft < 0) throw tooComplex()
      await need(from, length)
      return window.toString('utf8', from - start, to - start)
    },

    async varints({ from, to }) {
      const values: number[] = []
      position = from
      while (position < to) values.push(await varint(to))
      return values
    },

    close: () => handle.close(),
  }
}
