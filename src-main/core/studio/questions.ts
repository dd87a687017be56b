import type { ClassPreview, Tray } from '../../contract/index.ts'
import type { OpenRun } from '../inference/open-run.ts'
import { describedRun, type Base } from './described-run.ts'
import { evaluateClasses, type EvaluateQuestion, type Measured } from './evaluate-classes.ts'
import type { Cast, DescribedClass } from './extend-model.ts'
import { trayGone } from './failures.ts'
import { expectedAccuracy, learnable, usualDistance } from './learnable.ts'
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

interface Others extends Base {
  readonly spacing: number
}

const mostShown = 12
/** Each takes B×H numbers. */
const mostTrays = 8

export const studioQuestions = (run: OpenRun) => {
  const described = describedRun(run)
  const heldOut = run.run.result!.heldOutClasses
  const trays = new Map<string, TrayScores>()
  let others: { key: string; base: Promise<Others> } | null = null

  const baseOf = ({ key, cast }: PreviewQuestion): Promise<Others> => {
    if (others?.key === key) return others.base
    const base = described.over(cast).then((base) => ({ ...base, spacing: usualDistance(base) }))
    others = { key, base }
    base.catch(() => (others = null))
    return base
  }

  return {
    openTray: async ({ id, place }: { id: string; place: TrayPlace }): Promise<Pick<Tray, 'photos' | 'pictures'>> => {
      const { photos, pictures, features } = await readTray(run, place)
      trays.set(id, await createTrayScores(run, features))
      for (const old of [...trays.keys()].slice(0, -mostTrays)) trays.delete(old)
      return { photos, pictures }
    },

    evaluate: (question: EvaluateQuestion): Promise<Measured> => evaluateClasses(run, question),

    preview: async (question: PreviewQuestion): Promise<ClassPreview> => {
      const started = performance.now()
      const photos = question.tray === null ? null : trays.get(question.tray)
      if (photos === undefined) throw trayGone()
      const base = await baseOf(question)
      const now = await base.withOneMore(question.class)
      const { list, classes } = now
      const nearest = nearestOf(now.semantic.cosine, list.length)
      const place = new Map(Array.from(classes, (index, at) => [index, at]))
      const photoShare = question.class.visual?.photos?.weight ?? 0
      return {
        classes: list.map(({ name, role }) => ({ name, role })),
        nearest: nearest.slice(0, mostShown),
        anchors: now.anchors.map((one) => ({
          class: place.get(one.class)!,
          share: one.weight * (1 - photoShare),
        })),
        photoShare,
        candidates: nearest.filter((one) => list[one.class].role === 'seen').slice(0, mostShown),
        semantic: neighboursOf(now.semantic, list.length),
        visual: neighboursOf(now.visual, list.length),
        tray: photos && (await photos.look({ key: question.key, projected: base.projected }, now.projected, list)),
        findings: learnable(run, question.class, base, now, base.spacing),
        estimate: nearest.length === 0 ? null : expectedAccuracy(question.class, nearest[0].cosine, heldOut),
        milliseconds: performance.now() - started,
      }
    },
  }
}

/** Classes by their cosine to the last one, nearest first. */
function nearestOf(cosine: Float32Array, C: number): ClassPreview['nearest'] {
  const row = cosine.subarray((C - 1) * C, C * C - 1)
  return Array.from(row, (one, at) => ({ class: at, cosine: one })).sort(
    (a, b) => b.cosine - a.cosine || a.class - b.class,
  )
}

/** The last class's row of a graph, most attention first. */
function neighboursOf({ cosine, attention }: Base['semantic'], C: number): ClassPreview['semantic'] {
  const start = (C - 1) * C
  const row = Array.from({ length: C - 1 }, (_, at) => ({
    ...{ class: at, cosine: cosine[start + at], attention: attention[start + at] },
  }))
  return {
    neighbours: row
      .filter((one) => one.attention > 0)
      .sort((a, b) => b.attention - a.attention || a.class - b.class)
      .slice(0, mostShown),
    self: attention[start + C - 1],
  }
}
