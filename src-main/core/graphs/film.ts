import { join } from 'node:path'
import type { GraphFilm } from '../../contract/index.ts'
import type { Engine } from '../compute/engine.ts'
import { createScorer, type Model } from '../inference/scorer.ts'
import { createNetwork } from '../method/network.ts'
import type { DataWidths, NetworkConfig } from '../method/network-config.ts'
import { readSafetensors, writeSafetensors, type Tensors } from '../workspace/index.ts'

const filmFile = (folder: string): string => join(folder, 'film.safetensors')

/**
 * What is kept of a training for its graphs: of each state and space the prototypes before propagation, seen through P.
 * Everything else follows, since α (p P) = (α p) P.
 */
interface Frame {
  readonly episode: number
  /** C×G. */
  readonly semantic: Float32Array
  readonly visual: Float32Array
  /** Of the last graph that is used. */
  readonly semanticMeanDegree: number
  readonly visualMeanDegree: number
}

export interface Film {
  /** Keeps a state of the training. The classes are the same every time. */
  frame(model: Model, classes: Int32Array, episode: number): Promise<void>
  /** Into the folder of the run, whole. Earlier frames there stay: those of the training that is gone on with. */
  write(folder: string): Promise<void>
  release(): Promise<void>
}

export async function createFilm(
  engine: Engine,
  config: NetworkConfig & Parameters<typeof createScorer>[1],
  widths: DataWidths,
): Promise<Film> {
  const network = createNetwork(config, widths)
  const scorer = await createScorer(engine, config, widths)
  const last = Math.max(0, config.propagationSteps - 1)
  const program = await engine.program({
    semantic: network.graphs[0].semanticRows,
    visual: network.graphs[0].visualRows,
    semanticEdges: network.classes[`semanticEdges.${last}`],
    visualEdges: network.classes[`visualEdges.${last}`],
  })
  const frames: Frame[] = []
  let filmed = new Int32Array()
  let earlier: Promise<readonly Frame[]> | null = null
  return {
    frame: async (model, classes, episode) => {
      const { feeds } = await scorer.describe(model, classes)
      const { semantic, visual, semanticEdges, visualEdges } = await program.run(feeds)
      filmed = Int32Array.from(classes)
      frames.push({
        ...{ episode, semantic: semantic.data, visual: visual.data },
        // A class is its own neighbour, which a mean degree leaves out.
        semanticMeanDegree: semanticEdges.data[0] / classes.length - 1,
        visualMeanDegree: visualEdges.data[0] / classes.length - 1,
      })
    },
    write: async (folder) => {
      if (frames.length === 0) return
      const before = (await (earlier ??= framesIn(folder, filmed))).filter(({ episode }) => episode < frames[0].episode)
      await writeFrames(folder, [...before, ...frames], filmed)
    },
    release: async () => {
      await Promise.all([program.release(), scorer.release()])
    },
  }
}

function writeFrames(folder: string, frames: readonly Frame[], classes: Int32Array): Promise<void> {
  const tensors: Record<string, Tensors[string]> = {
    classes: { data: classes, shape: [classes.length] },
    episodes: { data: Int32Array.from(frames, ({ episode }) => episode), shape: [frames.length] },
    meanDegrees: {
      data: Float32Array.from(frames.flatMap((one) => [one.semanticMeanDegree, one.visualMeanDegree])),
      shape: [frames.length, 2],
    },
  }
  for (const { episode, semantic, visual } of frames) {
    const shape = [classes.length, semantic.length / classes.length]
    tensors[`semantic.${episode}`] = { data: semantic, shape }
    tensors[`visual.${episode}`] = { data: visual, shape }
  }
  return writeSafetensors(filmFile(folder), tensors)
}

/** The states that a run kept; none where there is no film, where it is damaged, or where it is of other classes. */
export async function framesIn(folder: string, classes: Int32Array): Promise<readonly Frame[]> {
  const nothing: { tensors: Tensors } = { tensors: {} }
  const { tensors } = await readSafetensors(filmFile(folder)).catch(() => nothing)
  const data = (name: string) => (Object.hasOwn(tensors, name) ? tensors[name].data : new Float32Array())
  const own = data('classes')
  if (own.length !== classes.length || !own.every((one, at) => one === classes[at])) return []
  const degrees = data('meanDegrees')
  return Array.from(data('episodes'), (episode, at): Frame => ({
    episode,
    semantic: Float32Array.from(data(`semantic.${episode}`)),
    visual: Float32Array.from(data(`visual.${episode}`)),
    semanticMeanDegree: degrees[2 * at],
    visualMeanDegree: degrees[2 * at + 1],
  }))
}

export const filmOf = (frames: readonly Frame[]): GraphFilm => ({
  episodes: frames.map(({ episode }) => episode),
  semanticMeanDegrees: frames.map(({ semanticMeanDegree }) => semanticMeanDegree),
  visualMeanDegrees: frames.map(({ visualMeanDegree }) => visualMeanDegree),
})
