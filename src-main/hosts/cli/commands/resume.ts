import type { Command } from 'commander'
import { snapshotOf, withSession } from '../session.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'
import { follow, tellResult } from './train.ts'

export function resumeCommand(program: Command, shell: Shell): void {
  common(program.command('resume').description('continue a run that was stopped or interrupted'))
    .argument('<run>', 'id of the run')
    .action((run: string, { workspace }: CommonOptions) =>
      withSession(workspace, 'cli', async (session) => {
        const result = await follow(await session.backend.resumeTraining({ run }), session, shell)
        tellResult(result, shell)
        // Its baseline is resumed with it, and would end with this session.
        const { runs } = await snapshotOf(session.backend)
        const own = runs.find(({ id }) => id === run)
        const beside = runs.find(({ id, state }) => id === own?.baseline && state === 'running')
        if (beside) await follow(beside, session, shell)
      }),
    )
}
