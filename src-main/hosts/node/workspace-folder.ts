import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** The workspace that was named, else $UNSEEN_WORKSPACE, else one in the platform's folder for application data: the same by every way in. */
export function workspaceFolder(given?: string): string {
  const chosen = given ?? process.env.UNSEEN_WORKSPACE
  return chosen ? resolve(chosen) : join(dataFolder(), 'workspace')
}

/** Says to this process, and to those that it starts, where things are kept once for all workspaces. */
export function provideFolders(): void {
  process.env.UNSEEN_ENGINES ??= join(dataFolder(), 'engines')
  // Node's: what a job process compiled, the next one need not compile again, which is half of its start.
  process.env.NODE_COMPILE_CACHE ??= join(dataFolder(), 'compiled')
}

function dataFolder(): string {
  if (process.platform === 'win32') {
    // Not the roaming one, which a domain copies at every sign-in: datasets are large, and engines are this machine's.
    return join(process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Unseen')
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Unseen')
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'unseen')
}
