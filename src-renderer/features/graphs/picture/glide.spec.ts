import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGlide, shift } from './glide.ts'

const view = { zoom: 1, x: 0, y: 0 }
const layer = document.createElement('div')
const stage = {
  layers: [layer],
  view: () => ({ ...view }),
  size: () => ({ width: 400, height: 300 }),
  hold: vi.fn(),
  draw: vi.fn(),
}

beforeEach(() => {
  vi.useFakeTimers()
  Object.assign(view, { zoom: 1, x: 0, y: 0 })
  vi.clearAllMocks()
})
afterEach(() => vi.useRealTimers())

describe('a large picture that is moved', () => {
  it('a drawing stands for another view where every place is where it would be drawn', () => {
    const [drawn, now] = [{ zoom: 2, x: 30, y: -10 }, { zoom: 3, x: 5, y: 8 }] // prettier-ignore
    const { scale, x, y } = shift(drawn, now)
    for (const place of [-40, 0, 25]) {
      expect(scale * (drawn.zoom * place + drawn.x) + x).toBeCloseTo(now.zoom * place + now.x)
      expect(scale * (drawn.zoom * place + drawn.y) + y).toBeCloseTo(now.zoom * place + now.y)
    }
  })

  it('is not drawn while it moves, but moved, and drawn once it rests', () => {
    const glide = createGlide(stage)
    for (const x of [5, 10, 15]) {
      view.x = x
      glide.move()
      vi.advanceTimersByTime(16)
    }
    expect(stage.hold).toHaveBeenCalledTimes(1)
    expect(stage.draw).not.toHaveBeenCalled()
    expect(layer.style.transform).toBe('translate(15px, 0px) scale(1)')
    vi.advanceTimersByTime(200)
    expect(stage.draw).toHaveBeenCalledTimes(1)
    glide.drew()
    expect(layer.style.transform).toBe('')
  })

  it('is drawn now and then while it goes on, sooner where much of it is bare', () => {
    const drawings = (step: number): number => {
      vi.clearAllMocks()
      const glide = createGlide(stage)
      for (let frame = 0; frame < 120; frame++) {
        view.x += step
        glide.move()
        if (!glide.gliding) glide.drew()
        vi.advanceTimersByTime(16)
      }
      glide.end()
      return stage.draw.mock.calls.length
    }
    expect(drawings(0.1)).toBe(1)
    expect(drawings(5)).toBe(2)
  })
})
