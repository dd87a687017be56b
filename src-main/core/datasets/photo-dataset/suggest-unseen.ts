import { setImmediate as others } from 'node:timers/promises'
import { photosPerClass, type PhotoState } from './state.ts'

/** Above this, distances between all classes take too long; the choice is then by coverage alone. */
const mostCompared = 2000
/** A model needs something to learn from. */
const fewestSeen = 2

/**
 * Classes that could be unseen: every attribute that some class has (known and not zero) keeps a seen class that has it,
 * and what is chosen lies near to classes that stay, so that it can be recognised from them. Greedy; fewer than `count`
 * where it cannot go on. Classes without photos are unseen anyway and are not chosen, unless no class has any.
 */
export async function suggestUnseen(state: PhotoState, count: number): Promise<number[]> {
  const { classNames, attributeNames, attributes } = state
  const width = attributeNames.length
  const images = photosPerClass(state)
  const without = images.every((own) => own === 0)
  const seen = new Set([...classNames.keys()].filter((index) => without || images[index] > 0))

  const has = (index: number, k: number): boolean => Boolean(attributes[index * width + k])
  const holders = Uint32Array.from(attributeNames, (_, k) => [...seen].filter((index) => has(index, k)).length)
  const dispensable = (index: number): boolean => attributeNames.every((_, k) => !has(index, k) || holders[k] > 1)

  const distance = classNames.length > mostCompared ? () => 0 : await distances(state)
  const nearest = new Map<number, number>()
  const findNearest = (index: number): void => {
    let best = Infinity
    for (const other of seen) {
      if (other === index || distance(index, other) >= best) continue
      best = distance(index, other)
      nearest.set(index, other)
    }
  }
  for (const index of seen) findNearest(index)

  const chosen: number[] = []
  while (chosen.length < count && seen.size > fewestSeen) {
    await others()
    // A chosen class's nearest neighbour stays where possible: it is what the chosen one is recognised by.
    const leaned = new Set(chosen.map((index) => nearest.get(index)))
    const cost = (index: number): number => distance(index, nearest.get(index) ?? index) + (leaned.has(index) ? 1e6 : 0)
    const best = [...seen]
      .filter(dispensable)
      .sort((a, b) => cost(a) - cost(b) || a - b)
      .at(0)
    if (best === undefined) break
    chosen.push(best)
    seen.delete(best)
    for (let k = 0; k < width; k++) if (has(best, k)) holders[k]--
    for (const [index, neighbour] of nearest) if (neighbour === best) findNearest(index)
  }
  return chosen.sort((a, b) => a - b)
}

/** Mean difference over the attributes that both classes know, each attribute scaled to its range. */
async function distances({ classNames, attributeNames, attributes }: PhotoState) {
  const count = classNames.length
  const width = attributeNames.length
  const scaled = Float32Array.from(attributes)
  for (let k = 0; k < width; k++) {
    let [low, high] = [Infinity, -Infinity]
    for (let c = 0; c < count; c++) {
      const value = attributes[c * width + k]
      if (value < low) low = value
      if (value > high) high = value
    }
    const range = high > low ? high - low : 1
    for (let c = 0; c < count; c++) scaled[c * width + k] /= range
  }
  const table = new Float32Array(count * count)
  for (let a = 0; a < count; a++) {
    if (a % 16 === 0) await others()
    for (let b = 0; b < a; b++) {
      let sum = 0
      let known = 0
      for (let k = 0; k < width; k++) {
        const difference = Math.abs(scaled[a * width + k] - scaled[b * width + k])
        if (Number.isNaN(difference)) continue
        sum += difference
        known++
      }
      table[a * count + b] = table[b * count + a] = known === 0 ? 1 : sum / known
    }
  }
  return (a: number, b: number): number => table[a * count + b]
}
