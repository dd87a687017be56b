export { deviceCommands, type DeviceCommands } from './commands.ts'
