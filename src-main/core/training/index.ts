export { trainingCommands, type TrainingCommands } from './commands.ts'
