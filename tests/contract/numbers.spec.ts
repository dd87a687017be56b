import { expect, it } from 'vitest'
import { count, grouped, sizeOf } from '../../src-main/contract/numbers.ts'

it('parts thousands wherever a sentence names a number', () => {
  expect([grouped(999), grouped(11_788), grouped(2n ** 40n)]).toEqual(['999', '11,788', '1,099,511,627,776'])
  expect(sizeOf([11_788, 2048])).toBe('11,788 × 2,048')
  expect([count(1, 'image'), count(11_788, 'image'), count(1000, 'class', 'classes')]).toEqual([
    '1 image',
    '11,788 images',
    '1,000 classes',
  ])
})
