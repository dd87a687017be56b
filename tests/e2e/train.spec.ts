import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from '@playwright/test'
import type { RunResult } from '../../src-main/contract/index.ts'
import { expect, sharedFolder, test } from './host.ts'
import { addFolder, confirmImport, makeDataset } from './pages.ts'

const cub = sharedFolder('data/CUB-resnet1000')
const cli = resolve(import.meta.dirname, '../../out/main/cli.js')

/** What `unseen train --json` prints for the same folder, in a workspace of its own. */
async function trainInShell(folder: string, workspace: string, settings: Record<string, string>): Promise<RunResult> {
  const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  const words = ['train', folder, '--seed', '3', '--device', 'cpu', '--workspace', workspace, '--json', ...set]
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...words], { maxBuffer: 1e8 })
  return JSON.parse(stdout.trim().split('\n').at(-1)) as RunResult
}

async function openTraining(page: Page, settings: Record<string, string>): Promise<void> {
  await page.getByRole('button', { name: 'Train…' }).click()
  await page.getByLabel('Seed').fill('3')
  await page.getByLabel('Device').selectOption('cpu')
  await page.getByText('Advanced').click()
  for (const [label, value] of Object.entries(settings)) await page.getByLabel(label, { exact: true }).fill(value)
  await page.getByRole('button', { name: 'Train', exact: true }).click()
}

test('CUB: trains, and shows the figures that `unseen train` gives for the same seed', async ({ page, host }, info) => {
  test.skip(cub === null, 'The benchmark files are not beside this checkout (../shared/data).')
  test.setTimeout(300_000)
  await page.goto(host.url)
  await addFolder(page, cub!)
  await confirmImport(page, 'CUB')
  // That it learns is another test's; the figures of a short training are as good to compare.
  await openTraining(page, { Episodes: '20', 'Hold-out episodes': '10', 'Hold-outs': '2' })

  await expect(page.getByRole('progressbar').first()).toBeVisible()
  await expect(page.getByText(/Hold-outs? \d.*of 2/).first()).toBeVisible({ timeout: 60_000 })
  const table = page.getByRole('table', { name: 'Result' })
  await expect(table).toBeVisible({ timeout: 180_000 })
  await expect(page.getByText(/No test image was used/)).toBeVisible()
  await expect(page.getByText(/on held-out classes: H/)).toBeVisible()

  const knobs = { episodes: '20', holdOutEpisodes: '10', holdOuts: '2' }
  const expected = await trainInShell(cub!, info.outputPath('shell'), knobs)
  const shown = (value: number | null): string => value!.toFixed(1)
  const plain = table.getByRole('row', { name: 'Test, γ = 0' }).first()
  await expect(plain.getByRole('cell')).toHaveText([expected.T1, expected.U, expected.S, expected.H].map(shown))
  const { calibrated } = expected
  const protocol = table.getByRole('row', { name: 'Test, γ by the protocol' }).first()
  await expect(protocol.getByRole('cell')).toHaveText(
    [expected.T1, calibrated.U, calibrated.S, calibrated.H].map(shown),
  )
  await page.getByRole('button', { name: 'Show as a table: Seen–unseen curve' }).click()
  await expect(page.getByRole('table', { name: 'Seen–unseen curve' }).getByRole('row').nth(2)).toBeVisible()

  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme })
    await page.getByRole('button', { name: 'Show as a table: Loss' }).scrollIntoViewIfNeeded()
    await page.screenshot({ path: info.outputPath(`result-${theme}.png`) })
  }
})

test('a training is stopped, kept, resumed and finished', async ({ page, host }, info) => {
  test.setTimeout(180_000)
  await page.goto(host.url)
  await addFolder(page, await makeDataset(info.outputPath('animals')))
  await confirmImport(page, 'Animals')
  await openTraining(page, { Episodes: '1500', 'Hold-out episodes': '50', 'Classes per episode': '5' })
  await expect(page.getByText('Final training').first()).toBeVisible({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Stop and keep' }).click()
  await expect(page.getByText(/everything so far is kept/)).toBeVisible({ timeout: 30_000 })
  await page.getByRole('button', { name: 'Resume' }).click()
  await expect(page.getByRole('table', { name: 'Result' })).toBeVisible({ timeout: 120_000 })
})

test('a value that cannot be is told before anything starts', async ({ page, host }, info) => {
  await page.goto(host.url)
  await addFolder(page, await makeDataset(info.outputPath('animals')))
  await confirmImport(page, 'Animals')
  await page.getByRole('button', { name: 'Train…' }).click()
  await page.getByText('Advanced').click()
  const episodes = page.getByLabel('Episodes', { exact: true })
  await episodes.fill('many')
  await expect(episodes).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeDisabled()
  await page.getByRole('button', { name: 'Reset to 2000' }).click()
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled()
})
