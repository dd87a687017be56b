import { readTable, tableOfText } from '../datasets/index.ts'
import type { Task } from '../jobs/task.ts'
import { readClassTable, type DescribedRun, type TableClasses } from './class-table.ts'

export interface TableInput {
  /** A dropped file, or text that is there already. */
  readonly table: { readonly path: string; readonly name: string } | { readonly name: string; readonly text: string }
  readonly run: DescribedRun
}

/**
 * Reads a table of classes in a process of its own: of a long one that takes seconds, and a spreadsheet can be made so
 * that it takes for ever.
 */
export const readTableTask: Task<TableInput, TableClasses> = {
  run: async ({ table, run }, { signal, report }) => {
    report({ progress: null, message: 'Reading the table', secondsLeft: null })
    return readClassTable('text' in table ? tableOfText(table.name, table.text) : await readTable(table, signal), run)
  },
}
