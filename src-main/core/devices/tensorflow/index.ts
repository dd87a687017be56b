export { installTensorFlow, type InstallInput } from './install.ts'
export { installedTensorFlow, removeTensorFlow, type Installed } from './installed.ts'
