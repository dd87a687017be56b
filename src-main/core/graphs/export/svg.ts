import { grouped, type CategoryGraph, type GraphClass } from '../../../contract/index.ts'
import { placeLabels } from './labels.ts'
import { edgesOf, spaceNames, type Picture } from './picture.ts'
import { escaped } from './xml.ts'

export type Theme = 'light' | 'dark'

/** As in the application's styles/tokens.css: paper, ink and the vocabulary for classes. */
const themes = {
  light: { paper: '#faf8f3', ink: '#211f1b', soft: '#625d53', line: '#e5dfd2', edge: '#5c564a' },
  dark: { paper: '#171613', ink: '#efeae0', soft: '#aea797', line: '#35322b', edge: '#b9b1a0' },
} as const
const roles = {
  seen: { light: '#0f766e', dark: '#3fb8a8', word: 'seen' },
  unseen: { light: '#a94e08', dark: '#f0a04b', word: 'unseen' },
  yours: { light: '#4f46c8', dark: '#9c95ff', word: 'yours' },
  none: { light: '#625d53', dark: '#aea797', word: 'in no split' },
} as const
type Role = GraphClass['role']

const sans = "'Inter Variable', Inter, system-ui, 'Helvetica Neue', Arial, sans-serif"
const serif = "'Source Serif 4 Variable', 'Source Serif 4', Georgia, 'Times New Roman', serif"

const side = 1000 // of one graph
const margin = 48
const gap = 40
const head = 104
const foot = 76

/** A picture to print: one graph or two beside each other, who is who, and what it is of. */
export function svg(picture: Picture, theme: Theme): { text: string; width: number; height: number } {
  const { title, caption, classes, graphs } = picture
  const colour = themes[theme]
  const width = 2 * margin + graphs.length * side + (graphs.length - 1) * gap
  const height = head + side + foot
  const panels = graphs.map((graph, at) => {
    const left = margin + at * (side + gap)
    return `<g transform="translate(${left} ${head})">${panel(picture, graph, theme)}</g>`
  })
  const text = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${sans}" role="img">`,
    `<title>${escaped(`${title}: ${graphs.map(({ space }) => `${spaceNames[space]} graph`).join(', ')}`)}</title>`,
    `<desc>${escaped(caption)}</desc>`,
    `<rect width="100%" height="100%" fill="${colour.paper}"/>`,
    `<text x="${margin}" y="50" font-family="${serif}" font-size="30" font-weight="600" fill="${colour.ink}">${escaped(title)}</text>`,
    `<text x="${width - margin}" y="50" text-anchor="end" font-size="15" fill="${colour.soft}">${escaped(caption)}</text>`,
    `<path d="M${margin} 68H${width - margin}" stroke="${colour.line}"/>`,
    ...panels,
    legend(classes, graphs.length > 1, theme, height - 34),
    '</svg>',
    '',
  ].join('\n')
  return { text, width, height }
}

function panel({ classes, positions }: Picture, graph: CategoryGraph, theme: Theme): string {
  const colour = themes[theme]
  const radius = Math.max(3.2, Math.min(8, 130 / Math.sqrt(classes.length)))
  const reach = side / 2 - 24
  const places = classes.map((_, i) => ({
    x: side / 2 + reach * positions[2 * i],
    y: side / 2 + reach * positions[2 * i + 1],
  }))
  const inward = new Int32Array(classes.length)
  for (const to of graph.edges.to) inward[to]++
  const labels = placeLabels(
    classes.map(({ name }, i) => ({
      ...places[i],
      text: name,
      weight: inward[i] + (classes[i].role === 'yours' ? 1e6 : 0),
    })),
    { radius, size: classes.length > 400 ? 10 : 12, width: side, height: side },
  )
  const heading = `<text x="0" y="-12" font-family="${serif}" font-size="21" font-weight="600" fill="${colour.ink}">${spaceNames[graph.space]}<tspan dx="10" font-family="${sans}" font-size="14" font-weight="400" fill="${colour.soft}">mean degree ${graph.meanDegree.toFixed(1)}</tspan></text>`
  const marks = classes.map(({ name, role }, i) => {
    const { x, y } = places[i]
    return `<path d="${shape(role, x, y, radius)}" ${paint(role, theme)}><title>${escaped(name)}</title></path>`
  })
  const words = labels.map(
    ({ x, y, size, anchor, text }) =>
      `<text x="${fixed(x)}" y="${fixed(y)}" font-size="${size}"${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}>${escaped(text)}</text>`,
  )
  return [
    heading,
    `<g fill="none" stroke="${colour.edge}" stroke-linecap="round">${edges(graph, places)}</g>`,
    `<g>${marks.join('\n')}</g>`,
    `<g fill="${colour.ink}" stroke="${colour.paper}" stroke-width="3" stroke-linejoin="round" paint-order="stroke">${words.join('\n')}</g>`,
  ].join('\n')
}

