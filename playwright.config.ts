import { defineConfig, type PlaywrightTestConfig } from '@playwright/test'

const browser = process.env.UNSEEN_BROWSER
const root = process.getuid?.() === 0

const page: PlaywrightTestConfig['use'] = {
  browserName: 'chromium',
  viewport: { width: 1280, height: 800 },
  screenshot: 'only-on-failure',
  // Recording a trace takes a fifth of the time of a test; `--trace on` asks for one.
  trace: 'off',
  launchOptions: {
    ...(browser ? { executablePath: browser } : {}),
    // Chromium's sandbox refuses to run as root; background networking would only try to reach the outside.
    args: [...(root ? ['--no-sandbox'] : []), '--disable-background-networking'],
  },
}

/** `web`: the real web host and a real browser. `electron`: where the runtime has been downloaded. */
export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results',
  // Each test has a host, a workspace and a browser of its own; most of the time they wait for a training or for a page.
  workers: 2,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: 'list',
  projects: [
    { name: 'web', testIgnore: ['electron.spec.ts', 'described-animals.spec.ts'], use: page },
    // What a new user would do, slider by slider; it takes many minutes, so that it runs when it is asked for.
    { name: 'described-animals', testMatch: 'described-animals.spec.ts', use: page },
    { name: 'electron', testMatch: 'electron.spec.ts' },
  ],
})
