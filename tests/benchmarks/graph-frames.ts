/**
 * How quickly the page Graphs opens, and its frames while a person pans and zooms: two pictures side by side, in a real
 * browser, through the web host. Targets at SUN's size: open in 2 s; frames of 20 ms (median) and 33 ms (95th percentile)
 * with every edge drawn.
 *
 *   npm run build; npx node tests/benchmarks/graph-frames.ts [seconds of gesture] [classes]
 *
 * Uses SUN's 717 real classes and attributes (../shared), with made-up image features so that there are two graphs; with
 * `classes`, or where SUN is not at hand, made-up attributes as well. $UNSEEN_BROWSER names the browser.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { findBrowser } from '../../src-main/hosts/cli/browser.ts'
import { sharedFolder, startHost, type Host } from '../e2e/host.ts'
import { addFolder, confirmImport, npy } from '../e2e/pages.ts'

const seconds = Number(process.argv[2] ?? 6)
const wanted = process.argv.length > 3 ? Number(process.argv[3]) : null
const sizes = [{ width: 1280, height: 800 }, { width: 1920, height: 1080 }] // prettier-ignore

let state = 7
const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647 - 0.5

/** Attributes of real classes, as an import of SUN wrote them down; or made-up ones, in families. */
async function attributeTable(page: Page, host: Host): Promise<string> {
  const sun = sharedFolder('data/att-splits/SUN')
  if (wanted === null && sun !== null) {
    await addFolder(page, sun)
    await confirmImport(page, 'SUN')
    const [folder] = await readdir(join(host.workspace, 'datasets'))
    return readFile(join(host.workspace, 'datasets', folder, 'attributes.csv'), 'utf8')
  }
  const [families, width] = [40, 64]
  const centres = Array.from({ length: families }, () => Array.from({ length: width }, random))
  const rows = Array.from({ length: wanted ?? 717 }, (_, at) =>
    [`class ${at}`, ...centres[at % families].map((value) => (value + 0.6 * random()).toFixed(4))].join(','),
  )
  return [['class', ...centres[0].map((_, at) => `attribute ${at}`)].join(','), ...rows, ''].join('\n')
}

/** A dataset of these classes with two images each, whose features follow the attributes. */
async function twinFolder(folder: string, table: string): Promise<string> {
  const rows = table.trim().split('\n').slice(1)
  const values = rows.map((row) => row.split(',').slice(1).map(Number))
  const [each, width] = [2, 48]
  const mixing = values[0].map(() => Array.from({ length: width }, random))
  const features = new Float32Array(rows.length * each * width)
  const labels = Int32Array.from({ length: rows.length * each }, (_, image) => Math.floor(image / each))
  for (const [image, label] of labels.entries())
    for (let at = 0; at < width; at++)
      features[image * width + at] =
        values[label].reduce((sum, value, a) => sum + value * mixing[a][at], 0) + 0.5 * random()
  await mkdir(folder)
  await writeFile(join(folder, 'features.npy'), npy('<f4', [labels.length, width], features.buffer))
  await writeFile(join(folder, 'labels.npy'), npy('<i4', [labels.length], labels.buffer))
  await writeFile(join(folder, 'attributes.csv'), table)
  const names = rows.map((row) => row.split(',')[0])
  await writeFile(join(folder, 'splits.json'), JSON.stringify({ unseen: names.filter((_, at) => at % 10 === 0) }))
  return folder
}

/** From the click until this many pictures are on the screen, ms. */
async function opening(page: Page, pictures: number): Promise<string> {
  await page.evaluate((pictures) => {
    const painted = (canvas: HTMLCanvasElement): boolean => canvas.getAttribute('width') !== null && canvas.width > 300
    Reflect.set(window, 'opened', 0)
    const begun = performance.now()
    const look = (): void => {
      const canvases = [...document.querySelectorAll<HTMLCanvasElement>('[role=application] .graph > canvas')]
      if (canvases.length !== pictures || !canvases.every(painted)) return void requestAnimationFrame(look)
      // They are painted within this frame, which the one after the next has behind it.
      const shown = (): void => void Reflect.set(window, 'opened', performance.now() - begun)
      requestAnimationFrame(() => requestAnimationFrame(shown))
    }
    document.querySelector<HTMLAnchorElement>('nav a[href="#/graphs"]')!.click()
    look()
  }, pictures)
  await page.waitForFunction(() => Number(Reflect.get(window, 'opened')) > 0, undefined, { timeout: 120_000 })
  return `${(await page.evaluate(() => Number(Reflect.get(window, 'opened')))).toFixed(0)} ms`
}

