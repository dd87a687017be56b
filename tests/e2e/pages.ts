import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Locator, Page, TestInfo } from '@playwright/test'
import { expect } from './host.ts'

/** What the browser tests do again and again, in the words of the interface. */

const sizes = [{ width: 1024, height: 700 }, { width: 1280, height: 800 }, { width: 1920, height: 1080 }] // prettier-ignore

/**
 * In both themes nothing that axe finds; at every size nothing wider than the window; a picture of each, except in CI,
 * where nobody looks at them and they take a minute in all.
 */
export async function checkLooks(page: Page, info: TestInfo, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { violations } = await new AxeBuilder({ page }).analyze()
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    expect(found, `${name}, ${colorScheme}`).toEqual([])
    for (const size of sizes) {
      await page.setViewportSize(size)
      const tooWide = await page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth)
      expect(tooWide, `${name} at ${size.width}`).toBeLessThanOrEqual(0)
      if (process.env.CI) continue
      await page.screenshot({ path: info.outputPath(`${name}-${colorScheme}-${size.width}.png`) })
    }
  }
}

/** Sends a folder through the file input, as the dialog of a browser does; the pre-flight dialog follows. */
export async function addFolder(page: Page, folder: string): Promise<Locator> {
  await page.getByRole('button', { name: 'Add a folder…' }).click()
  await page.getByLabel('Choose a folder…').setInputFiles(folder)
  return page.getByRole('dialog')
}

/** Drops files on the page. A drop that a script makes holds no folders. */
export async function dropFiles(page: Page, files: readonly { name: string; text: string }[]): Promise<void> {
  const transfer = await page.evaluateHandle((all) => {
    const made = new DataTransfer()
    for (const { name, text } of all) made.items.add(new File([text], name))
    return made
  }, files)
  await page.getByText('Drop').first().dispatchEvent('drop', { dataTransfer: transfer })
}

/** Confirms the pre-flight report and waits for the dataset's page. */
export async function confirmImport(page: Page, name?: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  if (name !== undefined) await dialog.getByLabel('Name').fill(name)
  await dialog.getByRole('button', { name: /^Import/ }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name ?? /./, { timeout: 60_000 })
  await expect(dialog).toBeHidden()
}

/** Once the page Classes shows what the model makes of the newest movement. */
export async function drawnStudio(page: Page): Promise<void> {
  await expect.poll(() => page.locator('.studio').evaluate(({ dataset }) => dataset.asked === dataset.drawn)).toBe(true)
}

/** One row of `count` little-endian numbers per image, as NumPy writes them. */
export function npy(type: '<f4' | '<i4', shape: readonly number[], bytes: ArrayBuffer): Uint8Array {
  const shapeText = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': ${shapeText}, }`
  const header = text.padEnd(64 * Math.ceil((text.length + 11) / 64) - 11) + '\n'
  const size = header.length
  return Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, size & 0xff, size >> 8]),
    Buffer.from(header, 'latin1'),
    Buffer.from(bytes),
  ])
}

const animals = 'Ant Bat Cow Dog Eel Fox Gnu Hen Ibis Jay Koi Lynx'.split(' ')
const attributes = ['wings', 'fur', 'swims', 'legs', 'beak', 'size']

/** A little made-up dataset: 9 seen and 3 unseen classes, 24 images each, whose features follow the attributes. */
export async function makeDataset(folder: string): Promise<string> {
  const [each, width] = [24, 16]
  let state = 7
  const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647 - 0.5
  const table = animals.map(() => attributes.map(() => Math.round(100 * (random() + 0.5))))
  const mixing = Array.from({ length: attributes.length * width }, () => random())
  const images = animals.length * each
  const features = new Float32Array(images * width)
  const labels = new Int32Array(images)
  for (let image = 0; image < images; image++) {
    const animal = Math.floor(image / each)
    labels[image] = animal
    for (let at = 0; at < width; at++) {
      const signal = attributes.reduce((sum, _, a) => sum + (table[animal][a] / 100) * mixing[a * width + at], 0)
      features[image * width + at] = signal + 0.3 * random()
    }
  }
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'features.npy'), npy('<f4', [images, width], features.buffer))
  await writeFile(join(folder, 'labels.npy'), npy('<i4', [images], labels.buffer))
  const lines = table.map((values, at) => [animals[at], ...values].join(','))
  await writeFile(join(folder, 'attributes.csv'), [['class', ...attributes].join(','), ...lines, ''].join('\n'))
  await writeFile(join(folder, 'splits.json'), JSON.stringify({ unseen: ['Fox', 'Ibis', 'Lynx'] }))
  return folder
}
