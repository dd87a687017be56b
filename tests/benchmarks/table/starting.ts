import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { chromium } from '@playwright/test'
import { findBrowser } from '../../../src-main/hosts/cli/browser.ts'
import { startHost } from '../../e2e/host.ts'
import { median, type Section } from './figure.ts'
import { root } from './programs.ts'

/** Kilobytes of the pages’ scripts and styles, each gzipped: `first` are those that the first page loads. */
async function pageSize(): Promise<{ readonly all: number; readonly first: number }> {
  const folder = join(root, 'out/renderer')
  const index = await readFile(join(folder, 'index.html'), 'utf8')
  let [all, first] = [0, 0]
  for (const name of await readdir(join(folder, 'assets'))) {
    if (!/\.(?:js|css)$/.test(name)) continue
    const { length } = await promisify(gzip)(await readFile(join(folder, 'assets', name)))
    all += length / 1000
    if (index.includes(name)) first += length / 1000
  }
  return { all, first }
}

/** MB, on Linux and macOS. */
const residentMemory = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024

/** From the command to a page that answers, in the web host and a real browser. */
export async function measureStarting(rounds: number): Promise<Section> {
  const path = process.env.UNSEEN_BROWSER ?? findBrowser()?.path
  const browser = await chromium.launch({
    ...(path === undefined ? {} : { executablePath: path }),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  const [hosts, pages, memory]: number[][] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    const host = await startHost()
    hosts.push((performance.now() - start) / 1000)
    const page = await browser.newPage()
    const opened = performance.now()
    await page.goto(host.url, { waitUntil: 'commit' })
    await page.getByRole('link', { name: 'Train', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor()
    pages.push((performance.now() - opened) / 1000)
    await sleep(2000)
    memory.push(residentMemory(host.pid))
    await page.close()
    await host.close()
  }
  await browser.close()
  const size = await pageSize()
  return {
    title: 'Starting up, and size',
    how: `The bundled web host on an empty workspace and a real browser, ${rounds} times, medians; the page answers when a click has changed it.`,
    figures: [
      { what: 'the host listens', value: median(hosts), unit: 's' },
      { what: 'the page answers', value: median(pages), unit: 's', bar: { most: 1.5 } },
      { what: 'pages, gzipped', value: size.all, unit: 'kB', bar: { most: 600 } },
      { what: 'of it for the first page', value: size.first, unit: 'kB' },
      { what: 'idle backend', value: median(memory), unit: 'MB', bar: { most: 150 } },
    ],
  }
}
