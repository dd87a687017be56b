import type { Command } from 'commander'
import { cancellable } from '../cancellable.ts'
import { withSession } from '../session.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'
import { importedText } from './import.ts'

export function demoCommand(program: Command, shell: Shell): void {
  common(
    program
      .command('demo')
      .description('draw Critters, imaginary animals to try everything with, unless they are there'),
  ).action(({ workspace }: CommonOptions) =>
    withSession(workspace, 'cli', async (session) => {
      const manifest = await cancellable(session, shell, () => session.backend.createDemo({}))
      shell.output.result(manifest, `${importedText(manifest)}\nTrain on it with \`unseen train ${manifest.id}\`.`)
    }),
  )
}
