/** What can be seen of a critter; each is one column of the attribute table or, for `body`, `legs` and `colour`, several. */
export interface Traits {
  readonly body: 'round' | 'oval' | 'long'
  readonly legs: 0 | 2 | 4 | 6
  readonly colour: 'red' | 'yellow' | 'green' | 'blue'
  readonly marks: 'none' | 'spots' | 'stripes'
  readonly parts: readonly Part[]
}

export const parts = ['neck', 'wings', 'horns', 'antennae', 'ears', 'tail', 'beak', 'spines'] as const
export type Part = (typeof parts)[number]

export interface Species extends Traits {
  readonly name: string
  readonly unseen: boolean
}

const species = (
  name: string,
  body: Traits['body'],
  legs: Traits['legs'],
  colour: Traits['colour'],
  marks: Traits['marks'],
  ...own: Part[]
): Species => ({ name, body, legs, colour, marks, parts: own, unseen: false })

/** Imaginary animals. Every trait of an unseen one is found on several seen ones, but never all of them together. */
const seen: readonly Species[] = [
  species('Mossback', 'round', 4, 'green', 'none', 'spines', 'tail'),
  species('Emberling', 'oval', 4, 'red', 'stripes', 'horns'),
  species('Tidecrawler', 'long', 6, 'blue', 'none', 'antennae'),
  species('Sunhopper', 'round', 2, 'yellow', 'none', 'ears', 'tail'),
  species('Pipwing', 'round', 2, 'blue', 'spots', 'wings', 'beak'),
  species('Thornworm', 'long', 0, 'red', 'none', 'spines', 'antennae'),
  species('Reedneck', 'oval', 4, 'green', 'spots', 'neck', 'ears'),
  species('Bumblekin', 'round', 6, 'yellow', 'stripes', 'wings', 'antennae'),
  species('Duskram', 'oval', 4, 'blue', 'none', 'horns', 'ears'),
  species('Cinderwing', 'oval', 2, 'red', 'none', 'wings', 'tail'),
  species('Brookstilt', 'oval', 2, 'blue', 'stripes', 'neck', 'beak'),
  species('Dappleback', 'long', 4, 'yellow', 'spots', 'tail'),
  species('Grovebeetle', 'round', 6, 'green', 'stripes', 'horns', 'antennae'),
  species('Quillfowl', 'round', 2, 'red', 'none', 'beak', 'spines'),
  species('Ribbonsnake', 'long', 0, 'green', 'stripes', 'horns'),
  species('Saddleback', 'oval', 4, 'yellow', 'none', 'neck', 'tail'),
  species('Puddlebug', 'oval', 6, 'red', 'spots', 'antennae', 'wings'),
  species('Lanternhare', 'oval', 4, 'blue', 'spots', 'ears', 'antennae'),
  species('Wickerwing', 'long', 4, 'green', 'none', 'wings', 'horns'),
  species('Pollenfly', 'round', 6, 'red', 'none', 'wings', 'antennae'),
  species('Saffronfowl', 'oval', 2, 'yellow', 'spots', 'neck', 'beak'),
  species('Slatehog', 'round', 4, 'blue', 'stripes', 'spines', 'ears'),
  species('Copperskink', 'long', 4, 'red', 'stripes', 'tail', 'spines'),
  species('Honeymite', 'oval', 6, 'yellow', 'none', 'horns', 'tail'),
]
const unseen: readonly Species[] = [
  species('Frostdrake', 'long', 4, 'blue', 'none', 'wings', 'horns', 'tail'),
  species('Ladyspot', 'round', 6, 'red', 'spots', 'antennae'),
  species('Marshcrane', 'oval', 2, 'green', 'none', 'neck', 'beak', 'wings'),
  species('Tigerling', 'oval', 4, 'yellow', 'stripes', 'ears', 'tail'),
  species('Bramblehog', 'round', 4, 'red', 'none', 'spines', 'ears'),
  species('Canaryworm', 'long', 0, 'yellow', 'spots', 'antennae', 'horns'),
].map((one) => ({ ...one, unseen: true }))

export const allSpecies: readonly Species[] = [...seen, ...unseen]

/** The attribute table's columns, each with how much (0 to 100) of it a critter has. */
const columns: readonly (readonly [name: string, value: (traits: Traits) => number])[] = [
  ['round body', ({ body }) => ({ round: 100, oval: 40, long: 0 })[body]],
  ['long body', ({ body }) => ({ round: 0, oval: 30, long: 100 })[body]],
  ['two legs', ({ legs }) => (legs === 2 ? 100 : 0)],
  ['four legs', ({ legs }) => (legs === 4 ? 100 : 0)],
  ['six legs', ({ legs }) => (legs === 6 ? 100 : 0)],
  ['red', ({ colour }) => (colour === 'red' ? 100 : 0)],
  ['yellow', ({ colour }) => (colour === 'yellow' ? 100 : 0)],
  ['green', ({ colour }) => (colour === 'green' ? 100 : 0)],
  ['blue', ({ colour }) => (colour === 'blue' ? 100 : 0)],
  ['spots', ({ marks }) => (marks === 'spots' ? 100 : 0)],
  ['stripes', ({ marks }) => (marks === 'stripes' ? 100 : 0)],
  ['long neck', ({ parts: own }) => (own.includes('neck') ? 100 : 0)],
  ['wings', ({ parts: own }) => (own.includes('wings') ? 100 : 0)],
  ['horns', ({ parts: own }) => (own.includes('horns') ? 100 : 0)],
  ['antennae', ({ parts: own }) => (own.includes('antennae') ? 100 : 0)],
  ['big ears', ({ parts: own }) => (own.includes('ears') ? 100 : 0)],
  ['long tail', ({ parts: own }) => (own.includes('tail') ? 100 : 0)],
  ['beak', ({ parts: own }) => (own.includes('beak') ? 100 : 0)],
  ['spines', ({ parts: own }) => (own.includes('spines') ? 100 : 0)],
]

export const attributeNames: readonly string[] = columns.map(([name]) => name)
export const attributesOf = (traits: Traits): number[] => columns.map(([, value]) => value(traits))
