import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  AppError,
  count,
  type Backend,
  type ClassTable,
  type Finding,
  type ImportedClasses,
  type RunId,
} from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import { examplesOf, quoted, tableOfText } from '../datasets/index.ts'
import type { BookClass, BookState } from './book.ts'
import { noVisual } from './book.ts'
import { castOf } from './cast.ts'
import { readClassTable, withFreeNames, type TableClasses } from './class-table.ts'
import type { StudioNeighbours } from './neighbours.ts'
import { nameKey, ownNames, requireRoom } from './edit-book.ts'
import { unknownClass } from './failures.ts'
import type { Cast } from './extend-model.ts'
import type { RunStudio, Studios } from './open-studio.ts'
import type { ClassPhotosInput } from './photos-task.ts'
import type { RunClasses } from './run-classes.ts'

/** A job that reads a table and has not answered for so long never will. */
const longestReading = 60_000 // ms
/** Letters of a pasted table that are read before anybody notices. */
const quicklyRead = 200_000

/** Who takes part by a table that is not kept, and what of it could not be taken as it is. */
export interface TableCast {
  readonly cast: Cast
  readonly findings: Finding[]
}

export interface Additions extends Pick<Backend, 'importClasses' | 'carryClasses' | 'addClassPhotos'> {
  ofTable(run: RunId, table: ClassTable): Promise<TableCast>
}

/** What comes into a book from elsewhere: a table, another run's book, photos. */
export function createAdditions(
  { jobs, grants, workspace }: Pick<BackendContext, 'jobs' | 'grants' | 'workspace'>,
  studios: Studios,
  { backbones, classification }: Pick<StudioNeighbours, 'backbones' | 'classification'>,
): Additions {
  async function read(table: ClassTable, run: RunClasses): Promise<TableClasses> {
    const source = 'text' in table ? { name: 'the pasted text', text: table.text } : named(grants.resolve(table.grant))
    if ('text' in source && source.text.length <= quicklyRead) {
      return readClassTable(tableOfText(source.name, source.text), run)
    }
    const { attributeNames, ranges } = run
    const input = { table: source, run: { attributeNames, ranges } }
    const job = jobs.run('read-class-table', input, { kind: 'import', title: source.name })
    const timer = setTimeout(() => job.cancel(), longestReading)
    try {
      return await job.done
    } finally {
      clearTimeout(timer)
    }
  }

  /** Adds classes to a book as one step. */
  async function add(
    id: RunId,
    text: (classes: readonly BookClass[]) => string,
    make: (studio: RunStudio) => Promise<{ classes: readonly Omit<BookClass, 'id' | 'on'>[]; findings: Finding[] }>,
  ): Promise<ImportedClasses> {
    let added: BookClass[] = []
    const findings: Finding[] = []
    const book = await studios.change(id, async (studio) => {
      const { book, run } = studio
      const made = await make(studio)
      const taken = [...ownNames(run, book.state.off).keys(), ...book.state.classes.map(({ name }) => name)]
      findings.push(...made.findings)
      added = withFreeNames(made.classes, taken, findings).map((one) => ({ ...one, id: randomUUID(), on: true }))
      const classes = [...book.state.classes, ...added]
      requireRoom(classes.length)
      return book.change(text(added), { ...book.state, classes })
    })
    return { book, added: added.map((one) => one.id), findings }
  }

  return {
    importClasses: ({ run: id, table }) =>
      add(
        id,
        (added) => `import ${count(added.length, 'class', 'classes')}`,
        async ({ run }) => {
          const { classes, findings } = await read(table, run)
          return { classes: classes.map((one) => ({ ...one, visual: noVisual, photos: [] })), findings: [...findings] }
        },
      ),

    ofTable: async (id, table) => {
      const { run, kappa, meanOf } = await studios.of(id)
      const { classes, findings } = await read(table, run)
      const told = [...findings]
      // A class of the table takes the place of an unseen class that is called like it.
      const own = ownNames(run, [])
      const names = new Set(classes.map(({ name }) => nameKey(name)))
      const off = run.own.flatMap(({ name, role }) => (role === 'unseen' && names.has(nameKey(name)) ? [name] : []))
      const taken = [...own].flatMap(([name, role]) => (role === 'seen' ? [name] : []))
      const described = withFreeNames(classes, taken, told).map((one) => ({
        ...{ ...one, id: randomUUID(), on: true, visual: noVisual, photos: [] },
      }))
      return {
        cast: await castOf({ classes: described, off, groups: new Map() }, run, kappa, meanOf),
        findings: told,
      }
    },

    carryClasses: async ({ from, to, classes: wanted }) => {
      const source = await studios.of(from)
      const carried = wanted.map((id) => source.book.state.classes.find((one) => one.id === id) ?? missing())
      return add(
        to,
        (added) =>
          added.length === 1
            ? `carry ${quoted(added[0].name)} here`
            : `carry ${count(added.length, 'class', 'classes')} here`,
        ({ run }) => Promise.resolve(carry(carried, source.run, run)),
      )
    },

    addClassPhotos: async ({ run: id, class: wanted, photos: given }) => {
      const studio = await studios.of(id)
      const one = studio.book.state.classes.find((candidate) => candidate.id === wanted) ?? missing()
      const scratch = join(workspace.cache, 'class-photos', randomUUID())
      const from: ClassPhotosInput['from'] =
        'grants' in given
          ? { dropped: given.grants.map((grant) => grants.resolve(grant)) }
          : { photos: given.photos.map((photo) => classification().lookedAt(given.classification, photo)) }
      const backbone = await backboneOf(studio)
      try {
        const known = one.photos.map(({ sha256 }) => sha256)
        const { photos, findings } = await backbones.conduct(backbone, (own) => {
          // What a process that died has unpacked is in the way of the next.
          const input = { backbone: own, folder: studio.folder, from, scratch: join(scratch, own.providers[0]), known }
          return jobs.run('class-photos', input, { kind: 'extract', title: one.name, run: id })
        })
        const book = await studios.change(id, ({ book }) =>
          book.change(
            `give ${count(photos.length, 'photo')} to ${quoted(one.name)}`,
            withPhotos(book.state, wanted, photos),
          ),
        )
        return { book, added: [], findings }
      } finally {
        await rm(scratch, { recursive: true, force: true })
      }
    },
  }

  /** Throws `classes/no-backbone`, and what an absent backbone throws. */
  async function backboneOf({ summary: { backbone, datasetName } }: RunStudio) {
    if (backbone) {
      const setup = await backbones.setup(backbone.id)
      if (setup.manifest.sha256 === backbone.sha256) return setup
    }
    throw new AppError(
      'classes/no-backbone',
      backbone
        ? `The backbone “${backbone.name}” is not the file any more that this run learned with.`
        : `The features of “${datasetName}” came with it, and nothing says how to make the same ones of new photos.`,
      { next: 'Train on a dataset of photos with a backbone that is installed, and describe the class there.' },
    )
  }
}

