import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../contract/index.ts'
import type { Progress, Task, TaskContext } from './task.ts'

interface Metric extends Progress {
  readonly metric: number
}
const plain = (message: string): Progress => ({ progress: null, message, secondsLeft: null })
const task =
  <Input, Output, P extends Progress = Progress>(run: (input: Input, context: TaskContext<P>) => Promise<Output>) =>
  async (): Promise<Task<Input, Output, P>> =>
    Promise.resolve({ run })

/** Tasks that do what real ones do only by accident. */
export const tasks = {
  double: task((numbers: Float32Array) => Promise.resolve({ doubled: numbers.map((value) => value * 2) })),
  /** Reports its pid and waits until it is cancelled. */
  wait: task(async (_: null, { signal, report }) => {
    report(plain(String(process.pid)))
    await sleep(60_000, undefined, { signal })
  }),
  /** Keeps what it has when it is cancelled. */
  keep: task(async (_: null, { signal, report }) => {
    report(plain('started'))
    await sleep(60_000, undefined, { signal }).catch(() => undefined)
    return 'kept'
  }),
  /** Reports its pid and never looks up from its work; it has begun when this file is there. */
  hang: task(async (begun: string, { report }) => {
    report(plain(String(process.pid)))
    // What it has reported must have left it.
    await sleep(100)
    writeFileSync(begun, '')
    for (;;);
  }),
  chatter: task<number, undefined, Metric | Progress>(async (count, { report }) => {
    for (let i = 1; i <= count; i++) {
      report({ ...plain(`line ${i}`), progress: i / count })
      if (i % 10 === 0) report({ ...plain('metric'), metric: i })
      if (i % 100 === 0) await sleep(1)
    }
    report(plain('last line'))
    return undefined
  }),
  fail: task(() =>
    Promise.reject(new AppError('dataset/too-odd', 'It is odd.', { next: 'Even it.', details: { by: 1 } })),
  ),
  bug: task(() => Promise.reject(new TypeError('x is not a function'))),
  abort: task(async () => {
    process.stderr.write('native: out of memory\n')
    await sleep(20)
    process.abort()
  }),
}
export type FixtureTasks = typeof tasks
