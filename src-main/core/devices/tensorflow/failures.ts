import { AppError } from '../../../contract/index.ts'

/** Why TensorFlow could not be installed. Each says what to do; whole downloads are kept whatever happens. */

const goesOn = 'Start it again: what has been downloaded is kept.'
const elsewhere =
  'Or fetch the files on another computer and name their folder: `unseen device add tensorflow --wheels FOLDER` says which are missing.'

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

export const unsupportedPlatform = (platform: string): AppError =>
  new AppError('device/unsupported-platform', `TensorFlow cannot be added on this platform yet (${platform}).`, {
    next: 'It can on Linux with an x86-64 processor and glibc. The devices “webgpu” and “cpu” are there.',
  })

export const noPython = (found: string | null): AppError =>
  new AppError(
    'device/no-python',
    found === null
      ? 'Python, which fetches TensorFlow, was not found.'
      : `Python ${found} is too old to fetch TensorFlow; it takes 3.9 or later.`,
    { next: `Install Python 3.9 or later with pip. ${elsewhere}` },
  )

export const noPip = (python: string): AppError =>
  new AppError('device/no-pip', `The Python that was found (${python}) has no pip, which fetches TensorFlow.`, {
    next: `Install it (\`apt install python3-pip\`, or \`${python} -m ensurepip\`). ${elsewhere}`,
  })

export const noNpm = (): AppError =>
  new AppError('device/no-npm', 'npm, which fetches the binding to TensorFlow, was not found.', {
    next: `Install Node with npm. ${elsewhere}`,
  })

export const noCompiler = (): AppError =>
  new AppError('device/no-compiler', 'No C++ compiler was found, and the binding to TensorFlow has to be built.', {
    next: 'Install one (`apt install g++`, `dnf install gcc-c++`) or name yours in the variable CXX. Then start it again: what has been downloaded is kept.',
  })

export const buildFailed = (line: string): AppError =>
  new AppError('device/build-failed', `The compiler did not build the binding to TensorFlow: ${line}`, {
    next: 'A newer compiler may (GCC 8 or later, Clang 7 or later); name it in the variable CXX and start again.',
  })

export const tooLittleDisk = (needed: number, free: number): AppError =>
  new AppError(
    'device/too-little-disk',
    `TensorFlow takes ${gigabytes(needed)} of disk while it is installed, and ${gigabytes(free)} are free.`,
    { next: 'Free some space and start it again.' },
  )

export const offline = (what: string): AppError =>
  new AppError('device/offline', `${what} could not be fetched: there is no connection, or something blocks it.`, {
    next: `Check the connection (a proxy is taken from the variable HTTPS_PROXY). ${goesOn} ${elsewhere}`,
  })

export const notOffered = (what: string): AppError =>
  new AppError('device/not-offered', `The package index of this computer does not have ${what}.`, {
    next: `Check which index pip and npm are set to. ${elsewhere}`,
  })

export const fetchFailed = (what: string, line: string): AppError =>
  new AppError('device/fetch-failed', `${what} could not be fetched: ${line}`, { next: `${goesOn} ${elsewhere}` })

export const wrongHash = (file: string): AppError =>
  new AppError(
    'device/wrong-hash',
    `“${file}” is not the file that its publisher records: it is cut short or was changed.`,
    { next: 'It was not used. Fetch it anew; if it stays so, something changes it on the way.' },
  )

/** `command` fetches it. */
export const missingFile = (file: string, command: string): AppError =>
  new AppError('device/missing-file', `The folder does not hold “${file}”.`, {
    next: `Fetch it into that folder on a computer with a connection: \`${command}\`.`,
  })

export const damagedPackage = (file: string, cause?: unknown): AppError =>
  new AppError('device/damaged-package', `“${file}” does not hold what it should.`, {
    next: 'Start it again; if it stays so, please report it.',
    cause,
  })

export const wrongAnswers = (error: number): AppError =>
  new AppError(
    'device/wrong-answers',
    `TensorFlow gets a known problem wrong here (off by ${error.toExponential(1)}), so it was not installed.`,
    { next: 'Choose “cpu” or “webgpu”, and please report it.' },
  )
