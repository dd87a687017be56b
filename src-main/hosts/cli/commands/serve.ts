import { join } from 'node:path'
import type { Command } from 'commander'
import { startWebHost } from '../../web/web-host.ts'
import { openInBrowser } from '../desktop.ts'
import { pagesFolder } from '../places.ts'
import { withSession } from '../session.ts'
import { wholeNumber } from '../settings.ts'
import { common, type CommonOptions, type Shell } from '../shell.ts'

interface Options extends CommonOptions {
  readonly port: number
  readonly root?: string
  readonly open?: true
}

export function serveCommand(program: Command, shell: Shell): void {
  common(program.command('serve').description('serve the application to a browser on this machine, until Ctrl-C'))
    .option('--port <number>', 'port on the loopback address (0: any free one)', wholeNumber(0, 65535), 0)
    .option('--root <folder>', 'let the pages choose folders of this machine, inside this one only')
    .option('--open', 'open the browser')
    .action(({ workspace, port, root, open }: Options) =>
      withSession(workspace, 'web', async ({ backend, grants, workspace: { cache } }) => {
        const host = await startWebHost({
          backend,
          grants,
          pages: pagesFolder,
          uploads: join(cache, 'uploads'),
          port,
          ...(root === undefined ? {} : { root }),
        })
        try {
          shell.output.result(
            { url: host.url },
            `Unseen is at ${host.url}\nThe address is its key: keep it to yourself. Ctrl-C ends it.`,
          )
          if (open) openInBrowser(host.url)
          await shell.interruption.asked()
          shell.output.note('Closing…')
        } finally {
          await host.close()
        }
      }),
    )
}
