import { serveJob } from '../../core/jobs/serve-job.ts'
import { services } from '../../core/jobs/service-table.ts'
import { tasks } from '../../core/jobs/tasks.ts'
import { parentPort } from './parent-port.ts'

serveJob(parentPort(), tasks, services)
