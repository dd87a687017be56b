import { Option, type Command } from 'commander'
import { Interruption } from './interruption.ts'
import { createOutput, type Output } from './output.ts'

/** What every command has at hand. */
export interface Shell {
  readonly output: Output
  readonly interruption: Interruption
  choice(flags: string, description: string, choices: readonly string[]): Option
}

export function createShell(json: boolean): Shell {
  const output = createOutput(json)
  return {
    output,
    interruption: new Interruption(output),
    choice: (flags, description, choices) => new Option(flags, description).choices(choices),
  }
}

export interface CommonOptions {
  readonly workspace?: string
  readonly json?: true
}

/** The options that every command takes. */
export const common = (command: Command): Command =>
  command
    .option('--workspace <folder>', 'where datasets and runs are kept (default: $UNSEEN_WORKSPACE or your data folder)')
    .option('--json', 'print the result as one JSON object, on the last line of stdout')
