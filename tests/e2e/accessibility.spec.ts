import AxeBuilder from '@axe-core/playwright'
import type { Page, TestInfo } from '@playwright/test'
import { expect, test } from './host.ts'
import { addFolder, confirmImport, dropFiles, makeDataset } from './pages.ts'

const sizes = [{ width: 1024, height: 700 }, { width: 1280, height: 800 }, { width: 1920, height: 1080 }] // prettier-ignore

/** In both themes nothing that axe finds; at every size nothing wider than the window; a picture of each. */
async function check(page: Page, info: TestInfo, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { violations } = await new AxeBuilder({ page }).analyze()
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    expect(found, `${name}, ${colorScheme}`).toEqual([])
    for (const size of sizes) {
      await page.setViewportSize(size)
      const tooWide = await page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth)
      expect(tooWide, `${name} at ${size.width}`).toBeLessThanOrEqual(0)
      await page.screenshot({ path: info.outputPath(`${name}-${colorScheme}-${size.width}.png`) })
    }
  }
}

test('every page and dialog is clean for axe, in light and dark, at three sizes', async ({ page, host }, info) => {
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))

  await page.goto(host.url)
  await expect(page.getByText('Drop your first dataset here')).toBeVisible()
  await check(page, info, 'empty')
  await page.getByRole('button', { name: 'Add a folder…' }).click()
  await check(page, info, 'add')
  await page.keyboard.press('Escape')

  await dropFiles(page, [{ name: 'holiday.txt', text: 'sun and sea' }])
  await expect(page.getByRole('dialog')).toContainText(/Nothing was written/, { timeout: 30_000 })
  await check(page, info, 'refused')
  await page.keyboard.press('Escape')

  await addFolder(page, await makeDataset(info.outputPath('animals')))
  await expect(page.getByRole('dialog')).toContainText('Before import', { timeout: 30_000 })
  await check(page, info, 'report')
  await confirmImport(page, 'Animals')
  await expect(page.getByRole('table', { name: 'Classes' })).toBeVisible()
  await check(page, info, 'dataset')
  await page.getByRole('link', { name: '← Datasets' }).click()
  await check(page, info, 'datasets')
  await page.getByRole('link', { name: 'Train', exact: true }).click()
  await page.getByText('Advanced').click()
  await check(page, info, 'train')

  expect(complaints).toEqual([])
})

test('a run and its result are clean for axe', async ({ page, host }, info) => {
  await page.goto(host.url)
  await addFolder(page, await makeDataset(info.outputPath('animals')))
  await confirmImport(page, 'Animals')
  await page.getByRole('button', { name: 'Train…' }).click()
  await page.getByText('Advanced').click()
  await page.getByLabel('Episodes', { exact: true }).fill('100')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByRole('table', { name: 'Result' })).toBeVisible({ timeout: 90_000 })
  await check(page, info, 'result')
})

test('the chosen colours are remembered', async ({ page, host }) => {
  await page.goto(host.url)
  const theme = page.getByRole('button', { name: /^Colours/ })
  await theme.click()
  await theme.click()
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
})
