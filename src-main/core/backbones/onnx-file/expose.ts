import { readFile } from 'node:fs/promises'

const graphField = 7
const outputField = 12
const nameField = 1

/**
 * The bytes of a network that also gives out `tensor`. Protobuf merges a message that occurs twice and appends its lists,
 * so that `graph { output { name } }` behind the file is all it takes.
 */
export async function withOutput(path: string, tensor: string): Promise<Uint8Array> {
  const output = lengthDelimited(outputField, lengthDelimited(nameField, Buffer.from(tensor)))
  return Buffer.concat([await readFile(path), lengthDelimited(graphField, output)])
}

function lengthDelimited(field: number, content: Uint8Array): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128)
  return Buffer.from([...bytes, value])
}
