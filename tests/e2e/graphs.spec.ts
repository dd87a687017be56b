import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { expect, sharedFolder, test } from './host.ts'
import { addFolder, confirmImport } from './pages.ts'

const cub = sharedFolder('data/CUB-resnet1000')
const sun = sharedFolder('data/att-splits/SUN')
const absent = 'The benchmark files are not beside this checkout (../shared/data).'

/** Whether something is drawn: some of a picture's canvas is not empty. */
const painted = (page: Page, picture: number): Promise<number> =>
  page
    .locator('[role=application] canvas')
    .nth(4 * picture)
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      return data.reduce((sum, value, at) => sum + (at % 4 === 3 && value > 0 ? 1 : 0), 0)
    })

test('CUB: the twins of a trained model, walked, searched, compared and exported', async ({ page, host }, info) => {
  test.skip(cub === null, absent)
  test.setTimeout(300_000)
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(host.url)
  await addFolder(page, cub!)
  await confirmImport(page, 'CUB')
  await page.getByRole('button', { name: 'Train…' }).click()
  await page.getByText('Advanced').click()
  await page.getByLabel('Device').selectOption('cpu')
  for (const label of ['Episodes', 'Hold-out episodes']) await page.getByLabel(label, { exact: true }).fill('5')
  await page.getByLabel('Hold-outs', { exact: true }).fill('1')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByRole('table', { name: 'Result' })).toBeVisible({ timeout: 180_000 })

  await page.getByRole('button', { name: 'Graphs', exact: true }).click()
  const pictures = page.getByRole('application')
  await expect(pictures).toHaveCount(2, { timeout: 60_000 })
  await expect(page.getByText('as the model uses them')).toBeVisible()
  const readOut = page.locator('.readout')
  for (const picture of [0, 1]) await expect.poll(() => painted(page, picture)).toBeGreaterThan(1000)

  // By keyboard: along edges, with both spaces in words; chosen in one, chosen in both.
  await pictures.first().focus()
  await page.keyboard.press('Home')
  await expect(readOut).toContainText(/Acadian Flycatcher: semantic: nearest .* visual: nearest /)
  const start = await readOut.innerText()
  // Where an edge leads depends on the layout: some arrow leads on.
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp'])
    if ((await readOut.innerText()) === start) await page.keyboard.press(key)
  await expect(readOut).not.toHaveText(start)
  await page.keyboard.press('+')
  await page.keyboard.press('0')
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  const chosen = page.locator('.cards h2').first()
  await expect(chosen).toContainText('Acadian Flycatcher')
  await page.keyboard.press('Escape')
  await expect(chosen).toHaveText('Chosen')

  await page.getByLabel('Find a class').fill('black footed alb')
  await page.keyboard.press('Enter')
  await expect(chosen).toContainText('Black footed Albatross')
  await page.getByRole('button', { name: '1 edge' }).click()
  await expect(
    page.getByRole('list', { name: 'Nearest in the visual graph' }).getByRole('listitem').first(),
  ).toBeVisible()
  await page.getByRole('button', { name: 'All', exact: true }).click()

  // The worst disagreement: chosen in both.
  await page.getByRole('button', { name: 'Disagreement', exact: true }).click()
  const worst = page.getByRole('table', { name: 'Disagreements' }).getByRole('button', { name: / – / }).first()
  const pair = await worst.innerText()
  await worst.click()
  await expect(readOut).toContainText(`${pair}: semantic cosine`)

  // Another rule is exploration.
  await page.getByLabel('Edges', { exact: true }).selectOption('threshold')
  await expect(page.getByText('exploration', { exact: true })).toBeVisible({ timeout: 30_000 })
  await page.getByLabel('Edges', { exact: true }).selectOption('own')
  await expect(page.getByText('exploration', { exact: true })).toBeHidden({ timeout: 30_000 })

  for (const [name, beginning] of [
    ['GraphML', '<?xml'],
    ['Cytoscape JSON', '{'],
    ['Drawing (SVG)', '<svg'],
  ] as const) {
    await page.getByRole('button', { name: 'Export…' }).click()
    await page.getByRole('dialog').getByText(name, { exact: true }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    const file = await readFile(await (await download).path(), 'utf8')
    expect(file.trimStart().slice(0, 200)).toContain(beginning)
    await expect(page.getByRole('dialog')).toBeHidden()
  }

  await page.getByRole('button', { name: 'Show as a table: Twin graphs' }).click()
  await expect(page.getByRole('table', { name: 'Twin graphs' })).toHaveAttribute('aria-rowcount', '201')
  await page.getByRole('button', { name: 'Show as a table: Twin graphs' }).click()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: info.outputPath(`cub-${colorScheme}.png`) })
  }
  expect(complaints).toEqual([])
})

test('SUN: the graph of its attributes alone, and what the other half needs', async ({ page, host }, info) => {
  test.skip(sun === null, absent)
  await page.goto(host.url)
  await addFolder(page, sun!)
  await confirmImport(page, 'SUN')
  await page.getByRole('button', { name: 'Graphs', exact: true }).click()
  await expect(page.getByRole('application')).toHaveCount(1, { timeout: 60_000 })
  await expect(page.getByText('717 classes')).toBeVisible()
  await expect(page.getByText('The visual half needs image features', { exact: false })).toBeVisible()
  await expect.poll(() => painted(page, 0)).toBeGreaterThan(1000)
  await page.getByLabel('Find a class').fill('abbey')
  await page.keyboard.press('Enter')
  await expect(page.locator('.readout')).toContainText('abbey: attributes: nearest')
  await page.getByLabel('Groups').check()
  await page.screenshot({ path: info.outputPath('sun.png') })
})
