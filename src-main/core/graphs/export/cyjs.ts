import { edgesOf, short, type Picture } from './picture.ts'

/** Half the side of the drawing, in the units of Cytoscape Desktop, whose nodes are some 35 wide. */
const scale = 1500

/** The network and its view as Cytoscape Desktop reads and writes them; both spaces are told apart by `interaction`. */
export function cyjs({ title, caption, classes, graphs, positions }: Picture): string {
  const nodes = classes.map(({ name, role, images, accuracy }, i) => ({
    data: { id: `c${i}`, shared_name: name, name, role, images, ...(accuracy === null ? {} : { accuracy }) },
    position: { x: short(scale * positions[2 * i]), y: short(scale * positions[2 * i + 1]) },
    selected: false,
  }))
  const edges = graphs.flatMap((graph) =>
    Array.from(edgesOf(graph), ({ from, to, attention, cosine }, at) => {
      const name = `${classes[from].name} (${graph.space}) ${classes[to].name}`
      return {
        data: {
          ...{ id: `${graph.space}.${at}`, source: `c${from}`, target: `c${to}`, shared_name: name, name },
          ...{ shared_interaction: graph.space, interaction: graph.space, space: graph.space, attention, cosine },
        },
        selected: false,
      }
    }),
  )
  const network = {
    format_version: '1.0',
    generated_by: 'unseen',
    target_cytoscapejs_version: '~2.1',
    data: { shared_name: title, name: title, description: caption, selected: true },
    elements: { nodes, edges },
  }
  return `${JSON.stringify(network)}\n`
}
