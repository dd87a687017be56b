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

/** A part of CUDA as NVIDIA publishes it; TensorFlow looks for its lib/ in nvidia/ beside its own folder. */
const nvidia = (
  part: string,
  version: string,
  tags: string,
  sha256: string,
  bytes: number,
  unpacked: number,
): Wheel => ({
  name: `nvidia-${part.replaceAll('_', '-')}-cu12`,
  version,
  file: `nvidia_${part}_cu12-${version}-py3-none-${tags}.whl`,
  sha256,
  bytes,
  wanted: ['lib', 'bin', 'nvvm'].map((folder) => `nvidia/${part}/${folder}/`),
  unpacked,
})

/** The and-cuda extra of this TensorFlow, with the newest versions that it allows. */
const cudaWheels: readonly Wheel[] = [
  {
    name: 'tensorflow',
    version: '2.21.0',
    file: 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
    sha256: 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0',
    bytes: 572_611_111,
    wanted: library,
    unpacked: 1_259_021_080,
  },
  nvidia(
    'cublas',
    '12.9.3.13',
    'manylinux_2_27_x86_64',
    'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
    581_217_458,
    855_064_416,
  ),
  nvidia(
    'cuda_cupti',
    '12.8.90',
    'manylinux2014_x86_64.manylinux_2_17_x86_64',
    'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
    10_248_621,
    41_311_976,
  ),
  nvidia(
    'cuda_nvcc',
    '12.9.86',
    'manylinux2010_x86_64.manylinux_2_12_x86_64',
    '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
    40_546_229,
    98_010_465,
  ),
  nvidia(
    'cuda_nvrtc',
    '12.9.86',
    'manylinux2010_x86_64.manylinux_2_12_x86_64',
    '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    89_568_129,
    227_340_992,
  ),
  nvidia(
    'cuda_runtime',
    '12.9.79',
    'manylinux2014_x86_64.manylinux_2_17_x86_64',
    '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    3_493_179,
    5_342_176,
  ),
  nvidia(
    'cudnn',
    '9.28.0.42',
    'manylinux_2_27_x86_64',
    '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
    716_538_495,
    1_162_393_472,
  ),
  nvidia(
    'cufft',
    '11.4.1.4',
    'manylinux2014_x86_64.manylinux_2_17_x86_64',
    'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
    200_877_592,
    293_609_416,
  ),
  nvidia(
    'curand',
    '10.3.10.19',
    'manylinux_2_27_x86_64',
    '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
    68_295_626,
    166_965_432,
  ),
  nvidia(
    'cusolver',
    '11.7.5.82',
    'manylinux_2_27_x86_64',
    '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    338_117_415,
    494_975_064,
  ),
  nvidia(
    'cusparse',
    '12.5.10.65',
    'manylinux2014_x86_64.manylinux_2_17_x86_64',
    '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    366_465_088,
    486_556_368,
  ),
  nvidia(
    'nccl',
    '2.32.3',
    'manylinux_2_27_x86_64',
    'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
    351_526_311,
    489_653_380,
  ),
  nvidia(
    'nvjitlink',
    '12.9.86',
    'manylinux2010_x86_64.manylinux_2_12_x86_64',
    'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    39_748_338,
    95_935_344,
  ),
]

export const pinsFor = (platform: Platform, cuda: boolean): Pins => ({
  ...packages,
  wheels: { 'linux-x64': cuda ? cudaWheels : cpuWheels }[platform],
})
