import { join } from 'node:path'
import {
  AppError,
  toWireError,
  grouped,
  type AttributeTable,
  type DatasetManifest,
  type Finding,
  type ImportChoices,
  type Layout,
  type PreflightReport,
} from '../../contract/index.ts'
import type { Progress, Task, TaskContext } from '../jobs/task.ts'
import { timeLeft } from '../jobs/time-left.ts'
import { openDropped, suggestedName } from './dropped.ts'
import { judge, type Judgement } from './judge.ts'
import { findAttributeTable } from './layouts/attribute-table.ts'
import { findClasses } from './layouts/class-names.ts'
import { openSource } from './open-source.ts'
import { importPhotos, readAddition, type Addition, type AdditionInput } from './photo-dataset/index.ts'
import { createDatasetStore } from './store.ts'
import { surveyPhotos } from './survey-photos.ts'
import { writeDataset, type DatasetToWrite } from './write.ts'

export interface InspectInput {
  readonly paths: readonly string[]
  /** A folder that this job may make and fill; whoever named it removes it. */
  readonly working: string
}

export interface ImportInput extends InspectInput {
  /** Folder of the workspace. */
  readonly workspace: string
  readonly name: string
  readonly minusOne: NonNullable<ImportChoices['minusOne']>
  /** ISO 8601. */
  readonly importedAt: string
  /** Whether this application drew it. */
  readonly drawn?: boolean
}

/** A report that has no name yet. */
export type Inspection = Omit<PreflightReport, 'id'>

/** Looks at what was dropped. What is wrong with it is in the report, not thrown: a person reads it. */
export const inspectTask: Task<InspectInput, Inspection> = {
  run: ({ paths, working }, context) =>
    keepSpeaking(context, async (report) => {
      const { signal } = context
      const name = suggestedName(paths)
      let layout: Layout | null = null
      let listed: readonly Finding[] = []
      try {
        const { source } = await openSource(paths, working, { signal, report }, (importer, findings) => {
          layout = importer?.layout ?? null
          listed = findings
        })
        const first = judge(source)
        // What is wrong without looking at a photo is told at once.
        const surveyed = hasProblem(first) ? source : await surveyPhotos(source, { signal, report })
        const judgement = surveyed === source ? first : judge(surveyed)
        const { counts, splitSizes, minusOnes, findings } = judgement
        return {
          name,
          layout,
          counts,
          splits: splitSizes,
          findings: [...findings],
          minusOnes,
          photos: surveyed.photos?.length ?? 0,
          importable: !hasProblem(judgement),
        }
      } catch (thrown) {
        if (signal.aborted || !(thrown instanceof AppError)) throw thrown
        const findings = [asFinding(thrown), ...listed]
        return { name, layout, counts: null, splits: null, findings, minusOnes: 0, photos: 0, importable: false }
      }
    }),
}

const hasProblem = ({ findings }: Judgement): boolean => findings.some(({ level }) => level === 'problem')

/** Imports what an inspection found importable; looks again, since the files may have changed. */
export const importTask: Task<ImportInput, DatasetManifest> = {
  run: ({ paths, working, workspace, name, minusOne, importedAt, drawn = false }, context) =>
    keepSpeaking(context, async (report) => {
      const { signal } = context
      const opened = await openSource(paths, working, { signal, report }, () => undefined)
      const source =
        minusOne === 'value'
          ? opened.source
          : { ...opened.source, attributes: opened.source.attributes.map((value) => (value === -1 ? NaN : value)) }
      const judgement = judge(source)
      const problem = judgement.findings.find((finding) => finding.level === 'problem')
      if (problem !== undefined) throw asError(problem)

      const store = createDatasetStore(workspace)
      const toWrite: DatasetToWrite = {
        source,
        judgement,
        ids: store.freeIds(name),
        manifest: {
          ...{ name, layout: opened.importer.layout, importedAt },
          ...{ counts: judgement.counts, splits: judgement.splitSizes, findings: [...judgement.findings] },
          ...{ photos: false, drawn, backbone: null },
        },
      }
      return source.photos === null
        ? writeDataset(store.directory, working, toWrite, signal, rowReporter(report))
        : importPhotos(store.directory, { working, cache: store.cache }, toWrite, { signal, report })
    }),
}

