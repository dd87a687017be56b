import { describe, expect, it } from 'vitest'
import { twins } from '../../../testing/fake-graphs.ts'
import { corner, labelsAt, labelZoom, lineHeight, sides } from './labels.ts'
import { linesOf, nearestLine, strokesOf } from './lines.ts'
import { regionsOf } from './regions.ts'
import { radiiOf } from './scene.ts'

const left = linesOf(twins().left!, 4, true)
const pairs = Array.from({ length: left.count }, (_, at) => [left.a[at], left.b[at]])

describe('lines', () => {
  it('are one for two classes, one-way where only one attends, alone where the other space has none', () => {
    expect(pairs).toEqual([[0, 1], [0, 2], [2, 1], [2, 3]]) // prettier-ignore
    expect([...left.oneWay.subarray(0, 4)]).toEqual([0, 1, 1, 1])
    expect([...left.alone.subarray(0, 4)]).toEqual([0, 1, 0, 1])
  })

  it('have no direction where the cap may have taken it', () => {
    const lines = linesOf(twins().left!, 4, false)
    expect([...lines.oneWay.subarray(0, 4)]).toEqual([0, 0, 0, 0])
  })

  it('are grouped by what they look like, and left out where an end is hidden', () => {
    const plain = strokesOf(left, 0.4, false, null)
    expect(plain.flatMap(({ lines }) => [...lines]).sort()).toEqual([0, 1, 2, 3])
    expect(plain.every(({ tint, dashed }) => tint === 0 && !dashed)).toBe(true)
    expect(plain.at(-1)).toMatchObject({ level: 3 })

    const told = strokesOf(left, 0.4, true, null)
    const of = (line: number) => told.find(({ lines }) => lines.includes(line))!
    expect(of(1)).toMatchObject({ tint: 3, dashed: true })
    expect(of(2)).toMatchObject({ dashed: false })

    const few = strokesOf(left, 0.4, false, Uint8Array.of(1, 1, 0, 1))
    expect(few.flatMap(({ lines }) => [...lines])).toEqual([0])
  })

  it('are found where one points, between their ends only', () => {
    const positions = Float32Array.of(0, 0, 10, 0, 0, 10, 10, 10)
    expect(nearestLine(left, positions, [5, 0.5], 1, null)).toBe(0)
    expect(nearestLine(left, positions, [5, 3], 1, null)).toBeNull()
    expect(nearestLine(left, positions, [-1, 0], 2, null)).toBeNull()
    expect(nearestLine(left, positions, [5, 0.5], 1, Uint8Array.of(1, 0, 1, 1))).toBeNull()
  })
})

describe('labels', () => {
  const count = 60
  const scattered = Float32Array.from({ length: 2 * count }, (_, at) => ((at * 7919) % 1000) - 500)
  const labelled = {
    positions: scattered,
    radii: new Float32Array(count).fill(10),
    widths: new Float32Array(count).fill(70),
    frame: [-800, -800, 800, 800] as const,
    captions: count,
    order: Array.from({ length: count }, (_, at) => at),
    wanted: count,
  }

  it('overlap neither each other nor a class, and are more the closer one looks', () => {
    const shown = [0.1, 0.3, 1].map((zoom) => {
      const chosen = labelsAt(zoom, labelled)
      const boxes = [...chosen].flatMap((side, at) => {
        if (side === 0) return []
        const [dx, dy] = corner(sides[side - 1], 70, 10 * zoom)
        const [x, y] = [scattered[2 * at] * zoom + dx, scattered[2 * at + 1] * zoom + dy]
        return [{ x, y }]
      })
      for (const [at, one] of boxes.entries())
        for (const other of boxes.slice(at + 1))
          expect(Math.abs(one.x - other.x) >= 70 || Math.abs(one.y - other.y) >= lineHeight).toBe(true)
      return boxes.length
    })
    expect(shown[0]).toBeGreaterThan(0)
    expect(shown[1]).toBeGreaterThan(shown[0])
    expect(shown[2]).toBeGreaterThan(shown[1])
  })

  it('are chosen for a few zooms to each doubling, never for more than the true one', () => {
    expect(labelZoom(1)).toBe(1)
    expect(labelZoom(1.1)).toBe(1)
    expect(labelZoom(2.1)).toBe(2)
    expect(labelZoom(0.9)).toBeLessThanOrEqual(0.9)
  })
})

describe('what is drawn', () => {
  it('regions are the groups of three and more that are shown', () => {
    const positions = Float32Array.of(-1, 0, -0.3, 0, 0.3, 0, 1, 0)
    const clusters = Int32Array.of(0, 0, 0, 1)
    expect(regionsOf(clusters, positions, 0.1, null)).toMatchObject([{ members: [0, 1, 2], centre: 1 }])
    expect(regionsOf(clusters, positions, 0.1, Uint8Array.of(1, 1, 0, 1))).toEqual([])
  })

  it('the size of a class follows its images or its accuracy, or nothing', () => {
    const { classes } = twins()
    expect(new Set(radiiOf(classes, 'fixed')).size).toBe(1)
    for (const by of ['images', 'accuracy'] as const) {
      const radii = radiiOf(classes, by)
      expect([...radii]).toEqual([...radii].sort((a, b) => a - b))
      expect(radii[0]).toBeLessThan(radii[3])
    }
  })
})
