import { createRequire } from 'node:module'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import type { Command } from 'commander'
import { findBrowser } from '../browser.ts'
import { cancellable } from '../cancellable.ts'
import { deviceLines } from '../device-text.ts'
import { electronProgram, electronVersion, hasDisplay } from '../desktop.ts'
import { version } from '../places.ts'
import { withSession } from '../session.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'

function electronState(): { present: boolean; note: string | null } {
  if (electronProgram() === null) {
    return { present: false, note: 'Its runtime has not been downloaded (`npx install-electron` does it).' }
  }
  return { present: true, note: hasDisplay() ? null : 'There is no display to open a window on.' }
}

function onnxruntimeVersion(): string {
  const manifest = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
  return manifest.version
}

export function doctorCommand(program: Command, shell: Shell): void {
  common(
    program.command('doctor').description('tell what this machine offers: versions, measured devices, memory'),
  ).action(({ workspace }: CommonOptions) =>
    withSession(workspace, 'cli', async (session) => {
      const devices = await cancellable(session, shell, () => session.backend.probeDevices({}))
      const versions = {
        unseen: version,
        node: process.versions.node,
        'onnxruntime-node': onnxruntimeVersion(),
        electron: electronVersion(),
      }
      const browser = findBrowser()
      const electron = electronState()
      const report = {
        versions,
        platform: `${process.platform} ${process.arch}`,
        devices,
        auto: devices.find(({ chosen }) => chosen !== null)?.name ?? 'cpu',
        memory: { totalBytes: totalmem(), freeBytes: freemem() },
        cpu: { model: cpus()[0]?.model ?? 'unknown', count: availableParallelism() },
        electron,
        browser,
      }
      const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`
      shell.output.result(
        report,
        [
          Object.entries(versions)
            .map(([name, value]) => `${name} ${value ?? 'absent'}`)
            .join(', '),
          `${report.cpu.model}, ${report.cpu.count} CPUs, ${gigabytes(totalmem())} memory (${gigabytes(freemem())} free)`,
          'Devices',
          ...deviceLines(devices).map((line) => `  ${line}`),
          `Desktop window: ${electron.present ? 'Electron’s runtime is present.' : ''}${electron.note ?? ''}`,
          `Browser: ${browser ? `${browser.name} (${browser.path})` : 'none found'}`,
        ].join('\n'),
      )
    }),
  )
}
