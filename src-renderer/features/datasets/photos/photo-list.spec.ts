import { describe, expect, it } from 'vitest'
import { detail, photoTable } from '../../../testing/fake-backend.ts'
import { listPhotos, wholeList } from './photo-list.ts'

const { classes } = detail({ photos: true })
const table = { ...photoTable(4, 3), files: Array.from({ length: 12 }, (_, at) => `in/IMG_${12 - at}.jpg`) }

describe('the list of photos', () => {
  it('is by class and then by name, numbers as numbers', () => {
    const names = listPhotos(table, classes, wholeList).map((photo) => table.files[photo])
    expect(names.slice(0, 3)).toEqual(['in/IMG_10.jpg', 'in/IMG_11.jpg', 'in/IMG_12.jpg'])
    expect(listPhotos(table, classes, { ...wholeList, sort: 'name' }).map((photo) => table.files[photo])[1]).toBe(
      'in/IMG_2.jpg',
    )
  })

  it('leaves out what was removed, unless that is asked for', () => {
    const places = table.places.slice()
    places[4] = 4
    const some = { ...table, places }
    expect(listPhotos(some, classes, wholeList)).not.toContain(4)
    expect(listPhotos(some, classes, { ...wholeList, place: 'removed' })).toEqual([4])
  })

  it('filters by class, place and part of a name, however that is written', () => {
    expect(listPhotos(table, classes, { ...wholeList, class: 2 }).sort((a, b) => a - b)).toEqual([6, 7, 8])
    expect(listPhotos(table, classes, { ...wholeList, place: 'testUnseen' })).toHaveLength(3)
    expect(listPhotos(table, classes, { ...wholeList, text: 'img 12' })).toEqual([0])
  })

  it('sorts a hundred thousand photos in a moment', () => {
    const many = photoTable(100, 1000)
    const all = Array.from({ length: 100 }, (_, index) => ({ ...classes[0], index, name: `c${index}` }))
    const start = performance.now()
    expect(listPhotos(many, all, wholeList)).toHaveLength(100_000)
    listPhotos(many, all, { ...wholeList, text: 'photo 9' })
    expect(performance.now() - start).toBeLessThan(3000)
  })
})
