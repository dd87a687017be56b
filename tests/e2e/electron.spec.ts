import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron as electron, expect, test } from '@playwright/test'
import { electronProgram } from '../../src-main/hosts/cli/desktop.ts'

const program = electronProgram()
const root = resolve(import.meta.dirname, '../..')

test.skip(program === null, 'Electron’s runtime has not been downloaded.')

test('the desktop window shows the pages and hands over nothing but the bridge', async () => {
  const userData = await mkdtemp(join(tmpdir(), 'unseen-electron-'))
  const application = await electron.launch({
    executablePath: program!,
    args: [root, `--user-data-dir=${userData}`, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  })
  try {
    const page = await application.firstWindow()
    await expect(page).toHaveTitle(/Unseen/)
    await expect(page.getByRole('navigation')).toBeVisible()
    const seen = await page.evaluate(() => ({
      bridge: Object.keys(Reflect.get(window, 'unseen') as object).sort(),
      node: ['require', 'process', 'module', 'Buffer'].filter((name) => name in window),
    }))
    expect(seen).toEqual({ bridge: ['chooseFolder', 'grantFiles', 'onMenu'], node: [] })
  } finally {
    await application.close()
    await rm(userData, { recursive: true, force: true })
  }
})
