export { readJson, syncFolder, writeFileAtomic } from './atomic.ts'
export { readSafetensors, writeSafetensors, type Tensor, type Tensors } from './safetensors.ts'
export { openWorkspace, type Workspace } from './workspace.ts'
