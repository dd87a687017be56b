import { runScript } from './bootstrap.mjs'

runScript('scripts/open-app.ts')
