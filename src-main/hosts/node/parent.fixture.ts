import { createJobs } from '../../core/jobs/jobs.ts'
import type { FixtureTasks } from '../../core/jobs/tasks.fixture.ts'
import { nodeSpawnJob } from './spawn-job.ts'

/** Runs the task that it is named, with the file that it is given, and prints what that reports: a parent to be killed. */
const jobs = createJobs<FixtureTasks>({
  spawnJob: nodeSpawnJob(new URL('job-process.fixture.ts', import.meta.url)),
  emit: (event) => {
    if (event.type === 'job' && event.job.message !== '') console.log(event.job.message)
  },
  log: console.error,
})
const [task, file] = process.argv.slice(2)
const orphan = { kind: 'train', title: 'orphan' } as const
if (task === 'hang') jobs.run('hang', file, orphan)
else jobs.run('wait', null, orphan)
