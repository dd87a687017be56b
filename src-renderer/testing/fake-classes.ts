import {
  AppError,
  type Backend,
  type BackendEvent,
  type ClassBook,
  type ClassEdit,
  type ClassGuide,
  type ClassPreview,
  type Tray,
  type UserClass,
} from '../../src-main/contract/index.ts'

/** Described classes in memory for specs: four classes of the run's own (the last unseen) and six attributes. */
export const classGuide = (over: Partial<ClassGuide> = {}): ClassGuide => {
  const attribute = (name: string, kind: 'graded' | 'binary' = 'graded') =>
    ({ name, group: null, kind, low: 0, high: kind === 'binary' ? 1 : 100, seenLow: 0, seenHigh: kind === 'binary' ? 1 : 90 }) as const // prettier-ignore
  const attributes = [
    attribute('has_bill_shape::curved'),
    attribute('has_bill_shape::hooked'),
    attribute('has_bill_shape::long'),
    attribute('spots'),
    attribute('big'),
    attribute('flies', 'binary'),
  ]
  return {
    attributes,
    classes: ['Owl', 'Crow', 'Heron', 'Puffin'].map((name, at) => ({ name, role: at < 3 ? 'seen' : 'unseen' })),
    rows: {
      rows: 4,
      columns: attributes.length,
      values: Float32Array.from([10, 80, 5, 70, 60, 1, 5, 10, 20, 0, 40, 1, 0, 0, 90, 0, 80, 1, 20, 30, 10, 0, 30, 1]),
    },
    firstPhotos: {
      kappa: 2,
      classes: 6,
      curve: [0, 1, 2, 5].map((photos) => ({ photos, mean: 40 + 6 * photos, deviation: 8 })),
    },
    ...over,
  }
}

export const userClass = (over: Partial<UserClass> = {}): UserClass => ({
  id: 'mine',
  name: 'Snow owl',
  on: true,
  attributes: Float32Array.of(10, 80, 5, NaN, 60, 1),
  visual: { anchors: null, photoWeight: null },
  photos: [],
  ...over,
})

export const classBook = (over: Partial<ClassBook> = {}): ClassBook => ({
  run: 'run-1',
  revision: 1,
  yours: [userClass()],
  off: [],
  history: { undo: null, redo: null },
  versions: [],
  ...over,
})

export const fakeTray = (photos = 4): Tray => ({
  id: 'tray-1',
  pictures: false,
  photos: Array.from({ length: photos }, (_, photo) => ({ photo, name: `photo ${photo}.jpg` })),
})

function applied(book: ClassBook, edit: ClassEdit): ClassBook {
  const change = (id: string, by: (one: UserClass) => Partial<UserClass>): ClassBook => ({
    ...book,
    yours: book.yours.map((one) => (one.id === id ? { ...one, ...by(one) } : one)),
  })
  switch (edit.kind) {
    case 'add-class':
      return {
        ...book,
        yours: [...book.yours, userClass({ id: edit.id, name: edit.name, attributes: edit.attributes.slice() })],
      }
    case 'rename-class':
      return change(edit.class, () => ({ name: edit.name }))
    case 'remove-classes':
      return { ...book, yours: book.yours.filter(({ id }) => !edit.classes.includes(id)) }
    case 'set-attributes':
      return change(edit.class, ({ attributes }) => {
        const next = attributes.slice()
        for (const { attribute, value } of edit.cells) next[attribute] = value ?? NaN
        return { attributes: next }
      })
    case 'set-visual':
      return change(edit.class, () => ({ visual: edit.visual }))
    case 'switch':
      return {
        ...book,
        yours: book.yours.map((one) => (edit.classes.includes(one.id) ? { ...one, on: edit.on } : one)),
      }
    case 'switch-own': {
      const others = book.off.filter((name) => !edit.names.includes(name))
      return { ...book, off: edit.on ? others : [...others, ...edit.names] }
    }
    case 'group-attributes':
      return book
    case 'remove-photos':
      return change(edit.class, ({ photos }) => ({ photos: photos.filter(({ id }) => !edit.photos.includes(id)) }))
  }
}