const named = (path: string) => ({ path, name: basename(path) })

const missing = (): never => {
  throw unknownClass()
}

function withPhotos(state: BookState, id: string, photos: BookClass['photos']): BookState {
  if (!state.classes.some((one) => one.id === id)) throw unknownClass()
  const classes = state.classes.map((one) => {
    if (one.id !== id) return one
    const known = new Set(one.photos.map(({ sha256 }) => sha256))
    const fresh = photos.filter(({ sha256 }) => !known.has(sha256))
    return fresh.length === 0 ? one : { ...one, photos: [...one.photos, ...fresh] }
  })
  return { ...state, classes }
}

/** Classes of one run as another can have them: values by the names of attributes, anchors by those of seen classes. */
function carry(
  classes: readonly BookClass[],
  from: RunClasses,
  to: RunClasses,
): { classes: Omit<BookClass, 'id' | 'on'>[]; findings: Finding[] } {
  const place = new Map(from.attributeNames.map((name, at) => [name, at]))
  const shared = to.attributeNames.filter((name) => place.has(name))
  if (shared.length === 0) {
    throw new AppError('classes/no-attribute-matches', 'The two runs have no attribute in common.', {
      next: 'Carry classes between runs of the same or a similar dataset.',
    })
  }
  const seen = new Set(to.own.flatMap(({ name, role }) => (role === 'seen' ? [name] : [])))
  const [anchorless, photographed]: string[][] = [[], []]
  const carried = classes.map(({ name, attributes, visual, photos }) => {
    const anchors = visual.anchors?.filter((anchor) => seen.has(anchor.class)) ?? null
    if (anchors?.length !== visual.anchors?.length) anchorless.push(name)
    if (photos.length > 0) photographed.push(name)
    return {
      ...{ name, photos: [] },
      attributes: Float32Array.from(to.attributeNames, (one) => (place.has(one) ? attributes[place.get(one)!] : NaN)),
      visual: { ...visual, anchors: anchors?.length === 0 ? null : anchors },
    }
  })
  const lost = from.attributeNames.filter((name) => !shared.includes(name))
  const unknown = to.attributeNames.filter((name) => !place.has(name))
  const tell = (code: string, names: readonly string[], message: string): Finding[] =>
    names.length === 0 ? [] : [{ level: 'warning', code, message, examples: examplesOf(names) }]
  return {
    classes: carried,
    findings: [
      ...tell(
        'classes/unknown-attributes',
        lost,
        `The other run does not have ${count(lost.length, 'attribute')} of these classes.`,
      ),
      ...tell(
        'classes/missing-attributes',
        unknown,
        `${count(unknown.length, 'attribute')} of the other run ${unknown.length === 1 ? 'is' : 'are'} “not known” for these classes.`,
      ),
      ...tell(
        'classes/unknown-anchor',
        anchorless,
        'Some visual anchors are not seen classes of the other run and were left out.',
      ),
      ...tell('classes/photos-stay', photographed, 'Photos stay with the run that they were given to.'),
    ],
  }
}
