/**
 * From a movement of a slider to the picture, in a real browser: CUB's model (200 classes, 312 attributes), a tray of 200.
 *
 *   npm run build && npx node tests/benchmarks/studio-latency.ts [folder of CUB in the xlsa17 layout] [movements]
 *
 * Set UNSEEN_BROWSER to a Chromium where Playwright has none of its own. Measured inside the page, by the browser's clock:
 * from the event of the key or of the pointer to the frame that is drawn after the page shows what the model makes of it.
 * The bar is 100 ms (median). Ends with 1 above it.
 */
import { resolve } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { startHost } from '../e2e/host.ts'
import { addFolder, confirmImport, drawnStudio } from '../e2e/pages.ts'

const source = resolve(process.argv[2] ?? '../shared/data/CUB-resnet1000')
const movements = Number(process.argv[3] ?? 60)
const bar = 100 // ms

/** Times of every movement from now on: the page itself keeps them. */
const watchMovements = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const times: number[] = []
    Object.assign(window, { times })
    const studio = document.querySelector<HTMLElement>('.studio')!
    const moved = (event: Event): void => {
      if (!(event.target instanceof HTMLInputElement) || event.target.type !== 'range') return
      const began = event.timeStamp
      // The page has taken the movement once its own listeners have run and drawn; then it is followed frame by frame.
      const look = (): void => {
        requestAnimationFrame(() => {
          const { asked, drawn } = studio.dataset
          // A message after the frame's callback comes when the frame has been handed over.
          if (asked !== drawn) look()
          else {
            const { port1, port2 } = new MessageChannel()
            port1.onmessage = () => times.push(performance.now() - began)
            port2.postMessage(null)
          }
        })
      }
      queueMicrotask(look)
    }
    document.addEventListener('keydown', moved, true)
    document.addEventListener('input', (event) => event.isTrusted && moved(event), true)
  })

const measured = (page: Page): Promise<number[]> =>
  page.evaluate(() => (window as unknown as { times: number[] }).times)

async function openStudio(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await addFolder(page, source)
  await confirmImport(page, 'CUB')
  await page.getByRole('button', { name: 'Train…' }).click()
  await page.getByLabel('Device').selectOption('cpu')
  await page.getByText('Advanced').click()
  await page.getByLabel('Episodes', { exact: true }).fill('60')
  await page.getByLabel('Hold-out episodes', { exact: true }).fill('20')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await page.getByRole('table', { name: 'Result' }).waitFor({ timeout: 300_000 })
  await page.getByRole('button', { name: 'Describe a class…' }).click()
  await page.locator('.start').getByRole('button', { name: 'From other classes' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Add a class…').selectOption({ index: 5 })
  await dialog.getByRole('button', { name: 'Create' }).click()
  await page.locator('tr.line').first().waitFor({ timeout: 60_000 })
  await drawnStudio(page)
}

function report(what: string, times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  const figures = [at(0.5), at(0.95), sorted.at(-1)].map((ms) => ms.toFixed(0).padStart(5))
  console.log(`${what.padEnd(8)} ${String(times.length).padStart(4)} movements: median ${figures[0]}, 95 % ${figures[1]}, longest ${figures[2]} ms`) // prettier-ignore
  return at(0.5)
}

const host = await startHost()
const browser = await chromium.launch({
  ...(process.env.UNSEEN_BROWSER ? { executablePath: process.env.UNSEEN_BROWSER } : {}),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await openStudio(page, host.url)
  const slider = page.getByRole('slider').nth(6)
  await watchMovements(page)

  await slider.focus()
  for (let at = 0; at < movements; at++) {
    await page.keyboard.press(at % 20 < 10 ? 'ArrowRight' : 'ArrowLeft')
    await drawnStudio(page)
  }
  const keys = (await measured(page)).slice()
  const box = (await slider.boundingBox())!
  const before = keys.length
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  for (let at = 0; at < movements; at++) {
    await page.mouse.move(box.x + box.width * (0.2 + (0.6 * ((at * 7) % 20)) / 20), box.y + box.height / 2)
    await drawnStudio(page)
  }
  await page.mouse.up()
  const pointer = (await measured(page)).slice(before)
  const medians = [report('keys', keys), report('pointer', pointer)]
  if (Math.max(...medians) > bar) process.exitCode = 1
} finally {
  await browser.close()
  await host.close()
}