/** Photo n of the tray scores by the n-th attribute of the class, and is called it above 50; else Owl. */
function preview(name: string, attributes: Float32Array, guide: ClassGuide, photos: number): ClassPreview {
  const classes: ClassPreview['classes'] = [...guide.classes, { name, role: 'yours' }]
  const own = classes.length - 1
  const scores = Float32Array.from({ length: photos }, (_, at) => (Number.isNaN(attributes[at]) ? 0 : attributes[at]))
  const neighbour = (at: number, attention: number) => ({ class: at, cosine: 0.9 - at / 10, attention })
  return {
    classes,
    nearest: [0, 1, 2, 3].map((at) => ({ class: at, cosine: 0.9 - at / 10 })),
    anchors: [{ class: 0, share: 1 }],
    photoShare: 0,
    candidates: [0, 1, 2].map((at) => ({ class: at, cosine: 0.9 - at / 10 })),
    semantic: { neighbours: [neighbour(0, 0.5), neighbour(3, 0.2)], self: 0.3 },
    visual: { neighbours: [neighbour(0, 0.4)], self: 0.6 },
    tray:
      photos === 0
        ? null
        : {
            scores,
            probabilities: scores.map((score) => score / 100),
            labels: Int32Array.from(scores, (score) => (score > 50 ? own : 0)),
            labelsWithout: new Int32Array(photos),
          },
    findings: [],
    estimate: { accuracy: 58, low: 44, high: 72, from: 9 },
    milliseconds: 2,
  }
}

type Answers = Pick<
  Backend,
  | 'getClassGuide'
  | 'getClassBook'
  | 'editClasses'
  | 'undoClassEdit'
  | 'redoClassEdit'
  | 'importClasses'
  | 'exportClasses'
  | 'carryClasses'
  | 'keepClassVersion'
  | 'restoreClassVersion'
  | 'removeClassVersion'
  | 'addClassPhotos'
  | 'getClassPhotoThumbnails'
  | 'openTray'
  | 'previewClass'
  | 'evaluateClasses'
>

export function fakeClasses(first: ClassBook | undefined, emit: (event: BackendEvent) => void): Answers {
  const guide = classGuide()
  let book = first ?? classBook({ yours: [] })
  let past: ClassBook[] = []
  let future: ClassBook[] = []
  function become(next: ClassBook): Promise<ClassBook> {
    book = {
      ...next,
      revision: book.revision + 1,
      history: { undo: past.length > 0 ? 'the edit' : null, redo: future.length > 0 ? 'the edit' : null },
    }
    emit({ type: 'class-book', book })
    return Promise.resolve(book)
  }
  function step(from: ClassBook[], to: ClassBook[]): Promise<ClassBook> {
    const next = from.pop()
    if (!next) return Promise.reject(new AppError('test/unexpected', 'There is nothing to go back to.'))
    to.push(book)
    return become({ ...next, versions: book.versions })
  }
  function edit(next: ClassBook): Promise<ClassBook> {
    past = [...past, book]
    future = []
    return become(next)
  }
  return {
    getClassGuide: () => Promise.resolve(guide),
    getClassBook: () => Promise.resolve(book),
    editClasses: ({ edits }) => edit(edits.reduce(applied, book)),
    undoClassEdit: () => step(past, future),
    redoClassEdit: () => step(future, past),
    importClasses: async () => {
      const id = `imported-${book.revision}`
      const one = userClass({ id, name: 'Imported' })
      return { book: await edit({ ...book, yours: [...book.yours, one] }), added: [id], findings: [] }
    },
    exportClasses: () => Promise.resolve({ name: 'classes.csv', type: 'text/csv', bytes: new Uint8Array() }),
    carryClasses: ({ classes }) => Promise.resolve({ book, added: classes, findings: [] }),
    keepClassVersion: ({ name }) =>
      become({
        ...book,
        versions: [
          ...book.versions,
          { id: 'version-1', name, keptAt: '2026-03-02T09:00:00.000Z', classes: book.yours.length },
        ],
      }),
    restoreClassVersion: () => edit(book),
    removeClassVersion: ({ version }) =>
      become({ ...book, versions: book.versions.filter(({ id }) => id !== version) }),
    addClassPhotos: async ({ class: to }) => {
      const photos = [{ id: 'photo-1', name: 'owl.jpg' }]
      const yours = book.yours.map((one) => (one.id === to ? { ...one, photos } : one))
      return { book: await edit({ ...book, yours }), added: [to], findings: [] }
    },
    getClassPhotoThumbnails: ({ photos }) => Promise.resolve(photos.map(() => new Uint8Array([0xff, 0xd8]))),
    openTray: () => Promise.resolve(fakeTray()),
    previewClass: ({ tray, class: one }) =>
      Promise.resolve(preview(one.name, one.attributes, guide, tray === null ? 0 : fakeTray().photos.length)),
    evaluateClasses: () => {
      const described = book.yours.map(({ name, photos }) => ({
        ...{ name, images: 12, accuracy: 75, photos: photos.length },
        photosAccuracy: photos.length > 0 ? 100 : null,
      }))
      return Promise.resolve({ run: book.run, T1: 61, gamma: 0.4, U: 44, S: 62, H: 51.5, described, findings: [] })
    },
  }
}
