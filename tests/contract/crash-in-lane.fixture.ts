import { writeSync } from 'node:fs'
import { isMainThread, parentPort } from 'node:worker_threads'
import type { FromLane, ToLane } from '../../src-main/core/training/lanes.ts'

// Loaded before everything else into a process and into each of its threads: the thread of the final training dies after
// a few of its reports as native code dies, with the whole process, in the middle of its work.
if (!isMainThread) {
  const port = parentPort!
  let isFinal = false
  const listen = port.on.bind(port)
  // Not a listener of its own: the port would start, and the lane's come too late.
  port.on = ((event: string, listener: (message: ToLane) => void) =>
    listen(event, (message: ToLane) => {
      if (event === 'message' && message !== 'stop') isFinal = message.input.phase.kind === 'final'
      listener(message)
    })) as typeof port.on

  const say = port.postMessage.bind(port)
  let steps = 0
  port.postMessage = (message: FromLane) => {
    say(message)
    if (!isFinal || message.type !== 'step' || ++steps < 4) return
    writeSync(2, 'native: segmentation fault in a lane\n')
    process.kill(process.pid, 'SIGSEGV')
  }
}
