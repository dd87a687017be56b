import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../contract/index.ts'
import { anyEdit } from '../testing/photo-folder.ts'
import { describeEdits } from './describe-edits.ts'
import { applyEdits } from './edit.ts'
import { filesOf, readState, stateFiles } from './files.ts'
import { splitsByHash } from './splits-by-hash.ts'
import { rolesOf, type PhotoState } from './state.ts'
import { suggestUnseen } from './suggest-unseen.ts'

/** Ten foxes, five owls (declared unseen), one eel, no newt. */
function small(change: Partial<PhotoState> = {}): PhotoState {
  const labels = Int32Array.from([...Array<number>(10).fill(0), ...Array<number>(5).fill(1), 2])
  const rest = {
    classNames: ['fox', 'owl', 'eel', 'newt'],
    declaredUnseen: [false, true, false, false],
    attributeNames: ['red', 'swims'],
    attributes: Float64Array.from([1, 0, 0.25, NaN, 0, 1, 0, 1]),
    attributeGroups: ['colour', null],
    photos: Array.from(labels, (_, index) => ({
      file: `${index}.jpg`,
      sha256: ((index * 7) % 16).toString(16).repeat(64),
      extension: 'jpg',
      ...{ width: 4, height: 3, removed: false },
    })),
    labels,
    ...change,
  }
  return { ...rest, splits: splitsByHash(rest) }
}

const code = (run: () => unknown): string | null => {
  try {
    run()
    return null
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.code
    throw thrown
  }
}

function checkState(state: PhotoState): void {
  const { splits, photos, labels, classNames } = state
  const placed = [...splits.trainval, ...splits.testSeen, ...splits.testUnseen]
  expect(new Set(placed).size).toBe(placed.length)
  expect(placed.every((index) => !photos[index].removed)).toBe(true)
  expect(placed).toHaveLength(photos.filter(({ removed }) => !removed).length)
  const roles = rolesOf(state)
  for (const index of [...splits.trainval, ...splits.testSeen]) expect(roles[labels[index]]).toBe('seen')
  for (const index of splits.testUnseen) expect(roles[labels[index]]).toBe('unseen')
  expect(roles).not.toContain('none')
  expect(new Set(classNames).size).toBe(classNames.length)
  expect(classNames.every((name) => name.trim() !== '')).toBe(true)
}

describe('the split by content hash', () => {
  it('tests a seen class with a fifth of its photos, the first by hash, and an unseen class with all', () => {
    const { splits, photos } = small()
    expect(splits.testUnseen).toEqual(Int32Array.of(10, 11, 12, 13, 14))
    expect(splits.testSeen).toHaveLength(2)
    const hashes = [...splits.testSeen].map((index) => photos[index].sha256)
    expect(
      [...splits.trainval].filter((i) => i < 10).every((i) => hashes.every((hash) => hash < photos[i].sha256)),
    ).toBe(true)
    // One photo trains.
    expect(splits.trainval).toContain(15)
    expect(rolesOf(small())).toEqual(['seen', 'unseen', 'seen', 'unseen'])
  })

  it('tests with one of two, and never with a photo that was taken out', () => {
    const pair = small({ labels: Int32Array.from([...Array<number>(14).fill(1), 0, 0]) })
    expect([pair.splits.testSeen.length, pair.splits.trainval.length]).toEqual([1, 1])
    const without = applyEdits(pair, [{ kind: 'remove-photos', photos: [pair.splits.testSeen[0]] }])
    expect([without.splits.testSeen.length, without.splits.trainval.length]).toEqual([0, 1])
  })
})