/** One line for two classes, as wide as the stronger of both directions; dashed where the other space has neither. */
function edges(graph: CategoryGraph, places: readonly { x: number; y: number }[]): string {
  const pairs = new Map<string, { from: number; to: number; attention: number; alone: boolean }>()
  for (const { from, to, attention, shared, otherCosine } of edgesOf(graph)) {
    const key = from < to ? `${from} ${to}` : `${to} ${from}`
    const known = pairs.get(key)
    const alone = !shared && otherCosine !== null && (known?.alone ?? true)
    pairs.set(key, { from, to, alone, attention: Math.max(attention, known?.attention ?? 0) })
  }
  const most = Math.max(...Array.from(pairs.values(), ({ attention }) => attention), 1e-9)
  const thin = Math.min(1, Math.sqrt(250 / places.length)) // where there are many, none may shout
  // The strongest come last, on top.
  return [...pairs.values()]
    .sort((a, b) => a.attention - b.attention)
    .map(({ from, to, attention, alone }) => {
      const [a, b] = [places[from], places[to]]
      // A trained class attends to itself above all: what is left for others is told apart by its root.
      const share = Math.sqrt(attention / most)
      const [wide, opaque] = [(0.4 + 2.3 * share * thin).toFixed(2), (0.1 + 0.6 * share * thin).toFixed(2)]
      const dash = alone ? ' stroke-dasharray="4 4"' : ''
      return `<path d="M${fixed(a.x)} ${fixed(a.y)}L${fixed(b.x)} ${fixed(b.y)}" stroke-width="${wide}" stroke-opacity="${opaque}"${dash}/>`
    })
    .join('\n')
}

function shape(role: Role, x: number, y: number, r: number): string {
  if (role === 'unseen') {
    const s = 1.25 * r
    return `M${fixed(x)} ${fixed(y - s)}L${fixed(x + s)} ${fixed(y)}L${fixed(x)} ${fixed(y + s)}L${fixed(x - s)} ${fixed(y)}Z`
  }
  if (role === 'yours') {
    const points = Array.from({ length: 10 }, (_, at) => {
      const [angle, s] = [(at * Math.PI) / 5 - Math.PI / 2, at % 2 === 0 ? 1.6 * r : 0.7 * r]
      return `${fixed(x + s * Math.cos(angle))} ${fixed(y + s * Math.sin(angle))}`
    })
    return `M${points.join('L')}Z`
  }
  return `M${fixed(x - r)} ${fixed(y)}a${fixed(r)} ${fixed(r)} 0 1 0 ${fixed(2 * r)} 0a${fixed(r)} ${fixed(r)} 0 1 0 ${fixed(-2 * r)} 0Z`
}

function paint(role: Role, theme: Theme): string {
  const { paper } = themes[theme]
  const own = roles[role][theme]
  return role === 'none'
    ? `fill="${paper}" stroke="${own}" stroke-width="1.4"`
    : `fill="${own}" stroke="${paper}" stroke-width="1"`
}

function legend(classes: Picture['classes'], twins: boolean, theme: Theme, y: number): string {
  const { ink, edge } = themes[theme]
  let x = margin
  const parts = (Object.keys(roles) as Role[]).flatMap((role) => {
    const count = classes.filter((one) => one.role === role).length
    if (count === 0) return []
    const words = `${grouped(count)} ${roles[role].word}`
    const part = `<path d="${shape(role, x + 7, y - 5, 7)}" ${paint(role, theme)}/><text x="${x + 22}" y="${y}">${words}</text>`
    x += 56 + 8 * words.length
    return part
  })
  const lines = [
    ['wider: more attention', ''] as const,
    ...(twins ? [['dashed: in this space only', '4 4'] as const] : []),
  ]
  for (const [words, dash] of lines) {
    const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`
    parts.push(
      `<path d="M${x} ${y - 5}h34" stroke="${edge}" stroke-width="2"${dashes}/><text x="${x + 44}" y="${y}">${words}</text>`,
    )
    x += 76 + 8 * words.length
  }
  return `<g font-size="15" fill="${ink}">${parts.join('')}</g>`
}

const fixed = (value: number): string => String(Math.round(value * 10) / 10)
