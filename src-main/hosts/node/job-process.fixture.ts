import { serveJob } from '../../core/jobs/serve-job.ts'
import { tasks } from '../../core/jobs/tasks.fixture.ts'
import { parentPort } from './parent-port.ts'

serveJob(parentPort(), tasks)
