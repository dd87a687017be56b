export { withOutput } from './expose.ts'
export { readOnnxFile, type NodeInfo, type OnnxFile, type TensorInfo } from './read.ts'
