import { Argument, type Command } from 'commander'
import type { DeviceReport } from '../../../contract/index.ts'
import { cancellable } from '../cancellable.ts'
import { withSession } from '../session.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'

function stateOf({ available, msPerStep, note }: DeviceReport): string {
  const pace = msPerStep === null ? null : `${msPerStep.toFixed(1)} ms a step`
  return [available ? 'works' : 'missing', pace, note].filter((part) => part !== null).join(', ')
}

const listText = (reports: readonly DeviceReport[]): string =>
  reports
    .flatMap((one) => [
      `${one.name.padEnd(10)}  ${one.label}: ${stateOf(one)}`,
      ...[one.next, one.chosen].filter((line) => line !== null).map((line) => `${' '.repeat(12)}${line}`),
    ])
    .join('\n')

interface AddOptions extends CommonOptions {
  readonly cuda?: boolean
  readonly wheels?: string
}

/** Where a training can run: what there is, and how to get more. */
export function deviceCommand(program: Command, shell: Shell): void {
  const group = program.command('device').description('what a training can run on')
  const device = () => new Argument('<device>', 'what to install').choices(['tensorflow'])

  common(group.command('list').description('measure the devices of this machine')).action(
    ({ workspace }: CommonOptions) =>
      withSession(workspace, 'cli', async (session) => {
        const devices = await cancellable(session, shell, () => session.backend.probeDevices({}))
        shell.output.result({ devices }, listText(devices))
      }),
  )

  common(group.command('add').description('install an engine that does not come with the application'))
    .addArgument(device())
    .option('--cuda', 'for NVIDIA cards (some gigabytes)')
    .option('--wheels <folder>', 'take the wheels and npm packages from there instead of downloading them')
    .action((name: 'tensorflow', { cuda = false, wheels, workspace }: AddOptions) =>
      withSession(workspace, 'cli', async (session) => {
        const grant = wheels === undefined ? null : await session.grants.add(wheels)
        const devices = await cancellable(session, shell, () =>
          session.backend.addDevice({ device: name, cuda, wheels: grant?.id ?? null }),
        )
        shell.output.result({ devices }, listText(devices.filter((one) => one.name === name)))
      }),
    )

  common(group.command('remove').description('undo `add`'))
    .addArgument(device())
    .action((name: 'tensorflow', { workspace }: CommonOptions) =>
      withSession(workspace, 'cli', async ({ backend }) => {
        await backend.removeDevice({ device: name })
        shell.output.result({ removed: name }, `The device ${name} is removed.`)
      }),
    )
}
