import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { Backend } from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import type { DatasetCommands } from '../datasets/commands.ts'
import { createDatasetStore } from '../datasets/index.ts'

/** Critters: imaginary animals to try the application with. */
export function demoCommands(
  { workspace, jobs, emit, clock }: BackendContext,
  datasets: DatasetCommands,
): Pick<Backend, 'createDemo'> {
  const store = createDatasetStore(workspace.directory)
  const there = () => datasets.list().find(({ drawn }) => drawn)

  return {
    createDemo: async () => {
      const known = there()
      if (known !== undefined) return known
      const working = store.workingFolder(randomUUID())
      try {
        const input = { working, workspace: workspace.directory, importedAt: clock().toISOString() }
        const manifest = await jobs.run('demo', input, { kind: 'demo', title: 'Critters' }).done
        emit({ type: 'dataset', dataset: manifest })
        return manifest
      } finally {
        await rm(working, { recursive: true, force: true })
      }
    },
  }
}
