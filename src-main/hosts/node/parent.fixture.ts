import { createJobs } from '../../core/jobs/jobs.ts'
import type { FixtureTasks } from '../../core/jobs/tasks.fixture.ts'
import { nodeSpawnJob } from './spawn-job.ts'

/** Runs the task that it is named and prints what that reports: a parent to be killed. */
const jobs = createJobs<FixtureTasks>({
  spawnJob: nodeSpawnJob(new URL('job-process.fixture.ts', import.meta.url)),
  emit: (event) => {
    if (event.type === 'job' && event.job.message !== '') console.log(event.job.message)
  },
  log: console.error,
})
jobs.run(process.argv[2] as 'hang' | 'wait', null, { kind: 'train', title: 'orphan' })
