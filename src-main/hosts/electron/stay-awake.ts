import { powerSaveBlocker } from 'electron'

/** While there is work the machine does not go to sleep over it; its screen may. */
export function stayAwake(): (working: boolean) => void {
  let blocker: number | undefined
  return (working) => {
    if (working) blocker ??= powerSaveBlocker.start('prevent-app-suspension')
    else if (blocker !== undefined) {
      powerSaveBlocker.stop(blocker)
      blocker = undefined
    }
  }
}
