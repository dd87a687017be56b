import { computed, ref, shallowRef, watch } from 'vue'
import type { CategoryGraph } from '../../../src-main/contract/index.ts'
import { islands } from './islands.ts'
import { neighbourhoods, within, type Neighbourhoods } from './neighbours.ts'
import { regionsOf } from './picture/regions.ts'
import { linesOf, strokesOf, type Lines } from './picture/lines.ts'
import {
  labelOrder,
  noEmphasis,
  placed,
  radiiOf,
  regionReach,
  type Emphasis,
  type Scene,
  type Sizing,
} from './picture/scene.ts'
import { classRows, disagreements, pictureName } from './rows.ts'
import type { TwinGraphs } from './use-twins.ts'

export type Half = 'left' | 'right'
export const halves = ['left', 'right'] as const

/** What is drawn of one graph, all but the shape of the paper. */
export interface Drawing {
  readonly half: Half
  readonly graph: CategoryGraph
  readonly lines: Lines
  readonly neighbours: Neighbourhoods
  /** Positions from −1 to 1. */
  readonly positions: Float32Array<ArrayBuffer>
  readonly sceneFor: (aspect: number) => Scene
}

/** Both pictures of the twins: what is drawn and how, what is pointed at, what is chosen. */
export function usePictures({ twins, layout, arrangement, cap }: TwinGraphs) {
  const disagreement = ref(false)
  const sizing = ref<Sizing>('fixed')
  const grouped = ref(false)
  /** Edges from the chosen class that are shown; null: all classes are. */
  const depth = ref<number | null>(null)
  const hovered = shallowRef<readonly number[]>([])
  const selected = shallowRef<readonly number[]>([])

  const classes = computed(() => twins.value?.classes ?? [])
  const names = computed(() => classes.value.map(({ name }) => pictureName(name)))
  const graphs = computed(() => halves.flatMap((half) => twins.value?.[half] ?? []))
  // Another list of classes has other indices.
  watch(
    () => names.value.join('\n'),
    () => {
      hovered.value = selected.value = []
      depth.value = null
    },
  )

  const shown = computed(() => {
    const [centre] = selected.value
    if (depth.value === null || selected.value.length === 0) return null
    return within(graphs.value, classes.value.length, centre, depth.value)
  })
  const radii = computed(() => radiiOf(classes.value, sizing.value))

  /** Of either half: lines and neighbourhoods change with the graph alone. */
  const told = computed(() => {
    const { value } = twins
    if (!value) return []
    // An edge of such a rule goes both ways, but one of the two may have fallen to the cap.
    const directed = value.rule.kind === 'knn' && value.rule.neighbours <= cap.value
    const count = value.classes.length
    return halves.flatMap((half) => {
      const graph = value[half]
      return graph
        ? [{ half, graph, lines: linesOf(graph, count, directed), neighbours: neighbourhoods(graph, count) }]
        : []
    })
  })
  const strongest = computed(() => {
    let most = 0
    for (const { lines } of told.value) for (const attention of lines.attention) most = Math.max(most, attention)
    return most
  })

  const drawings = computed<Drawing[]>(() => {
    const { value: places } = layout
    // Read here, not when a picture asks for its scene: what a scene is made of must make it anew.
    const [regional, called, wide, kept] = [grouped.value, names.value, radii.value, shown.value]
    if (!places || places.shared.length !== 2 * classes.value.length) return []
    return told.value.map(({ half, lines, ...rest }) => {
      const usual = (arrangement.value === 'own' ? places[half] : null) ?? places.shared
      const positions = regional ? islands(usual, places.clusters) : usual
      const strokes = strokesOf(lines, strongest.value, disagreement.value, kept)
      const order = labelOrder(classes.value, lines, kept)
      const reach = regionReach(called.length)
      const sceneFor = (aspect: number): Scene => {
        const at = placed(positions, aspect)
        return {
          names: called,
          positions: at,
          radii: wide,
          lines,
          strokes,
          shown: kept,
          regions: regional ? regionsOf(places.clusters, at, reach, kept) : [],
          order,
          reach,
        }
      }
      return { half, lines, ...rest, positions, sceneFor }
    })
  })

  const of = (half: Half): Drawing | null => drawings.value.find((drawing) => drawing.half === half) ?? null
  const emphasis = computed<Emphasis>(() =>
    hovered.value.length || selected.value.length ? { hovered: hovered.value, selected: selected.value } : noEmphasis,
  )

  return {
    disagreement,
    sizing,
    grouped,
    depth,
    hovered,
    selected,
    shown,
    names,
    classes,
    drawings,
    emphasis,
    of,
    rows: computed(() =>
      twins.value ? classRows(twins.value, of('left')?.neighbours ?? null, of('right')?.neighbours ?? null) : [],
    ),
    worst: computed(() => {
      const [left, right] = told.value
      return told.value.length === 2 ? disagreements(left.lines, right.lines, classes.value.length) : []
    }),
  }
}

export type Pictures = ReturnType<typeof usePictures>
