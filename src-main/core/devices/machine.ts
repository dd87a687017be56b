import { availableParallelism, cpus, totalmem } from 'node:os'
import type { Machine } from '../../contract/index.ts'

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() || process.arch,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  }
}
