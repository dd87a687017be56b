import { expect, test } from './host.ts'

test('the machine’s devices are measured, the one for auto is named, and TensorFlow is offered', async ({
  page,
  host,
}) => {
  await page.goto(host.url)
  await page.getByRole('link', { name: 'Devices' }).click()
  await expect(page.getByText('Nothing has been measured yet')).toBeVisible()
  await page.getByRole('button', { name: 'Measure the devices' }).click()
  await expect(page.getByRole('button', { name: 'Measure again' })).toBeEnabled({ timeout: 60_000 })

  const table = page.getByRole('table', { name: 'Devices, measured' })
  const processor = table.getByRole('rowgroup').filter({ has: page.getByRole('rowheader', { name: 'Processor' }) })
  await expect(processor).toContainText('works')
  await expect(processor).toContainText(/\d ms/)
  await expect(processor.getByText('auto', { exact: true })).toBeVisible()
  await expect(page.getByRole('definition').filter({ hasText: 'Chosen by auto:' })).toContainText('Processor')
  await expect(table).toContainText('Not installed.')

  await page.getByRole('button', { name: 'Add TensorFlow…' }).click()
  await page.getByLabel('On an NVIDIA card').check()
  await page.getByRole('button', { name: 'Choose a folder…' }).click()
  await expect(page.getByRole('dialog', { name: 'A folder of wheels and npm packages' })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)

  // What was measured holds for the next visit, and the keyboard leads back to it.
  await page.keyboard.press('Control+1')
  await page.keyboard.press('Control+6')
  await expect(processor).toContainText('works')
})
