import { Argument, type Command } from 'commander'
import { cancellable } from '../cancellable.ts'
import { deviceLines } from '../device-text.ts'
import { withSession } from '../session.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'

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
        shell.output.result({ devices }, deviceLines(devices).join('\n'))
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
        // With the processor, which it is compared with.
        const shown = devices.filter((one) => one.name === name || one.name === 'cpu')
        shell.output.result({ devices }, deviceLines(shown).join('\n'))
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
