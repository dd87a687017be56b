import { AppError } from '../../contract/index.ts'
import { reasonOf } from '../compute/onnx/reason.ts'

/** Why a network is refused. Each is a sentence about the file, and what to do. */

const another = 'Export the network again as a single .onnx file, or choose another one. Nothing was imported.'

export const notOnnx = (cause?: unknown): AppError =>
  new AppError('backbone/not-onnx', 'This file is not a network in ONNX form.', {
    next: 'Drop a file that was exported as ONNX. Networks of PyTorch (.pt) or TensorFlow must be exported first.',
    cause,
  })

export const truncatedModel = (cause?: unknown): AppError =>
  new AppError('backbone/truncated', 'This network is cut short: the file ends before its own data do.', {
    next: 'Copy or download the file again, then drop it once more.',
    cause,
  })

export const tooComplex = (): AppError =>
  new AppError('backbone/too-complex', 'This file describes more than any network for pictures does.', {
    next: another,
  })

export const externalData = (location: string): AppError =>
  new AppError('backbone/external-data', `This network keeps its weights in another file (“${shortened(location)}”).`, {
    next: 'Save it with its weights inside, as a single .onnx file. No other file was opened.',
    details: { location: shortened(location) },
  })

export const noImageInput = (found: string): AppError =>
  new AppError('backbone/no-image-input', `This network takes no picture: ${found}.`, {
    next: 'Choose a network whose input is images × 3 channels × height × width.',
  })

export const noOutput = (name?: string): AppError =>
  new AppError(
    'backbone/no-output',
    name === undefined ? 'This network gives nothing out.' : `This network has no tensor called “${shortened(name)}”.`,
    { next: name === undefined ? another : 'Choose another output.' },
  )

export const wrongOutput = (what: string): AppError =>
  new AppError('backbone/wrong-output', `What this network gives cannot be features: ${what}.`, {
    next: 'Choose another output or another pooling.',
  })

export const cannotRun = (cause: unknown): AppError =>
  new AppError('backbone/cannot-run', `This network cannot be run: ${shortened(reasonOf(cause), 300)}`, {
    next: 'Check the input’s settings, or export the network again with an operator set that is widely known.',
    cause,
  })

export const changedModel = (): AppError =>
  new AppError('backbone/changed', 'The file is not the one that was looked at: it has changed since.', {
    next: 'Drop it again.',
  })

export const unknownBackbone = (): AppError =>
  new AppError('backbone/unknown', 'This network is not in the workspace.', {
    next: 'Choose one that is installed, download it, or drop its .onnx file.',
  })

export const damagedBackbone = (id: string, cause?: unknown): AppError =>
  new AppError('backbone/damaged', `The files of the network “${id}” in the workspace are damaged.`, {
    next: 'Remove it, and import or download it again.',
    cause,
  })

const shortened = (text: string, most = 100): string => (text.length > most ? `${text.slice(0, most)}…` : text)
