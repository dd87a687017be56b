import { AppError, type Backend } from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import type { Models } from '../inference/models.ts'
import type { Services } from '../jobs/services.ts'

export type GraphCommands = Pick<Backend, 'getTwins' | 'layOutTwins' | 'getGraphFilm' | 'exportTwins'>

const notYet = () => Promise.reject(new AppError('app/not-yet', 'Not there yet.'))

export function graphCommands(
  _context: BackendContext,
  _models: Models,
  _services: Pick<Services, 'open'>,
): GraphCommands {
  return { getTwins: notYet, layOutTwins: notYet, getGraphFilm: notYet, exportTwins: notYet }
}
