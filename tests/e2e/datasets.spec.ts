import { dirname } from 'node:path'
import type { WebSocketRoute } from '@playwright/test'
import { expect, sharedFolder, test } from './host.ts'
import { addFolder, confirmImport, dropFiles, makeDataset } from './pages.ts'

const cub = sharedFolder('data/CUB-resnet1000')
const sun = sharedFolder('data/att-splits/SUN')

test.beforeEach(async ({ page, host }) => {
  await page.goto(host.url)
  await expect(page.getByText('Drop your first dataset here')).toBeVisible()
})

test.describe('real benchmark files', () => {
  test.skip(cub === null || sun === null, 'The benchmark files are not beside this checkout (../shared/data).')

  test('CUB: the report comes first, then its real classes, attributes and splits', async ({ page }) => {
    const dialog = await addFolder(page, cub!)
    await expect(dialog.getByRole('heading')).toHaveText('Before import: CUB-resnet1000', { timeout: 60_000 })
    for (const figure of ['11,788', '150', '50', '312', '1,000'])
      await expect(dialog.locator('dd').getByText(figure, { exact: true })).toBeVisible()
    await confirmImport(page, 'CUB birds')

    const classes = page.getByRole('table', { name: 'Classes' })
    await page.getByRole('searchbox').fill('albatross')
    await expect(classes.getByRole('row')).toHaveCount(4)
    await expect(classes.getByRole('row', { name: /Black.footed.Albatross/ })).toContainText('seen')
    await expect(page.getByText('7,057')).toBeVisible()
    await expect(page.getByText('2,967')).toBeVisible()

    const map = page.getByLabel(/Attribute heat map/)
    await map.focus()
    await page.keyboard.press('ArrowDown')
    await expect(page.getByText(/Albatross .*: [\d.]+/)).toBeVisible()
    await page.getByRole('button', { name: 'Show as a table: Attributes' }).click()
    await expect(page.getByRole('table', { name: 'Attributes' })).toHaveAttribute('aria-rowcount', '62401')
  })

  test('SUN without features: accepted, and says what to add', async ({ page }) => {
    await addFolder(page, sun!)
    await confirmImport(page, 'SUN')
    await expect(page.getByText('add res101.mat to train on it')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Train…' })).toBeHidden()
    await page.getByRole('link', { name: 'Train', exact: true }).click()
    await expect(page.getByText('have no image features')).toBeVisible()
  })

  test.describe('the folder picker', () => {
    test.use({ pickerRoot: cub === null ? null : dirname(cub) })

    test('chooses a folder of the machine that runs the backend', async ({ page }) => {
      await page.getByRole('button', { name: 'Add a folder…' }).click()
      await page.getByRole('button', { name: 'att-splits' }).click()
      await page.getByRole('button', { name: 'AWA2' }).click()
      await expect(page.getByRole('dialog').getByText('att_splits.mat')).toBeVisible()
      await page.getByRole('button', { name: 'Use this folder' }).click()
      await expect(page.getByText('Before import: AWA2')).toBeVisible({ timeout: 30_000 })
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toBeHidden()
      await expect(page.getByText('Drop your first dataset here')).toBeVisible()
    })
  })
})

test('a folder of something else is refused with what to do next, and nothing is left behind', async ({ page }) => {
  await dropFiles(page, [{ name: 'holiday.txt', text: 'sun and sea' }, { name: 'notes.csv', text: 'a,b\n1,2\n' }]) // prettier-ignore
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText(/Nothing was written/, { timeout: 30_000 })
  await expect(dialog.getByRole('button', { name: /^Import/ })).toBeHidden()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await expect(page.getByText('Drop your first dataset here')).toBeVisible()
})

test('a dataset is renamed, removed and brought back', async ({ page }, info) => {
  await addFolder(page, await makeDataset(info.outputPath('animals')))
  await confirmImport(page, 'Animals')
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByLabel('Name').fill('Little animals')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Little animals')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Little animals')
  await page.getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('Drop your first dataset here')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('link', { name: 'Little animals', exact: true })).toBeVisible()
})

test('works from the keyboard', async ({ page }) => {
  await page.keyboard.press('Control+2')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Train')
  await page.keyboard.press('Control+o')
  await expect(page.getByRole('dialog')).toContainText('Add a folder')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Datasets')
})

test('says that the connection is gone, and goes on by itself', async ({ page }) => {
  const sockets: WebSocketRoute[] = []
  let broken = false
  await page.routeWebSocket(/\/socket$/, (socket) => {
    if (broken) return void socket.close()
    socket.connectToServer()
    sockets.push(socket)
  })
  await page.reload()
  await expect(page.getByText('Drop your first dataset here')).toBeVisible()
  broken = true
  await sockets.at(-1).close()
  await expect(page.getByRole('alert')).toContainText('Reconnecting')
  broken = false
  await expect(page.getByRole('alert')).toBeHidden()
  await expect(page.getByText('idle')).toBeVisible()
})
