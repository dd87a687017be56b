#!/usr/bin/env node
import { provideFolders } from '../node/workspace-folder.ts'
import { createOutput } from './output.ts'
import { run } from './program.ts'

// A reader that has gone (`unseen … | head`) is no failure of ours.
process.stdout.on('error', () => process.exit())
process.stderr.on('error', () => undefined)

// A fault of ours ends like every failure: with a sentence, or one object, and never with a stack trace.
const fatal = (error: unknown): void => {
  createOutput(process.argv.includes('--json')).thrown(error)
  process.exit(1)
}
process.on('uncaughtException', fatal)
process.on('unhandledRejection', fatal)

provideFolders()
process.exitCode = await run(process.argv.slice(2))
