import { chmod } from 'node:fs/promises'
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

const here = (path: string) => resolve(import.meta.dirname, path)

/** `npx unseen` runs the file itself. */
const executableShell = {
  name: 'executable-shell',
  closeBundle: () => chmod(here('out/main/cli.js'), 0o755),
}

/** Three bundles: what runs in Node (every host), the preload, and the pages. */
export default defineConfig({
  main: {
    plugins: [executableShell],
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          electron: here('src-main/hosts/electron/main.ts'),
          'electron-backend': here('src-main/hosts/electron/backend-process.ts'),
          'electron-job': here('src-main/hosts/electron/job-process.ts'),
          'node-job': here('src-main/hosts/node/job-process.ts'),
          'adam-thread': here('src-main/core/compute/adam-thread.ts'),
          lane: here('src-main/core/training/lane.ts'),
          cli: here('src-main/hosts/cli/main.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload can only be one CommonJS file, whatever it imports.
      externalizeDeps: false,
      rolldownOptions: {
        input: here('src-main/hosts/electron/preload.ts'),
        output: { format: 'cjs', entryFileNames: 'preload.cjs' },
      },
    },
  },
  renderer: {
    root: here('src-renderer'),
    plugins: [vue()],
    publicDir: here('resources/public'),
    build: {
      outDir: here('out/renderer'),
      rolldownOptions: { input: here('src-renderer/index.html') },
    },
  },
})
