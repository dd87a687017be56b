import { expect, test } from './host.ts'
import { addFolder, checkLooks, confirmImport, dropFiles, makeDataset } from './pages.ts'

test('every page and dialog is clean for axe, in light and dark, at three sizes', async ({ page, host }, info) => {
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))

  await page.goto(host.url)
  await expect(page.getByText('Drop your first dataset here')).toBeVisible()
  await checkLooks(page, info, 'empty')
  await page.getByRole('button', { name: 'Add a folder…' }).click()
  await checkLooks(page, info, 'add')
  await page.keyboard.press('Escape')

  await dropFiles(page, [{ name: 'holiday.txt', text: 'sun and sea' }])
  await expect(page.getByRole('dialog')).toContainText(/Nothing was written/, { timeout: 30_000 })
  await checkLooks(page, info, 'refused')
  await page.keyboard.press('Escape')

  await addFolder(page, await makeDataset(info.outputPath('animals')))
  await expect(page.getByRole('dialog')).toContainText('Before import', { timeout: 30_000 })
  await checkLooks(page, info, 'report')
  await confirmImport(page, 'Animals')
  await expect(page.getByRole('table', { name: 'Classes' })).toBeVisible()
  await checkLooks(page, info, 'dataset')
  await page.getByRole('link', { name: '← Datasets' }).click()
  await checkLooks(page, info, 'datasets')
  await page.getByRole('link', { name: 'Train', exact: true }).click()
  await page.getByText('Advanced').click()
  await checkLooks(page, info, 'train')

  expect(complaints).toEqual([])
})

test('a run and its result are clean for axe', async ({ page, host }, info) => {
  await page.goto(host.url)
  await addFolder(page, await makeDataset(info.outputPath('animals')))
  await confirmImport(page, 'Animals')
  await page.getByRole('button', { name: 'Train…' }).click()
  await page.getByText('Advanced').click()
  for (const label of ['Episodes', 'Hold-out episodes']) await page.getByLabel(label, { exact: true }).fill('100')
  await page.getByLabel('Device').selectOption('cpu')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByRole('table', { name: 'Result' })).toBeVisible({ timeout: 90_000 })
  await checkLooks(page, info, 'result')
})

test('the devices are clean for axe', async ({ page, host }, info) => {
  await page.goto(host.url)
  await page.getByRole('link', { name: 'Devices', exact: true }).click()
  await checkLooks(page, info, 'devices-empty')
  await page.getByRole('button', { name: 'Measure the devices' }).click()
  await expect(page.getByRole('button', { name: 'Measure again' })).toBeEnabled({ timeout: 60_000 })
  await checkLooks(page, info, 'devices')
  await page.getByRole('button', { name: 'Add TensorFlow…' }).click()
  await checkLooks(page, info, 'devices-add')
})

test('the chosen colours are remembered', async ({ page, host }) => {
  await page.goto(host.url)
  const theme = page.getByRole('button', { name: /^Colours/ })
  await theme.click()
  await theme.click()
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
})
