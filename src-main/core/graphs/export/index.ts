import { AppError, type EdgeRule, type ExportedFile, type GraphFormat, type Twins } from '../../../contract/index.ts'
import { safeName } from '../../inference/safe-names.ts'
import type { GraphSource } from '../source.ts'
import { csv } from './csv.ts'
import { cyjs } from './cyjs.ts'
import { graphml } from './graphml.ts'
import type { Picture } from './picture.ts'
import { svg, type Theme } from './svg.ts'

export interface Wanted {
  readonly format: GraphFormat
  readonly side: 'left' | 'right' | 'both'
  readonly theme: Theme
}

const types: Readonly<Record<GraphFormat, string>> = {
  png: 'image/png',
  svg: 'image/svg+xml',
  graphml: 'application/graphml+xml',
  cyjs: 'application/json',
  csv: 'text/csv',
}

/** Pixels of a PNG per unit of the drawing. */
const sharpness = 2

/** @param positions C×2. Throws `graph/no-such-half` and `graph/positions`. */
export async function exportTwins(
  source: Pick<GraphSource, 'name' | 'caption'>,
  twins: Twins,
  step: number,
  positions: Float32Array,
  { format, side, theme }: Wanted,
): Promise<ExportedFile> {
  if (positions.length !== 2 * twins.classes.length) {
    throw new AppError('graph/positions', 'These positions are of another number of classes.', {
      next: 'Lay the graph out again.',
    })
  }
  const sides = side === 'both' ? [twins.left, twins.right] : [twins[side]]
  const graphs = sides.flatMap((graph) => graph ?? [])
  if (graphs.length === 0) {
    throw new AppError('graph/no-such-half', twins.missing ?? 'There is no such graph.', {
      next: 'Export the other half.',
    })
  }
  const picture: Picture = {
    title: source.name,
    caption: captionOf(source, twins, step),
    ...{ classes: twins.classes, graphs, positions },
  }
  const what = [...new Set(graphs.map(({ space }) => space))].join('-')
  const name = safeName(`${source.name}-${what}${twins.propagationSteps === null ? '' : `-step-${step}`}`)
  return { name: `${name}.${format}`, type: types[format], bytes: await bytesOf(picture, format, theme) }
}

async function bytesOf(picture: Picture, format: GraphFormat, theme: Theme): Promise<Uint8Array<ArrayBuffer>> {
  switch (format) {
    case 'csv':
      return utf8(csv(picture))
    case 'cyjs':
      return utf8(cyjs(picture))
    case 'graphml':
      return utf8(graphml(picture))
    case 'svg':
      return utf8(svg(picture, theme).text)
    case 'png': {
      const { default: sharp } = await import('sharp')
      // 72 is the density at which one unit is one pixel.
      const image = sharp(utf8(svg(picture, theme).text), { density: 72 * sharpness })
      return Uint8Array.from(await image.png().toBuffer())
    }
  }
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

function captionOf(
  { caption }: Pick<GraphSource, 'caption'>,
  { rule, used, propagationSteps }: Twins,
  step: number,
): string {
  const learned = propagationSteps !== null
  return [
    ...caption,
    ...(learned ? [`step ${step} of ${propagationSteps}`] : []),
    ruleText(rule),
    ...(learned && !used ? ['exploration'] : []),
  ].join(' · ')
}

const ruleText = (rule: EdgeRule): string =>
  rule.kind === 'threshold'
    ? `an edge within ${rule.degrees}°`
    : `${rule.neighbours} nearest ${rule.neighbours === 1 ? 'neighbour' : 'neighbours'}`
