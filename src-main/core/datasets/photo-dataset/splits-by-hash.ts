import type { Splits } from '../dataset.ts'
import type { PhotoState } from './state.ts'

/** Of a seen class's photos, those that test it. */
const testedPart = 0.2

/**
 * The split of photos where none is given: all of an unseen class test it; of a seen class a fifth, the first by content
 * hash, at least one where there are two. The same photos come out whatever their order and names.
 */
export function splitsByHash(state: Omit<PhotoState, 'splits'>): Splits {
  const { classNames, declaredUnseen, photos, labels } = state
  const ofClass = classNames.map((): number[] => [])
  photos.forEach(({ removed }, index) => {
    if (!removed) ofClass[labels[index]].push(index)
  })
  const lists = { trainval: [] as number[], testSeen: [] as number[], testUnseen: [] as number[] }
  ofClass.forEach((own, index) => {
    if (declaredUnseen[index]) {
      lists.testUnseen.push(...own)
      return
    }
    const byHash = own.toSorted((a, b) => (photos[a].sha256 < photos[b].sha256 ? -1 : 1))
    const tested = own.length < 2 ? 0 : Math.max(1, Math.round(own.length * testedPart))
    lists.testSeen.push(...byHash.slice(0, tested))
    lists.trainval.push(...byHash.slice(tested))
  })
  const ascending = (list: number[]): Int32Array => Int32Array.from(list).sort()
  return {
    trainval: ascending(lists.trainval),
    testSeen: ascending(lists.testSeen),
    testUnseen: ascending(lists.testUnseen),
    train: null,
    validation: null,
  }
}
