import { describe, expect, it } from 'vitest'
import { classAccuracies, harmonicMean, meanPerClassAccuracy, predict } from './accuracy.ts'

const classes = Int32Array.of(2, 5, 7)
const scores = Float32Array.of(3, 1, 2, 0, 4, 4, 1, 1, 1, 0, 0, 9)
const labels = Int32Array.of(2, 7, 2, 7)

describe('accuracies', () => {
  it('predicts the class of the highest score, the lowest class in a tie', () => {
    expect(predict({ scores, classes })).toEqual(Int32Array.of(2, 5, 2, 7))
  })

  it('averages over classes, not images', () => {
    const uneven = {
      classes: Int32Array.of(0, 1),
      scores: Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0),
      labels: Int32Array.of(0, 0, 0, 1),
    }
    expect(meanPerClassAccuracy(uneven)).toBe(50)
    expect(meanPerClassAccuracy({ scores, classes, labels })).toBe(75)
  })

  it('takes a part of the images where asked, and is null without any', () => {
    expect(meanPerClassAccuracy({ scores, classes, labels, rows: Int32Array.of(1, 3) })).toBe(50)
    expect(meanPerClassAccuracy({ scores, classes, labels, rows: new Int32Array() })).toBeNull()
  })

  it('lists classes in order with their images', () => {
    expect(classAccuracies(predict({ scores, classes }), labels)).toEqual([
      { class: 2, images: 2, accuracy: 100 },
      { class: 7, images: 2, accuracy: 50 },
    ])
  })

  it('has a harmonic mean of 0 where both are 0', () => {
    expect(harmonicMean(0, 0)).toBe(0)
    expect(harmonicMean(30, 60)).toBeCloseTo(40, 12)
  })
})
