import type { BackendEvent } from '../contract/index.ts'
import type { Grants } from './grants.ts'
import type { Jobs } from './jobs/jobs.ts'
import type { Workspace } from './workspace/workspace.ts'

/** What the commands of every area work with; made once in create-backend.ts. */
export interface BackendContext {
  readonly workspace: Workspace
  readonly jobs: Jobs
  readonly grants: Grants
  readonly emit: (event: BackendEvent) => void
  readonly clock: () => Date
  readonly log: (line: string) => void
}
