import { readTable } from '../datasets/index.ts'
import type { Task } from '../jobs/task.ts'

/** The rows of a dropped table. In a process of its own, because a spreadsheet can be made so that reading it takes for ever. */
export const readTableTask: Task<{ path: string; name: string }, string[][]> = {
  run: (file, { signal, report }) => {
    report({ progress: null, message: 'Reading the table', secondsLeft: null })
    return readTable(file, signal)
  },
}
