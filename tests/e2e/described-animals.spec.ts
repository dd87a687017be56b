import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import type { Page } from '@playwright/test'
import { expect, sharedFolder, test } from './host.ts'
import { addFolder, drawnStudio } from './pages.ts'

/**
 * What a new user would do: eight animals that the model never saw are described by a dozen attributes each, set on
 * sliders; all others stay “not known”. The values were written down from what one knows of these animals, with nothing
 * but the names of the attributes and their scale (0 to 100) at hand, and committed (ce550ef) before any photo was ranked.
 */
const table = join(import.meta.dirname, 'described-animals.csv')
const animals = sharedFolder('data/caltech-animals')
const mobilenet = sharedFolder('models/mobilenetv2-imagenet.onnx')

/** For at least so many animals, at least so good a ranking. */
const bar = { animals: 6, precision: 0.5 }

async function described(): Promise<Map<string, [attribute: string, value: number][]>> {
  const lines = parse<{ class: string; attribute: string; value: string }>(await readFile(table), { columns: true })
  const all = new Map<string, [string, number][]>()
  for (const line of lines)
    all.set(line.class, [...(all.get(line.class) ?? []), [line.attribute.replaceAll('_', ' '), Number(line.value)]])
  return all
}

/** Mean of the precision at each photo of the class, from the best rank down. */
function averagePrecision(files: readonly string[], isOfClass: (file: string) => boolean): number {
  let [hits, sum] = [0, 0]
  files.forEach((file, at) => {
    if (isOfClass(file)) sum += ++hits / (at + 1)
  })
  return hits === 0 ? 0 : sum / hits
}

async function addNetwork(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Add a folder…' }).click()
  await page.getByLabel('Choose files…').setInputFiles(mobilenet!)
  const network = page.getByRole('dialog')
  await expect(network.getByRole('button', { name: 'Import', exact: true })).toBeVisible({ timeout: 60_000 })
  const recipe = { Scale: String(2 / 255), Offset: '-1', Mean: '0, 0, 0', Deviation: '1, 1, 1', 'Shorter side': '' }
  for (const [field, value] of Object.entries(recipe)) await network.getByLabel(field).first().fill(value)
  await network.getByLabel('Name').fill('MobileNetV2')
  await network.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByText('“MobileNetV2” can be used now.')).toBeVisible({ timeout: 60_000 })
}

/** On its slider; by the number beside it where that is no slider (yes or no) or does not reach so far. */
async function setAttribute(page: Page, attribute: string, value: number): Promise<void> {
  const slider = page.getByRole('slider', { name: attribute, exact: true })
  const exact = page.getByLabel(`Value of ${attribute}`, { exact: true })
  await expect(exact).toBeVisible()
  const reaches =
    (await slider.count()) > 0 &&
    value >= Number(await slider.getAttribute('min')) &&
    value <= Number(await slider.getAttribute('max'))
  if (reaches) await slider.fill(String(value))
  else {
    await exact.fill(String(value))
    await exact.press('Enter')
  }
  await expect(exact).toHaveValue(String(value))
}

test('eight animals described on sliders are found among the photos of all eight', async ({ page, host }) => {
  test.skip(animals === null || mobilenet === null, 'The photos and networks are not beside this checkout (../shared).')
  test.setTimeout(900_000)
  await page.goto(host.url)
  await addNetwork(page)
  const dialog = await addFolder(page, animals!)
  await dialog.getByRole('radio', { name: /MobileNetV2/ }).check({ timeout: 120_000 })
  await dialog.getByRole('button', { name: 'Import 864 photos' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('caltech-animals', { timeout: 180_000 })
  await page.getByRole('link', { name: 'Train', exact: true }).click()
  await page.getByRole('spinbutton', { name: 'Seed' }).fill('1')
  await page.getByLabel('Device').selectOption('cpu')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByRole('table', { name: 'Result' })).toBeVisible({ timeout: 300_000 })
  await page.getByRole('button', { name: 'Describe a class…' }).click()
  // So high that every attribute and every photo is in the page.
  await page.setViewportSize({ width: 1280, height: 8000 })

  // The run's own descriptions of these animals take no part: nobody has given any.
  await page.getByRole('button', { name: /Unseen \(8\)/ }).click()
  await page.getByRole('button', { name: 'All off' }).click()
  await expect(page.getByRole('button', { name: 'All on' })).toBeVisible()

  const animalsByName = await described()
  for (const [animal, values] of animalsByName) {
    await page.locator('header').getByRole('button', { name: 'New class…' }).click()
    await page.getByRole('dialog').getByLabel('Name of the class').fill(animal)
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
    await expect(page.getByRole('heading', { level: 2, name: animal })).toBeVisible()
    for (const [attribute, value] of values) {
      await setAttribute(page, attribute, value)
    }
    await expect(page.getByText(`${values.length} of 76 known`)).toBeVisible()
    await page.waitForTimeout(600) // a movement rests for a moment before it is kept
  }

  const precisions = new Map<string, number>()
  for (const animal of animalsByName.keys()) {
    await page.getByRole('list', { name: 'Your classes' }).locator('button.name', { hasText: animal }).click()
    await expect(page.getByRole('heading', { level: 2, name: animal })).toBeVisible()
    await drawnStudio(page)
    await page.getByRole('button', { name: 'Table', exact: true }).click()
    const files = page.getByRole('region', { name: 'Photos, likeliest first' }).locator('tr.line .file')
    await expect(files).toHaveCount(8 * 24)
    const order = await files.allInnerTexts()
    precisions.set(
      animal,
      averagePrecision(order, (file) => file.includes(`${animal}/`)),
    )
  }
  for (const [animal, precision] of precisions) console.log(`${animal.padEnd(10)} ${precision.toFixed(3)}`)
  const reached = [...precisions.values()].filter((precision) => precision >= bar.precision).length
  expect(reached, JSON.stringify([...precisions])).toBeGreaterThanOrEqual(bar.animals)
})
