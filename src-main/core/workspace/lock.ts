import { open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { hostname, uptime } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../contract/index.ts'

const lockName = /^lock-(\d+)-(\d+)-(.+)$/
const thisComputer = hostname().replace(/[^\w.-]/g, '_') // as part of a file's name
const attempts = 5 // two that start at the same moment both step back, and one of them gets it in a later attempt

/**
 * Keeps a folder for this process until the returned function is called. Throws `workspace/in-use` and
 * `workspace/not-writable`.
 *
 * Each process creates a lock of its own name (its pid, start time and computer) and then looks for others. Of two that
 * race the later one sees the earlier one's, so that two can both step back but never both go on; and a lock left by a
 * dead process can be removed without a fear of removing a live one's.
 *
 * Only a process known to be dead loses its lock. Of another computer's processes (the folder may be on a network, or
 * synchronised) nothing can be known here, and where the system does not tell when a process started, one with the pid
 * of a dead one cannot be told from it. Either is taken for alive: that costs the person a file to delete, which the
 * error names; the opposite would cost her what two processes write over each other.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const own = `lock-${process.pid}-${await startTime(process.pid)}-${thisComputer}`
  for (let attempt = 1; ; attempt++) {
    await create(folder, own)
    const other = await liveLock(folder, own)
    if (other === undefined) return () => rm(join(folder, own), { force: true })
    await rm(join(folder, own), { force: true })
    if (attempt === attempts) throw inUse(folder, other)
    await sleep(20 * attempt + Math.random() * 50)
  }
}

async function create(folder: string, name: string): Promise<void> {
  try {
    await (await open(join(folder, name), 'wx')).close()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new AppError('workspace/not-writable', `Nothing can be written in the workspace “${basename(folder)}”.`, {
        next: 'Choose a workspace in a place where you may write, or make room there.',
        cause,
      })
    }
    if (await isOfThisBoot(join(folder, name))) throw inUse(folder, name)
    // An earlier boot's process had our pid and start time: the file is nobody's, so take it over as it is.
  }
}

/** Another process's lock that keeps us out; removes what dead ones left. */
async function liveLock(folder: string, own: string): Promise<string | undefined> {
  for (const name of await readdir(folder)) {
    const match = lockName.exec(name)
    if (!match || name === own) continue
    const [, pid, start, computer] = match
    if (computer !== thisComputer || (await isRunning(Number(pid), Number(start), join(folder, name)))) return name
    await rm(join(folder, name), { force: true })
  }
  return undefined
}

async function isRunning(pid: number, start: number, path: string): Promise<boolean> {
  if (!isAlive(pid) || !(await isOfThisBoot(path))) return false
  const started = await startTime(pid)
  return started === undefined || started === start
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process cannot be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Tells a reused pid apart: clock ticks from boot to the start of the process where the system tells (Linux). Elsewhere known of this process only. */
async function startTime(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets, which may hold anything.
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[19])
  } catch {
    return pid === process.pid ? Math.round(performance.timeOrigin) : undefined
  }
}

const clockTolerance = 60_000 // ms by which a clock may have been set since

async function isOfThisBoot(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined)
  return status !== undefined && status.mtimeMs > Date.now() - uptime() * 1000 - clockTolerance
}

function inUse(folder: string, lock: string): AppError {
  const [, pid, , computer] = lockName.exec(lock)!
  const where = computer === thisComputer ? 'in another window or program' : `on the computer “${computer}”`
  return new AppError('workspace/in-use', `The workspace “${basename(folder)}” is open ${where}.`, {
    next:
      `Close the other Unseen (process ${pid}), or use another workspace. ` +
      `If there is none any more, delete the file ${join(folder, lock)}.`,
    details: { pid: Number(pid), computer },
  })
}
