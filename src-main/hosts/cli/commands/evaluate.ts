import type { Command } from 'commander'
import { AppError, count, grouped, type ClassEvaluation } from '../../../contract/index.ts'
import type { RunningBackend } from '../../../core/create-backend.ts'
import { cancellable } from '../cancellable.ts'
import { withSession } from '../session.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'
import { findingText } from './import.ts'
import { figure, tellResult } from './train.ts'

interface Options extends CommonOptions {
  readonly classes?: string | true
}

export function evaluateCommand(program: Command, shell: Shell): void {
  common(program.command('evaluate').description('measure a finished run again on its dataset’s test images'))
    .argument('<run>', 'id of the run')
    .option(
      '--classes [file]',
      'with the classes that you described for it, or those of a table; keeps nothing. Images that carry their names count',
    )
    .action((run: string, { workspace, classes }: Options) =>
      withSession(workspace, 'cli', async (session) => {
        if (classes !== undefined) {
          const measured = await cancellable(session, shell, () => withClasses(session, run, classes))
          for (const finding of measured.findings) shell.output.note(findingText(finding))
          shell.output.result(measured, evaluationText(measured))
          return
        }
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

async function withClasses({ backend, grants }: RunningBackend, run: string, table: string | true) {
  if (table === true) return backend.evaluateClasses({ run })
  return backend.evaluateClasses({ run, classes: { grant: (await grants.add(table)).id } })
}

function evaluationText({ run, T1, gamma, U, S, H, described }: ClassEvaluation): string {
  const lines = described.map(({ name, images, accuracy, photos, photosAccuracy }) => {
    const own =
      photos === 0 ? '' : `; ${figure(photosAccuracy).trim()} % of its own ${grouped(photos)}, by its description alone`
    return `  ${name}: ${images === 0 ? 'no labelled image' : `${figure(accuracy).trim()} % of ${grouped(images)}`}${own}`
  })
  return [
    `Run ${run} with ${count(described.length, 'described class', 'described classes')}`,
    '                      T1     U     S     H',
    `  γ = ${gamma.toPrecision(3).padEnd(12)} ${[T1, U, S, H].map(figure).join(' ')}`,
    ...lines,
  ].join('\n')
}
