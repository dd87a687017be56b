import { csvLine, harmlessCell } from '../../datasets/index.ts'
import { edgesOf, type Picture } from './picture.ts'

/** One edge a line. */
export function csv({ classes, graphs }: Picture): string {
  const head = ['space', 'from', 'to', 'attention', 'cosine', 'cosine_other', 'in_both']
  const lines = graphs.flatMap((graph) =>
    Array.from(edgesOf(graph), ({ from, to, attention, cosine, otherCosine, shared }) => [
      graph.space,
      ...[from, to].map((one) => harmlessCell(classes[one].name)),
      ...[attention, cosine, otherCosine ?? ''].map(String),
      otherCosine === null ? '' : shared ? 'yes' : 'no',
    ]),
  )
  return [head, ...lines].map(csvLine).join('')
}
