import module from 'node:module'
import { serveJob } from '../../core/jobs/serve-job.ts'
import { services } from '../../core/jobs/service-table.ts'
import { tasks } from '../../core/jobs/tasks.ts'
import { parentPort } from './parent-port.ts'

serveJob(parentPort(), tasks, services)

// Many a job process is ended by a signal, before Node would keep what it compiled by itself. Node 20 keeps nothing.
const { flushCompileCache } = module as Partial<typeof module>
setTimeout(() => flushCompileCache?.(), 4000).unref()
