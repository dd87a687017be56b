import { decode as unpack, encode as pack, ExtensionCodec } from '@msgpack/msgpack'

/** Extension types of MessagePack for the arrays that cross the wire; numbers are the wire's own and stay. */
const arrayTypes = [
  [1, Float32Array],
  [2, Int32Array],
  [3, Float64Array],
] as const

const extensionCodec = new ExtensionCodec()
for (const [type, ArrayType] of arrayTypes) {
  extensionCodec.register({
    type,
    encode: (value) =>
      value instanceof ArrayType ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : null,
    // A copy of its own, because the bytes lie in the message at any offset and a typed array needs an aligned one.
    decode: (bytes) => new ArrayType(new Uint8Array(bytes).buffer),
  })
}

/**
 * One message for a socket, little-endian as every machine that runs this is. An absent field stays absent and an
 * undefined one becomes absent, as `exactOptionalPropertyTypes` wants them; inside an array undefined becomes null.
 */
export const encode = (value: unknown): Uint8Array => pack(value, { extensionCodec, ignoreUndefined: true })

/** Throws on anything that `encode` did not make. */
export const decode = (bytes: Uint8Array): unknown => unpack(bytes, { extensionCodec })
