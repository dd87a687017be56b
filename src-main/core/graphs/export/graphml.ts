import { edgesOf, short, type Picture } from './picture.ts'
import { escaped } from './xml.ts'

const nodeKeys = {
  name: 'string',
  role: 'string',
  images: 'int',
  accuracy: 'double',
  x: 'double',
  y: 'double',
} as const
const edgeKeys = { space: 'string', attention: 'double', cosine: 'double' } as const

/** http://graphml.graphdrawing.org: one directed graph, whose edges say which space they are of. */
export function graphml({ title, caption, classes, graphs, positions }: Picture): string {
  const keys = (of: 'node' | 'edge', types: Readonly<Record<string, string>>): string[] =>
    Object.entries(types).map(
      ([name, type]) => `  <key id="${of}.${name}" for="${of}" attr.name="${name}" attr.type="${type}"/>`,
    )
  const data = (of: 'node' | 'edge', values: Readonly<Record<string, string | number | null>>): string =>
    Object.entries(values)
      .map(([name, value]) => (value === null ? '' : `<data key="${of}.${name}">${escaped(String(value))}</data>`))
      .join('')
  const nodes = classes.map(({ name, role, images, accuracy }, i) => {
    const place = { x: short(positions[2 * i]), y: short(positions[2 * i + 1]) }
    return `    <node id="c${i}">${data('node', { name, role, images, accuracy, ...place })}</node>`
  })
  const edges = graphs.flatMap((graph) =>
    Array.from(edgesOf(graph), ({ from, to, attention, cosine }, at) => {
      const values = data('edge', { space: graph.space, attention, cosine })
      return `    <edge id="${graph.space}.${at}" source="c${from}" target="c${to}">${values}</edge>`
    }),
  )
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">',
    `  <desc>${escaped(`${title}. ${caption}`)}</desc>`,
    ...keys('node', nodeKeys),
    ...keys('edge', edgeKeys),
    '  <graph id="twins" edgedefault="directed">',
    ...nodes,
    ...edges,
    '  </graph>',
    '</graphml>',
    '',
  ].join('\n')
}