export interface ReadAttributesInput extends InspectInput {
  /** Of the dataset. */
  readonly classNames: readonly string[]
  readonly attributeNames: readonly string[]
}

/** Reads a table of attributes and finds what it speaks of in a dataset, which stays as it is. */
export const readAttributesTask: Task<ReadAttributesInput, AttributeTable> = {
  run: ({ paths, working, classNames, attributeNames }, context) =>
    keepSpeaking(context, async (report) => {
      const { signal } = context
      const dropped = await openDropped(paths, join(working, 'unpacked'), { signal, report })
      const { table } = await findAttributeTable(dropped, [], signal, classNames)
      if (table === null) {
        throw new AppError('dataset/no-attribute-table', 'There is no table of attributes in what you dropped.', {
          next: 'Drop a csv, tsv or xlsx file with a row for each class and a column for each attribute, or a description in DELTA.',
        })
      }
      const classes = findClasses(table.classNames, classNames)
      if (classes.every((index) => index === null)) {
        throw new AppError('dataset/no-class-matches', `No class of “${table.file}” is one of this dataset.`, {
          next: 'Name the classes in its first column as they are named here.',
          details: { examples: table.classNames.slice(0, 10) },
        })
      }
      const attributes = findClasses(table.attributeNames, attributeNames)
      return {
        file: table.file,
        classes: table.classNames.map((name, row) => ({ name, index: classes[row] })),
        attributes: table.attributeNames.map((name, column) => ({
          name,
          group: table.attributeGroups?.[column] ?? null,
          index: attributes[column],
        })),
        values: {
          rows: table.classNames.length,
          columns: table.attributeNames.length,
          values: Float32Array.from(table.attributes),
        },
        findings: [...dropped.findings, ...table.findings],
      }
    }),
}

/** Reads photos that are to be added to a dataset; the backend takes them into it. */
export const addPhotosTask: Task<AdditionInput, Addition> = {
  run: (input, context) => keepSpeaking(context, (report) => readAddition(input, { signal: context.signal, report })),
}

const looking: Progress = { progress: null, message: 'Looking at the files', secondsLeft: null }

type Report = (progress: Progress) => void

/** Says the last thing again every second: who listens (watch.ts) takes silence for a process that hangs. */
async function keepSpeaking<T>(context: TaskContext, work: (report: Report) => Promise<T>): Promise<T> {
  let last = looking
  const report = (progress: Progress): void => {
    last = progress
    context.report(progress)
  }
  report(looking)
  const timer = setInterval(() => context.report(last), 1000)
  try {
    return await work(report)
  } finally {
    clearInterval(timer)
  }
}

function rowReporter(report: Report): (done: number, of: number) => void {
  const started = performance.now()
  return (done, of) => {
    const progress: Progress = {
      progress: of === 0 ? 1 : done / of,
      message: `Copying features: ${grouped(done)} of ${grouped(of)} images`,
      secondsLeft: timeLeft(performance.now() - started, done, of),
    }
    report(progress)
  }
}

function asFinding(error: AppError): Finding {
  const { code, message, next, details } = toWireError(error)
  const examples = Object.values(details ?? {}).find((value) => Array.isArray(value)) as unknown[] | undefined
  return {
    level: 'problem',
    code,
    message,
    ...(next === undefined ? {} : { next }),
    ...(examples === undefined ? {} : { examples: examples.map(String).slice(0, 20) }),
  }
}

/** The error that a report's problem stands for. */
export function asError({ code, message, next, examples }: Finding): AppError {
  return new AppError(code as AppError['code'], message, {
    ...(next === undefined ? {} : { next }),
    ...(examples === undefined ? {} : { details: { examples } }),
  })
}
