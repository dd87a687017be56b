#!/usr/bin/env node
import { run } from './program.ts'

// A reader that has gone (`unseen … | head`) is no failure of ours.
process.stdout.on('error', () => process.exit())
process.exitCode = await run(process.argv.slice(2))
