import { z } from 'zod'
import { userClassIdSchema, visualSourceSchema, type ClassBook, type VisualSource } from '../../contract/index.ts'

/** A photo that was given to a class; it lies in the run's `class-photos/`. */
const bookPhotoSchema = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  extension: z.string().regex(/^[a-z0-9]{1,8}$/),
  name: z.string(),
})
export type BookPhoto = z.infer<typeof bookPhotoSchema>

/** A class of the book in memory; never changed in place, so that two states share what is the same. */
export interface BookClass {
  readonly id: string
  readonly name: string
  readonly on: boolean
  /** K, in the units of the dataset; NaN is unknown. */
  readonly attributes: Float32Array
  readonly visual: VisualSource
  readonly photos: readonly BookPhoto[]
}

/** All of a book that an edit can change. */
export interface BookState {
  readonly classes: readonly BookClass[]
  /** Names of the run's own unseen classes that are switched off. */
  readonly off: readonly string[]
  /** The person's groups, by the name of the attribute. */
  readonly groups: ReadonlyMap<string, string>
}

export const emptyBook: BookState = { classes: [], off: [], groups: new Map() }
export const noVisual: VisualSource = { anchors: null, photoWeight: null }

/** As it lies in a file: attributes by name, unknown ones absent, so that a person can read it and another run take it. */
const storedClassSchema = z.object({
  id: userClassIdSchema,
  name: z.string(),
  on: z.boolean(),
  visual: visualSourceSchema,
  photos: z.array(bookPhotoSchema),
  attributes: z.record(z.string(), z.number()),
})
export const storedStateSchema = z.object({
  classes: z.array(storedClassSchema),
  off: z.array(z.string()),
  groups: z.record(z.string(), z.string()),
})

/** How the classes of one run are written and read. */
export interface BookCodec {
  /** JSON of a class; kept, because most classes stay as they are. */
  write(one: BookClass): string
  read(stored: z.infer<typeof storedClassSchema>): BookClass
}

/** @param attributeNames of the run, each of its own. */
export function bookCodec(attributeNames: readonly string[]): BookCodec {
  const written = new WeakMap<BookClass, string>()
  return {
    write(one) {
      const kept = written.get(one)
      if (kept !== undefined) return kept
      const { id, name, on, visual, photos } = one
      const attributes = Object.fromEntries(
        attributeNames.flatMap((attribute, at) =>
          Number.isNaN(one.attributes[at]) ? [] : [[attribute, shortest(one.attributes[at])]],
        ),
      )
      const text = JSON.stringify({ id, name, on, visual, photos, attributes }, null, 2)
      written.set(one, text)
      return text
    },
    read: ({ attributes, ...rest }) => ({
      ...rest,
      attributes: Float32Array.from(attributeNames, (name) =>
        Object.hasOwn(attributes, name) ? attributes[name] : NaN,
      ),
    }),
  }
}

/** The number with the fewest digits that a 32-bit float holds as this one: 0.2, not 0.20000000298023224. */
export function shortest(value: number): number {
  // Nine digits are enough for each of them.
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return Number(value.toPrecision(9))
}

/** What the page sees of a class. */
export const shown = ({ photos, attributes, ...rest }: BookClass): ClassBook['yours'][number] => ({
  ...rest,
  attributes: new Float32Array(attributes),
  photos: photos.map(({ sha256, name }) => ({ id: sha256, name })),
})
