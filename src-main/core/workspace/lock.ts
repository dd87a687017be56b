import { open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { uptime } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../contract/index.ts'

const lockName = /^lock-(\d+)-(\d+)$/
const attempts = 5 // two that start at the same moment both step back, and one of them gets it in a later attempt

/**
 * Keeps a folder for this process until the returned function is called. Throws `workspace/in-use`.
 *
 * Each process creates a lock of its own name (its pid and start time) and then looks for others. Of two that race the
 * later one sees the earlier one's, so that two can both step back but never both go on; and a lock left by a dead
 * process can be removed without a fear of removing a live one's.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const own = `lock-${process.pid}-${await startTime(process.pid)}`
  for (let attempt = 1; ; attempt++) {
    await create(join(folder, own))
    const other = await liveLock(folder, own)
    if (other === undefined) return () => rm(join(folder, own), { force: true })
    await rm(join(folder, own), { force: true })
    if (attempt === attempts) throw inUse(folder, other)
    await sleep(20 * attempt + Math.random() * 50)
  }
}

async function create(path: string): Promise<void> {
  try {
    await (await open(path, 'wx')).close()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (await isOfThisBoot(path)) throw inUse(join(path, '..'), process.pid)
    // An earlier boot's process had our pid and start time: the file is nobody's, so take it over as it is.
  }
}

/** Pid of another process that holds the folder; removes what dead ones left. */
async function liveLock(folder: string, own: string): Promise<number | undefined> {
  for (const name of await readdir(folder)) {
    const match = lockName.exec(name)
    if (!match || name === own) continue
    const [pid, start] = [Number(match[1]), Number(match[2])]
    const path = join(folder, name)
    if (isAlive(pid) && (await startTime(pid)) === start && (await isOfThisBoot(path))) return pid
    await rm(path, { force: true })
  }
  return undefined
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

/** Clock ticks from boot to the start of the process, where the system tells (Linux); tells a reused pid apart. */
async function startTime(pid: number): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets, which may hold anything.
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[19])
  } catch {
    return 0
  }
}

const clockTolerance = 60_000 // ms by which a clock may have been set since

async function isOfThisBoot(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined)
  return status !== undefined && status.mtimeMs > Date.now() - uptime() * 1000 - clockTolerance
}

function inUse(folder: string, pid: number): AppError {
  return new AppError('workspace/in-use', `The workspace “${basename(folder)}” is open in another window or program.`, {
    next: `Close the other Unseen (process ${pid}), or use another workspace.`,
    details: { pid },
  })
}
