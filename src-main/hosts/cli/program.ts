import { Command, CommanderError } from 'commander'
import { AppError } from '../../contract/index.ts'
import { backboneCommand } from './commands/backbone.ts'
import { benchCommand } from './commands/bench.ts'
import { classesCommand } from './commands/classes.ts'
import { classifyCommand } from './commands/classify.ts'
import { demoCommand } from './commands/demo.ts'
import { deviceCommand } from './commands/device.ts'
import { doctorCommand } from './commands/doctor.ts'
import { evaluateCommand } from './commands/evaluate.ts'
import { featuresCommand } from './commands/features.ts'
import { graphCommand } from './commands/graph.ts'
import { importCommand } from './commands/import.ts'
import { resumeCommand } from './commands/resume.ts'
import { serveCommand } from './commands/serve.ts'
import { trainCommand } from './commands/train.ts'
import { exitCodes } from './interruption.ts'
import { version } from './places.ts'
import { createShell, type Shell } from './shell.ts'

const exitHelp = `
Exit codes: 0 done, 1 failed, 2 not understood, 130 cancelled.
With --json the last line of stdout is one JSON object: the result, or {"error": {code, message, next}}.
Progress goes to stderr.`

function createProgram(shell: Shell): Command {
  const program = new Command('unseen')
    .description('Recognise what you have no pictures of: zero-shot learning.')
    .version(version)
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', exitHelp)
    .exitOverride()
    // Usage errors are told like all others, by `run`.
    .configureOutput({ outputError: () => undefined })
  for (const add of [
    demoCommand,
    importCommand,
    featuresCommand,
    trainCommand,
    resumeCommand,
    evaluateCommand,
    classifyCommand,
    classesCommand,
    graphCommand,
    backboneCommand,
    deviceCommand,
    serveCommand,
    doctorCommand,
    benchCommand,
  ]) {
    add(program, shell)
  }
  return program
}

/** Runs one command line (without the program's name) and returns its exit code; never rejects. */
export async function run(words: readonly string[]): Promise<number> {
  const shell = createShell(words.includes('--json'))
  try {
    await createProgram(shell).parseAsync(words, { from: 'user' })
    return exitCodes.done
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return exitCodes.done
      const message = thrown.code === 'commander.help' ? 'No command was given.' : sentence(thrown.message)
      shell.output.failure({ code: 'cli/usage', message, next: 'See `unseen --help`.' })
      return exitCodes.usage
    }
    shell.output.thrown(thrown)
    return thrown instanceof AppError && thrown.code === 'cli/cancelled' ? exitCodes.cancelled : exitCodes.failed
  }
}

function sentence(message: string): string {
  const text = message.replace(/^error: /, '').trim()
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?)]$/.test(text) ? '' : '.'}`
}
