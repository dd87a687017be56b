import { readFile } from 'node:fs/promises'
import type { Rectangle } from 'electron'
import { z } from 'zod'
import { writeFileAtomic } from '../../core/workspace/index.ts'

export const smallestWindow = { width: 1024, height: 700 }

const windowStateSchema = z.object({
  bounds: z.object({
    x: z.int(),
    y: z.int(),
    width: z.int().min(smallestWindow.width),
    height: z.int().min(smallestWindow.height),
  }),
  maximized: z.boolean(),
})
export type WindowState = z.infer<typeof windowStateSchema>

const visiblePart = 100 // px of the title bar that must be on a screen, to take hold of

/** The window as it was left, if that file is whole and the place is on one of today's screens. */
export async function readWindowState(file: string, workAreas: readonly Rectangle[]): Promise<WindowState | undefined> {
  try {
    const state = windowStateSchema.parse(JSON.parse(await readFile(file, 'utf8')))
    const { x, y, width } = state.bounds
    const isVisible = workAreas.some(
      (area) =>
        Math.min(x + width, area.x + area.width) - Math.max(x, area.x) >= visiblePart &&
        y >= area.y &&
        y <= area.y + area.height - visiblePart,
    )
    return isVisible ? state : undefined
  } catch {
    // The window opens at its usual size: nothing that a person needs to hear of.
    return undefined
  }
}

export const writeWindowState = (file: string, state: WindowState): Promise<void> =>
  writeFileAtomic(file, JSON.stringify(state))
