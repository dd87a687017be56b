import type { ClassPreview, Tray } from '../../contract/index.ts'
import type { OpenRun } from '../inference/open-run.ts'
import { extendModel, type Cast, type DescribedClass, type ExtendedModel } from './extend-model.ts'
import { trayGone } from './failures.ts'
import { createTrayScores, type TrayScores } from './tray-scores.ts'
import { readTray, type TrayPlace } from './trays.ts'

/** What a preview is asked with: everything, since the process may be a new one. */
export interface PreviewQuestion {
  /** Names `cast`: what does not change while a class is described is computed once. */
  readonly key: string
  /** Who takes part besides the class. */
  readonly cast: Cast
  readonly class: DescribedClass
  readonly tray: string | null
}

/** A run's model over its classes and the person's, with what a preview of one more is compared with. */
interface Computed {
  readonly extended: ExtendedModel
  /** C×H. */
  readonly projected: Float32Array
}

const mostShown = 12
/** Each takes B×H numbers. */
const mostTrays = 8

export const studioQuestions = (run: OpenRun) => {
  const { network, scorer, context, descriptions, model } = run
  const scaling = run.run.config.attributeScaling
  const trays = new Map<string, TrayScores>()
  let without: { key: string; computed: Promise<Computed> } | null = null

  const extend = (cast: Cast): ExtendedModel => extendModel({ model, context, descriptions, scaling }, cast)
  const compute = async (extended: ExtendedModel) => {
    const described = await scorer.describe(extended.model, extended.classes, extended.visual)
    const graphs = await (await run.program(network.graphs[0])).run(described.feeds)
    return { extended, anchors: described.anchors, graphs, projected: graphs.projected.data }
  }
  const withoutClass = (key: string, cast: Cast): Promise<Computed> => {
    if (without?.key !== key) {
      const computed = compute(extend(cast)).then(({ extended, projected }) => ({ extended, projected }))
      without = { key, computed }
      computed.catch(() => (without = null))
    }
    return without.computed
  }

  return {
    openTray: async ({ id, place }: { id: string; place: TrayPlace }): Promise<Pick<Tray, 'photos' | 'pictures'>> => {
      const { photos, pictures, features } = await readTray(run, place)
      trays.set(id, await createTrayScores(run, features))
      for (const old of [...trays.keys()].slice(0, -mostTrays)) trays.delete(old)
      return { photos, pictures }
    },

    preview: async ({ key, cast, class: one, tray }: PreviewQuestion): Promise<ClassPreview> => {
      const started = performance.now()
      const photos = tray === null ? null : trays.get(tray)
      if (photos === undefined) throw trayGone()
      const before = await withoutClass(key, cast)
      const { extended, anchors, graphs, projected } = await compute(
        extend({ ...cast, described: [...cast.described, one] }),
      )
      const { classes, list } = extended
      const C = classes.length
      const own = C - 1
      const place = new Map(Array.from(classes, (index, at) => [index, at]))
      const cosines = graphs.semanticCosine.data.subarray(own * C, own * C + own)
      const order = Array.from(cosines.keys()).sort((a, b) => cosines[b] - cosines[a] || a - b)
      const ranked = order.map((at) => ({ class: at, cosine: cosines[at] }))
      const photoShare = one.visual?.photos?.weight ?? 0
      const row = (space: 'semantic' | 'visual') =>
        neighbours(graphs[`${space}Cosine`].data, graphs[`${space}Attention`].data, C)
      return {
        classes: list.map(({ name, role }) => ({ name, role })),
        nearest: ranked.slice(0, mostShown),
        anchors: anchors
          .find((anchor) => anchor.class === classes[own])!
          .from.map(({ class: index, weight }) => ({ class: place.get(index)!, share: weight * (1 - photoShare) })),
        photoShare,
        candidates: ranked.filter((near) => list[near.class].role === 'seen').slice(0, mostShown),
        semantic: row('semantic'),
        visual: row('visual'),
        tray: photos && (await photos.look({ key, projected: before.projected }, projected, list)),
        findings: [],
        estimate: null,
        milliseconds: performance.now() - started,
      }
    },
  }
}

/** The last class's row, most attention first. */
function neighbours(cosine: Float32Array, attention: Float32Array, C: number): ClassPreview['semantic'] {
  const start = (C - 1) * C
  return {
    neighbours: Array.from({ length: C - 1 }, (_, at) => ({
      class: at,
      cosine: cosine[start + at],
      attention: attention[start + at],
    }))
      .filter((one) => one.attention > 0)
      .sort((a, b) => b.attention - a.attention || a.class - b.class)
      .slice(0, mostShown),
    self: attention[start + C - 1],
  }
}
