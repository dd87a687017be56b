/** A wheel, exactly: what the package index recorded for it on 28 November 2026. */
export interface Wheel {
  readonly name: string
  readonly version: string
  readonly file: string
  readonly sha256: string
  readonly bytes: number
  /** Paths inside it that are needed, as prefixes. */
  readonly wanted: readonly string[]
  /** Bytes of these, unpacked. */
  readonly unpacked: number
}

/** An npm package, exactly, and the prefixes of what is needed of it. */
export interface Tarball {
  readonly name: string
  readonly version: string
  readonly file: string
  /** As npm records it: base64. */
  readonly sha512: string
  readonly wanted: readonly string[]
}

export interface Pins {
  readonly wheels: readonly Wheel[]
  readonly binding: Tarball
  readonly headers: Tarball
}

/** Of the wheel: the library, and the headers of its C interface. TensorFlow's own Python is not. */
const library = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/ctstring',
  'tensorflow/include/tsl/platform/ctstring',
  'tensorflow/include/xla/tsl/c/',
]

/**
 * The library inside the wheel is the same for every Python, so that one wheel serves whichever Python fetches it. Only
 * platforms on which it was tried are here.
 */
export const platforms = {
  'linux-x64': {
    python: '3.12',
    tags: ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64', 'manylinux2010_x86_64'],
  },
} as const
export type Platform = keyof typeof platforms

/** The binding's sources are the same in tfjs-node and tfjs-node-gpu. */
const packages = {
  binding: {
    name: '@tensorflow/tfjs-node',
    version: '4.22.0',
    file: 'tensorflow-tfjs-node-4.22.0.tgz',
    sha512: 'uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==',
    wanted: ['binding/'],
  },
  headers: {
    name: 'node-api-headers',
    version: '1.9.0',
    file: 'node-api-headers-1.9.0.tgz',
    sha512: '2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==',
    wanted: ['include/'],
  },
} as const

const cpuWheels: readonly Wheel[] = [
  {
    name: 'tensorflow-cpu',
    version: '2.18.1',
    file: 'tensorflow_cpu-2.18.1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    sha256: '8e0f27dbd92c6d380ae0ccfe73c7343f65c127b0aa98467c30c2e71eda7c76a4',
    bytes: 230_236_181,
    wanted: library,
    unpacked: 684_000_000,
  },
]

const cudaWheels: readonly Wheel[] = []

export const pinsFor = (platform: Platform, cuda: boolean): Pins => ({
  ...packages,
  wheels: { 'linux-x64': cuda ? cudaWheels : cpuWheels }[platform],
})
