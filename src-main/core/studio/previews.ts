import { randomUUID } from 'node:crypto'
import { AppError, traySourceSchema, type Backend, type RunId } from '../../contract/index.ts'
import type { BookClass } from './book.ts'
import { castOf, describedClass } from './cast.ts'
import type { StudioNeighbours } from './neighbours.ts'
import { requireAttributes, requireVisual } from './edit-book.ts'
import { trayGone } from './failures.ts'
import type { RunStudio, Studios } from './open-studio.ts'
import type { TrayPlace } from './trays.ts'

/** Trays that can be opened again where the process of their model is a new one. */
const mostTrays = 32

/** A class as it is described now, in the eyes of the run's model. */
export function createPreviews(
  studios: Studios,
  { models, classification }: Pick<StudioNeighbours, 'models' | 'classification'>,
): Pick<Backend, 'openTray' | 'previewClass'> {
  const trays = new Map<string, { readonly run: RunId; readonly place: TrayPlace }>()
  const numbers = new WeakMap<BookClass, number>()
  let numbered = 0
  /** The same for the same class as long as nothing of it changes. */
  const numberOf = (one: BookClass): number => {
    if (!numbers.has(one)) numbers.set(one, ++numbered)
    return numbers.get(one)!
  }

  async function placeOf(run: RunId, source: Parameters<Backend['openTray']>[0]['source']): Promise<TrayPlace> {
    const given = traySourceSchema.parse(source)
    if (given.kind === 'dataset') return { kind: 'dataset', images: given.images, limit: given.limit }
    const id = given.classification
    const { classification: of, predictions } = await classification().getClassification({ classification: id })
    const photos = predictions.flatMap(({ photo, error }) =>
      error ? [] : [{ photo, ...classification().lookedAt(id, photo) }],
    )
    if (photos.length === 0) throw emptyTray()
    if (of.run !== run) {
      throw new AppError('tray/other-run', 'These photos were looked at with another run.', {
        next: 'Drop them here again.',
      })
    }
    const [{ backbone }] = photos
    return { kind: 'photos', backbone, photos: photos.map(({ photo, name, path }) => ({ photo, name, path })) }
  }

  async function question(
    { run, book, kappa, meanOf }: RunStudio,
    { id, name, attributes, visual }: Parameters<Backend['previewClass']>[0]['class'],
  ) {
    const { classes, off } = book.state
    const others = { ...book.state, classes: classes.filter((one) => one.id !== id) }
    const photos = classes.find((one) => one.id === id)?.photos ?? []
    const one = {
      ...{ id, name, photos },
      attributes: requireAttributes(attributes, run),
      visual: requireVisual(visual, run),
    }
    return {
      key: [
        ...others.classes.filter((other) => other.on).map(numberOf),
        ...off.map((off) => JSON.stringify(off)),
      ].join(),
      cast: await castOf(others, run, kappa, meanOf),
      class: await describedClass(one, run, kappa, meanOf),
    }
  }

  return {
    openTray: async ({ run, source }) => {
      await studios.of(run)
      const place = await placeOf(run, source)
      const id = randomUUID()
      const opened = await models.of(run).ask('openTray', { id, place })
      trays.set(id, { run, place })
      for (const old of [...trays.keys()].slice(0, -mostTrays)) trays.delete(old)
      return { id, ...opened }
    },

    previewClass: async ({ run, tray, class: one }) => {
      const kept = tray === null ? null : trays.get(tray)
      if (kept === undefined || (kept && kept.run !== run)) throw trayGone()
      const asked = { ...(await question(await studios.of(run), one)), tray }
      const model = models.of(run)
      return model.ask('preview', asked).catch(async (thrown: unknown) => {
        const gone = thrown instanceof AppError && thrown.code === 'tray/gone'
        if (!gone || kept === null || tray === null) throw thrown
        // The process of the model is a new one, or it held too many others.
        await model.ask('openTray', { id: tray, place: kept.place })
        return model.ask('preview', asked)
      })
    },
  }
}

const emptyTray = (): AppError =>
  new AppError('tray/empty', 'None of these photos can be read.', { next: 'Drop others.' })
