export { thisMachine } from './machine.ts'
export { deviceCommands, type DeviceCommands } from './commands.ts'
export { lostDevice } from './watching.ts'
