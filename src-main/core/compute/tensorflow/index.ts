export { createTensorFlowEngine } from './engine.ts'
export { findBinding, loadRuntime } from './runtime.ts'
