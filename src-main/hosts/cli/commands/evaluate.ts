import type { Command } from 'commander'
import { AppError } from '../../../contract/index.ts'
import { cancellable } from '../cancellable.ts'
import { withSession } from '../session.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'
import { tellResult } from './train.ts'

export function evaluateCommand(program: Command, shell: Shell): void {
  common(program.command('evaluate').description('measure a finished run again on its dataset’s test images'))
    .argument('<run>', 'id of the run')
    .action((run: string, { workspace }: CommonOptions) =>
      withSession(workspace, 'cli', async (session) => {
        const { result } = await cancellable(session, shell, () => session.backend.evaluateRun({ run }))
        if (!result) {
          throw new AppError('run/no-result', `Run ${run} has no model to measure.`, {
            next: `Finish it with \`unseen resume ${run}\`.`,
          })
        }
        tellResult(result, shell)
      }),
    )
}
