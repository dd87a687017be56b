import { AppError, type ExportedFile, type GraphLayout, type Twins } from '../../contract/index.ts'
import { exportTwins, type Wanted } from './export/index.ts'
import { lastKept } from './last-kept.ts'
import { layOut } from './layout/index.ts'
import type { GraphSource } from './source.ts'
import { graphPair, twinsOf, type Asked } from './twins.ts'

/** A file of the twins; `positions` null: as they are laid out. */
export interface AskedFile extends Asked, Wanted {
  readonly positions: Float32Array | null
}

/** Where to draw the classes; with `own`, in either graph's own places, too. */
export interface AskedLayout extends Asked {
  readonly own: boolean
}

/** What can be asked of a source, however it came about. */
export interface Answers {
  twins(asked: Asked): Promise<Twins>
  layOut(asked: AskedLayout): Promise<GraphLayout>
  file(asked: AskedFile): Promise<ExportedFile>
}

export function createAnswers(source: GraphSource): Answers {
  // `cap` changes what is told, not what is; the layout is asked for with the twins, and both again when a page is opened.
  const keyOf = ({ spaces, step, rule }: Asked): string => JSON.stringify([spaces, step, rule])
  const pair = lastKept(keyOf, (asked: Asked) => graphPair(source, within(source, asked)))
  const layout = lastKept(
    (asked: AskedLayout) => JSON.stringify([keyOf(asked), asked.own]),
    async (asked: AskedLayout) => layOut(await pair(asked), source.classes.length, asked.own),
  )
  const twins = lastKept(
    (asked: Asked) => JSON.stringify([keyOf(asked), asked.cap]),
    async (asked: Asked): Promise<Twins> => twinsOf(source, await pair(asked), asked.cap),
  )
  return {
    twins,
    layOut: layout,
    file: async ({ positions, ...asked }) =>
      exportTwins(
        source,
        await twins(asked),
        asked.step,
        positions ?? (await layout({ ...asked, own: false })).shared,
        asked,
      ),
  }
}

function within({ propagationSteps }: GraphSource, asked: Asked): Asked {
  const last = propagationSteps ?? 0
  if (asked.step <= last) return asked
  throw new AppError(
    'graph/no-such-step',
    `There is no graph of step ${asked.step} here; the last one is of step ${last}.`,
    {
      next: last === 0 ? 'Ask for step 0.' : `Choose a step from 0 to ${last}.`,
    },
  )
}
