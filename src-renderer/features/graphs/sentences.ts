import type { GraphSpace } from '../../../src-main/contract/index.ts'
import { t } from '../../locales/index.ts'
import { differenceOf } from './picture/lines.ts'
import type { Drawing } from './use-pictures.ts'

const told = 2 // neighbours that a sentence names

export const cosine = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(2).replace('-', '−'))
export const spaceName = (space: GraphSpace): string => t(`space.${space}`)

/** `Semantic: nearest wildcat 0.82, cougar 0.80`, for each graph that there is. */
const nearestSentence = (at: number, names: readonly string[], { graph, neighbours }: Drawing): string => {
  const list = neighbours
    .of(at)
    .slice(0, told)
    .map((one) => `${names[one.class]} ${cosine(one.cosine)}`)
    .join(', ')
  const nearest = list === '' ? t('twins.alone') : t('twins.nearest', { list })
  return t('twins.inSpace', { space: spaceName(graph.space).toLowerCase(), nearest })
}

function pairSentence([a, b]: readonly number[], drawings: readonly Drawing[]): string {
  for (const [side, { graph, lines }] of drawings.entries()) {
    for (let line = 0; line < lines.count; line++) {
      const [from, to] = [lines.a[line], lines.b[line]]
      if ((from !== a || to !== b) && (from !== b || to !== a)) continue
      const other = drawings.at(1 - side)
      const parts = [[graph.space, lines.cosine[line]] as const]
      if (other && !Number.isNaN(lines.otherCosine[line])) parts.push([other.graph.space, lines.otherCosine[line]])
      if (side === 1) parts.reverse()
      const said = parts.map(([space, value]) =>
        t('twins.pair', { space: spaceName(space).toLowerCase(), cosine: cosine(value) }),
      )
      const difference = differenceOf(lines, line)
      if (!Number.isNaN(difference)) said.push(t('twins.pairDifference', { difference: cosine(difference) }))
      return said.join(', ')
    }
  }
  return t('twins.alone')
}

/** What is pointed at or chosen, in words: a class with its nearest, or an edge with its cosines. Its name apart. */
export function describe(
  focus: readonly number[],
  names: readonly string[],
  drawings: readonly Drawing[],
): { name: string; says: string } | null {
  if (focus.length === 0) return null
  const name = focus.map((at) => names[at]).join(' – ')
  if (focus.length === 2) return { name, says: pairSentence(focus, drawings) }
  return { name, says: drawings.map((drawing) => nearestSentence(focus[0], names, drawing)).join(' · ') }
}
