import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { add, input, scale, sum } from '../expression.ts'
import { createInPlaceSession } from './in-place-session.ts'

const x = input('x', [2, 3])
const y = input('y', [2, 3])
const feed = (...data: number[]) => new Tensor('float32', Float32Array.from(data), [2, data.length / 2])

describe('a session that works in place', () => {
  it('leaves every output in the tensor held for it, at every run', async () => {
    const total = new Tensor('float32', new Float32Array(1), [1, 1])
    const both = new Tensor('float32', new Float32Array(6), [2, 3])
    const settings = { provider: 'cpu', threads: 1 } as const
    const session = await createInPlaceSession(
      { total: sum(x, 0, 1), both: add(x, scale(y, 10)) },
      { total, both },
      settings,
    )
    const twos = feed(2, 2, 2, 2, 2, 2)
    await session.run({ x: feed(1, 2, 3, 4, 5, 6), y: twos })
    expect([...both.data, ...total.data]).toEqual([21, 22, 23, 24, 25, 26, 21])
    await session.run({ x: feed(0, 0, 0, 0, 0, 1), y: twos })
    expect([...both.data, ...total.data]).toEqual([20, 20, 20, 20, 20, 21, 1])
    await session.release()
  })

  it('tells a run that failed from one that is over', async () => {
    const out = new Tensor('float32', new Float32Array(6), [2, 3])
    const session = await createInPlaceSession({ out: add(x, y) }, { out }, { provider: 'cpu', threads: 1 })
    const failed = session.run({ x: feed(1, 2, 3, 4), y: feed(1, 2, 3, 4, 5, 6) })
    await expect(failed).rejects.toMatchObject({ code: 'device/failed' })
    await session.release()
  })
})