describe('applyEdits', () => {
  it('keeps a given split while only attributes change, and makes it anew when photos do', () => {
    const given = { ...small(), splits: { ...small().splits, trainval: Int32Array.of(3), testSeen: Int32Array.of(4) } }
    const cells = [{ class: 0, attribute: 1, value: 3 }]
    expect(applyEdits(given, [{ kind: 'set-attributes', cells }]).splits).toBe(given.splits)
    expect(applyEdits(given, [{ kind: 'relabel', photos: [0], class: 2 }]).splits.trainval.length).toBeGreaterThan(5)
  })

  it('takes indices as they were before, and those of what it adds behind them', () => {
    const { classNames, attributeNames, attributes, labels } = applyEdits(small(), [
      { kind: 'remove-class', class: 3 },
      { kind: 'add-class', name: 'hen' },
      { kind: 'remove-attributes', attributes: [0] },
      { kind: 'add-attribute', name: 'wings' },
      { kind: 'relabel', photos: [15], class: 4 },
      {
        kind: 'set-attributes',
        cells: [
          { class: 4, attribute: 2, value: 2 },
          { class: 0, attribute: 0, value: 9 },
        ],
      },
    ])
    expect(classNames).toEqual(['fox', 'owl', 'eel', 'hen'])
    expect(attributeNames).toEqual(['swims', 'wings'])
    expect([...attributes]).toEqual([0, NaN, NaN, NaN, 1, NaN, NaN, 2])
    expect(labels[15]).toBe(3)
  })

  it('lets two names change places', () => {
    const { classNames } = applyEdits(small(), [
      { kind: 'rename-class', class: 0, name: 'owl' },
      { kind: 'rename-class', class: 1, name: 'fox' },
    ])
    expect(classNames.slice(0, 2)).toEqual(['owl', 'fox'])
  })

  it('makes a class seen again with its photos, and unseen by nature without', () => {
    const seen = applyEdits(small(), [{ kind: 'set-role', classes: [1, 3], role: 'seen' }])
    expect(rolesOf(seen)).toEqual(['seen', 'seen', 'seen', 'unseen'])
    const emptied = applyEdits(small(), [{ kind: 'remove-photos', photos: [15] }])
    expect(rolesOf(emptied)[2]).toBe('unseen')
  })

  it.each([
    ['dataset/name-taken', { kind: 'rename-class', class: 0, name: 'owl' }],
    ['dataset/name-taken', { kind: 'add-attribute', name: 'red' }],
    ['dataset/name-empty', { kind: 'add-class', name: ' ' }],
    ['dataset/class-has-photos', { kind: 'remove-class', class: 0 }],
    ['dataset/unknown-class', { kind: 'remove-class', class: 4 }],
    ['dataset/unknown-photo', { kind: 'relabel', photos: [16], class: 0 }],
    ['dataset/unknown-attribute', { kind: 'set-attributes', cells: [{ class: 0, attribute: 2, value: 1 }] }],
    ['dataset/attributes-not-finite', { kind: 'set-attributes', cells: [{ class: 0, attribute: 0, value: 1e300 }] }],
  ] as const)('refuses with %s', (expected, edit) => {
    const state = small()
    expect(code(() => applyEdits(state, [structuredClone(edit) as never]))).toBe(expected)
  })

  it('finds é the same name however it is written', () => {
    const state = applyEdits(small(), [{ kind: 'add-class', name: 'é' }])
    expect(code(() => applyEdits(state, [{ kind: 'add-class', name: 'e\u0301' }]))).toBe('dataset/name-taken')
  })

  it('any edits leave a dataset that holds together and is read as it was written, or change nothing', async () => {
    const start = small()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyEdit(start), { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
        async (steps) => {
          let state = start
          for (const edits of steps) {
            const frozen = JSON.stringify(state)
            const refused = code(() => (state = applyEdits(state, edits)))
            if (refused !== null) expect(JSON.stringify(state)).toBe(frozen)
            expect(describeEdits(state, edits)).toMatch(/^[a-z0-9]/)
          }
          checkState(state)
          const files = new Map(filesOf(state).map(({ name, bytes }) => [name, bytes]))
          expect([...files.keys()]).toEqual(stateFiles)
          const again = await readState((name) => Promise.resolve(files.get(name)!))
          expect(filesOf(again)).toEqual(filesOf(state))
          expect(again.attributeGroups).toEqual(state.attributeGroups)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('takes ten thousand attributes with hostile names', async () => {
    const edits = Array.from({ length: 9_998 }, (_, i) => ({
      kind: 'add-attribute' as const,
      name: `<b>${i}</b> "\u202e🦊", `.slice(0, 199),
    }))
    const named = edits.map((edit, i) => ({ ...edit, name: `${i}${edit.name}`.trim() }))
    const state = applyEdits(small(), named)
    expect(state.attributeNames).toHaveLength(10_000)
    const files = new Map(filesOf(state).map(({ name, bytes }) => [name, bytes]))
    expect((await readState((name) => Promise.resolve(files.get(name)!))).attributeNames).toEqual(state.attributeNames)
  })
})

it('steps are named in a few words', () => {
  const state = small()
  const text = (...edits: Parameters<typeof applyEdits>[1]) => describeEdits(state, edits)
  expect(text({ kind: 'relabel', photos: [1, 2, 3], class: 0 })).toBe('relabel 3 photos')
  expect(text({ kind: 'remove-photos', photos: [1] })).toBe('remove 1 photo')
  expect(text({ kind: 'rename-class', class: 0, name: 'x'.repeat(60) })).toBe(
    `rename class “fox” to “${'x'.repeat(40)}…”`,
  )
  expect(text({ kind: 'set-role', classes: [0, 2], role: 'unseen' })).toBe('make 2 classes unseen')
  expect(text({ kind: 'add-class', name: 'a' }, { kind: 'add-attribute', name: 'b' })).toBe(
    'add class “a” and add attribute “b”',
  )
  expect(text({ kind: 'add-attribute', name: 'a' }, { kind: 'add-attribute', name: 'b' })).toBe('add 2 attributes')
})

describe('suggestUnseen', () => {
  const table = (rows: readonly (readonly number[])[], images: readonly number[]) => {
    const labels = Int32Array.from(images.flatMap((count, index) => Array<number>(count).fill(index)))
    return small({
      classNames: rows.map((_, index) => `class ${index}`),
      declaredUnseen: rows.map(() => false),
      attributeNames: rows[0].map((_, index) => `attribute ${index}`),
      attributeGroups: rows[0].map(() => null),
      attributes: Float64Array.from(rows.flat()),
      labels,
      photos: Array.from(labels, (_, i) => ({ ...small().photos[0], sha256: i.toString(16).padStart(64, '0') })),
    })
  }

  it('keeps a seen class for every attribute, and prefers what lies near to a class that stays', async () => {
    // 0 alone has the first attribute; 1 and 2 are alike; 3 is far off and alone has the last.
    const state = table(
      [
        [1, 1, 0, 0],
        [0, 1, 1, 0],
        [0, 1, 1, 0],
        [0, 0, 0, 1],
        [0, 1, 0, 0],
      ],
      [3, 3, 3, 3, 3],
    )
    expect(await suggestUnseen(state, 1)).toEqual([1])
    const many = await suggestUnseen(state, 100)
    expect(many).not.toContain(0)
    expect(many).not.toContain(3)
  })

  it('leaves two classes, and chooses none without photos', async () => {
    expect(await suggestUnseen(table([[1], [1], [1], [1]], [2, 2, 2, 0]), 10)).toHaveLength(1)
    expect(await suggestUnseen(table([[NaN], [NaN], [NaN]], [2, 2, 2]), 1)).toHaveLength(1)
  })

  it('covers every attribute whatever the table', async () => {
    const row = fc.array(fc.constantFrom(0, 1, 0.5, NaN), { minLength: 4, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 3, maxLength: 12 }),
        fc.integer({ min: 1, max: 12 }),
        async (rows, count) => {
          const chosen = new Set(
            await suggestUnseen(
              table(
                rows,
                rows.map(() => 1),
              ),
              count,
            ),
          )
          expect(chosen.size).toBeLessThanOrEqual(count)
          for (let k = 0; k < 4; k++) {
            const having = rows.flatMap((values, index) => (values[k] ? [index] : []))
            if (having.length > 0) expect(having.some((index) => !chosen.has(index))).toBe(true)
          }
        },
      ),
      { numRuns: 50 },
    )
  })
})
