import { AppError, type Backend } from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import type { Models } from '../inference/models.ts'

export type ExplanationCommands = Pick<Backend, 'explain'>

const notYet = () => Promise.reject(new AppError('app/not-yet', 'Not there yet.'))

export function explanationCommands(_context: BackendContext, _models: Models): ExplanationCommands {
  return { explain: notYet }
}
