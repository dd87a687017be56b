export { diskFull, readJson, syncFolder, writeFileAtomic } from './atomic.ts'
export { lockFolder } from './lock.ts'
export { readSafetensors, writeSafetensors, type Tensors } from './safetensors.ts'
export { openWorkspace } from './workspace.ts'
