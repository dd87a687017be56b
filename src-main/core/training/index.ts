export { trainingCommands } from './commands.ts'
