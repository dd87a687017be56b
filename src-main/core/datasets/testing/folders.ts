import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npyPreamble } from '../formats/npy.ts'
import type { TaskContext } from '../../jobs/task.ts'
import { createDatasetStore } from '../store.ts'
import { importTask, inspectTask, type ImportInput } from '../tasks.ts'
import { writeMat5, type MatContent, type MatOptions } from './mat5-writer.ts'

/** A folder in the system's temporary place; `await using` removes it. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'unseen-datasets-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

const column = (values: readonly number[]): MatContent => ({ dimensions: [values.length, 1], values })

/** Twelve images of four classes, three features, two attributes. The label order is not the folders' order. */
export const small = {
  classNames: ['b fox', 'a owl', '새', 'd eel'],
  labels: [2, 2, 2, 1, 1, 1, 3, 3, 3, 4, 4, 4],
  features: Array.from({ length: 36 }, (_, i) => i / 4 - 2),
  attributes: [1, 0, 0.5, 100, 12.25, 3, 0.1, 7],
  trainval: [1, 2, 4, 5, 7, 8],
  testSeen: [3, 6, 9],
  testUnseen: [10, 11, 12],
}

export function smallFeatures(): Record<string, MatContent> {
  return {
    features: { dimensions: [3, 12], values: small.features },
    labels: column(small.labels),
    image_files: small.labels.map((label, i) => `images/${small.classNames[label - 1]}/${i}.jpg`),
  }
}

export function smallSplits(): Record<string, MatContent> {
  return {
    allclasses_names: small.classNames,
    original_att: { dimensions: [2, 4], values: small.attributes },
    trainval_loc: column(small.trainval),
    test_seen_loc: column(small.testSeen),
    test_unseen_loc: column(small.testUnseen),
  }
}

/** Writes the two files of the xlsa17 layout, with what `change` replaces or (null) leaves out. */
export async function writeXlsa17(
  folder: string,
  change: {
    features?: Record<string, MatContent | null> | null
    splits?: Record<string, MatContent | null> | null
  } = {},
  options: MatOptions = {},
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const write = async (name: string, variables: Record<string, MatContent | null>) => {
    const kept = Object.entries(variables).filter((entry): entry is [string, MatContent] => entry[1] !== null)
    await writeFile(join(folder, name), writeMat5(Object.fromEntries(kept), options))
  }
  if (change.features !== null) await write('res101.mat', { ...smallFeatures(), ...change.features })
  if (change.splits !== null) await write('att_splits.mat', { ...smallSplits(), ...change.splits })
  return folder
}

export const npyFloats = (shape: readonly number[], values: readonly number[]): Buffer =>
  Buffer.concat([npyPreamble('f4', shape), Buffer.from(Float32Array.from(values).buffer)])

export const npyIntegers = (values: readonly number[]): Buffer =>
  Buffer.concat([npyPreamble('i4', [values.length]), Buffer.from(Int32Array.from(values).buffer)])

/** Writes the four files of the arrays layout, with what `change` replaces or (null) leaves out. */
export async function writeArrays(
  folder: string,
  change: Record<string, Buffer | string | null> = {},
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const files: Record<string, Buffer | string | null> = {
    'features.npy': npyFloats([12, 3], small.features),
    'labels.npy': npyIntegers(small.labels.map((label) => label - 1)),
    'attributes.csv': 'class,red,"has, wings"\nb fox,1,0\na owl,0.5,100\n새,12.25,3\nd eel,0.1,7\n',
    'splits.json': JSON.stringify({
      trainval: small.trainval.map((i) => i - 1),
      test_seen: small.testSeen.map((i) => i - 1),
      testUnseen: small.testUnseen.map((i) => i - 1),
    }),
    ...change,
  }
  for (const [name, content] of Object.entries(files)) {
    if (content !== null) await writeFile(join(folder, name), content)
  }
  return folder
}

const quiet = (signal = new AbortController().signal): TaskContext => ({ signal, report: () => undefined })

/** As the commands do: a folder for the job, removed whatever happened. */
async function withWorkingFolder<T>(workspace: string, use: (working: string) => Promise<T>): Promise<T> {
  const working = createDatasetStore(workspace).workingFolder(randomUUID())
  try {
    return await use(working)
  } finally {
    await rm(working, { recursive: true, force: true })
  }
}

export const inspect = (paths: readonly string[], workspace: string) =>
  withWorkingFolder(workspace, (working) => inspectTask.run({ paths, working }, quiet()))

export const importInto = (
  workspace: string,
  paths: readonly string[],
  change: Partial<ImportInput> = {},
  context: TaskContext = quiet(),
) =>
  withWorkingFolder(workspace, (working) =>
    importTask.run(
      {
        paths,
        workspace,
        working,
        name: 'Small',
        minusOne: 'value',
        importedAt: '2026-01-02T03:04:05.000Z',
        ...change,
      },
      context,
    ),
  )
