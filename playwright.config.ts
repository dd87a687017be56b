import { defineConfig } from '@playwright/test'

const browser = process.env.UNSEEN_BROWSER
const root = process.getuid?.() === 0

/** `web`: the real web host and a real browser. `electron`: where the runtime has been downloaded. */
export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results',
  // A training and a browser share the machine with the tests.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: 'list',
  projects: [
    {
      name: 'web',
      testIgnore: 'electron.spec.ts',
      use: {
        browserName: 'chromium',
        viewport: { width: 1280, height: 800 },
        screenshot: 'only-on-failure',
        trace: 'retain-on-failure',
        launchOptions: {
          ...(browser ? { executablePath: browser } : {}),
          // Chromium's sandbox refuses to run as root; background networking would only try to reach the outside.
          args: [...(root ? ['--no-sandbox'] : []), '--disable-background-networking'],
        },
      },
    },
    { name: 'electron', testMatch: 'electron.spec.ts' },
  ],
})
