import { runScript } from './bootstrap.mjs'

runScript('scripts/run-tests.ts')
