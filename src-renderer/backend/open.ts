import type { Connection } from './connection.ts'
import { connectDesktop } from './desktop.ts'
import { connectWeb } from './web.ts'

/** A port where the desktop's preload offers one, else a socket to the host that served the page. */
export const openConnection = (): Connection => (window.unseen ? connectDesktop(window.unseen) : connectWeb())
