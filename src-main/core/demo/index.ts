export { demoCommands } from './commands.ts'