/** Frames of a drag in circles with the wheel turned in and out meanwhile, ms each. */
async function gesture(page: Page): Promise<number[]> {
  const box = (await page.getByRole('application').first().boundingBox())!
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.evaluate(() => {
    const times: number[] = []
    Reflect.set(window, 'frameTimes', times)
    const tick = (time: number): void => {
      times.push(time)
      requestAnimationFrame(tick)
    }
    requestAnimationFrame(tick)
  })
  await page.mouse.move(x, y)
  const end = performance.now() + 1000 * seconds
  for (let step = 0; performance.now() < end; step++) {
    const turn = step / 15
    if (step % 60 === 0) await page.mouse.down()
    if (step % 60 < 40) await page.mouse.move(x + 90 * Math.cos(turn), y + 70 * Math.sin(turn))
    if (step % 60 === 40) await page.mouse.up()
    if (step % 60 > 40) await page.mouse.wheel(0, step % 120 < 60 ? -40 : 40)
    await page.waitForTimeout(12)
  }
  await page.mouse.up()
  const times = await page.evaluate(() => Reflect.get(window, 'frameTimes') as number[])
  return times.slice(1).map((time, at) => time - times[at])
}

const renderer = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const canvases = [...document.querySelectorAll<HTMLCanvasElement>('[role=application] canvas')]
    const webgl = canvases.some((canvas) => canvas.getContext('webgl2') !== null)
    const probe = document.createElement('canvas').getContext('webgl')
    const info = probe?.getExtension('WEBGL_debug_renderer_info')
    const card = info ? String(probe!.getParameter(info.UNMASKED_RENDERER_WEBGL)) : 'no WebGL'
    return `${webgl ? 'WebGL' : 'canvas (2D)'}; the browser draws with ${card}`
  })

const host = await startHost()
const folder = await mkdtemp(join(tmpdir(), 'unseen-frames-'))
const program = findBrowser()
const root = process.getuid?.() === 0
const browser = await chromium.launch({
  ...(program ? { executablePath: program.path } : {}),
  args: [...(root ? ['--no-sandbox'] : []), '--disable-background-networking'],
})
try {
  const page = await browser.newPage({ viewport: sizes[0] })
  await page.goto(host.url)
  const back = (): Promise<void> => page.getByRole('link', { name: 'Datasets', exact: true }).click()
  const table = await attributeTable(page, host)
  await back()
  if (wanted === null) {
    // As many pictures as SUN has, imported alone: its attributes have one.
    await page.evaluate(() => localStorage.setItem('unseen:graphs', ''))
    console.log(`attributes alone open in ${await opening(page, 1)} at first, with the process that answers`)
    await back()
    console.log(`attributes alone open in ${await opening(page, 1)}`)
    await back()
  }
  await addFolder(page, await twinFolder(join(folder, 'twins'), table))
  await confirmImport(page, 'Twins')
  await page.evaluate(() => localStorage.setItem('unseen:graphs', ''))

  await back()
  console.log(`two pictures open in ${await opening(page, 2)} at first`)
  for (let again = 0; again < 3; again++) {
    await back()
    console.log(`two pictures open in ${await opening(page, 2)}`)
  }
  // As many edges per class as are drawn at most.
  await page.getByLabel('Edges', { exact: true }).selectOption('knn')
  await page.getByLabel('Neighbours').fill('10')
  await page.getByText('10 nearest neighbours').waitFor()
  console.log(await page.locator('figcaption p').first().innerText())
  for (const size of sizes) {
    await page.setViewportSize(size)
    await page.waitForTimeout(1000)
    const frames = (await gesture(page)).sort((a, b) => a - b)
    const at = (share: number): string => frames[Math.floor(share * (frames.length - 1))].toFixed(1)
    console.log(
      `${size.width} × ${size.height}: ${frames.length} frames, median ${at(0.5)} ms, 95 % within ${at(0.95)} ms, worst ${at(1)} ms`,
    )
  }
  console.log(await renderer(page))
} finally {
  await browser.close()
  await host.close()
  await rm(folder, { recursive: true, force: true })
}
