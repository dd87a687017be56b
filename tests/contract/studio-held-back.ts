import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import type { ClassGuide } from '../../src-main/contract/index.ts'
import type { RunningBackend } from '../../src-main/core/create-backend.ts'
import { createDatasetStore } from '../../src-main/core/datasets/index.ts'
import { openClassifier } from '../../src-main/core/inference/classifier.ts'

/** How an unseen class that was switched off and described again by its row compares with the imported one. */
export interface Recreated {
  readonly name: string
  /** All unseen test images, its own among them. */
  readonly images: number
  /** Of them, those that get another label. */
  readonly relabelled: number
  /** Largest difference of its score on any of them, and the largest score. */
  readonly difference: number
  readonly largest: number
}

/** Takes each unseen class of a run away and pastes the row that its dataset has of it. The book is left as it was. */
export async function* recreateEach({ backend, workspace }: RunningBackend, run: string): AsyncGenerator<Recreated> {
  const summary = await backend.getRun({ run })
  const { gamma } = summary.result!.calibrated
  const tray = await backend.openTray({ run, source: { kind: 'dataset', images: 'test-unseen', limit: 10_000 } })
  const images = tray.photos.length

  // The imported classes are scored as Classify does, which knows nothing of the studio's shortcuts.
  const { features, manifest } = await createDatasetStore(workspace.directory).load(summary.dataset)
  const D = manifest.counts.features!
  const rows = new Float32Array(images * D)
  tray.photos.forEach(({ photo }, at) => rows.set(features!.subarray(photo * D, (photo + 1) * D), at * D))
  const classifier = await openClassifier(join(workspace.runs, run), summary)
  const { classes } = classifier
  const scores = await classifier.scores(rows)
  await classifier.release()
  const imported = Array.from({ length: images }, (_, image) => {
    const own = scores.subarray(image * classes.length, (image + 1) * classes.length)
    const stacked = own.map((score, at) => score - (classes[at].role === 'seen' ? gamma : 0))
    return classes[stacked.indexOf(Math.max(...stacked))].name
  })

  const texts = await rowsOf(join(workspace.datasets, summary.dataset))
  for (const [column, { name, role }] of classes.entries()) {
    if (role !== 'unseen') continue
    await backend.editClasses({ run, edits: [{ kind: 'switch-own', names: [name], on: false }] })
    const { book, added } = await backend.importClasses({ run, table: { text: `${name}\t${texts.get(name)!}` } })
    const again = book.yours.find(({ id }) => id === added[0])!
    const preview = await backend.previewClass({ run, tray: tray.id, class: again })
    const found = preview.tray!
    const pairs = Array.from(found.scores, (score, image) => [score, scores[image * classes.length + column]] as const)
    yield {
      ...{ name, images },
      relabelled: imported.filter((label, image) => preview.classes[found.labels[image]].name !== label).length,
      difference: Math.max(...pairs.map(([score, own]) => Math.abs(score - own))),
      largest: Math.max(...pairs.map(([, own]) => Math.abs(own))),
    }
    await backend.undoClassEdit({ run })
    await backend.undoClassEdit({ run })
  }
}

/** What a person would copy from the dataset's own table: the values of each class, between tabs. */
async function rowsOf(dataset: string): Promise<Map<string, string>> {
  const lines: string[][] = parse(await readFile(join(dataset, 'attributes.csv')))
  return new Map(lines.slice(1).map(([name, ...values]) => [name, values.join('\t')]))
}

/** A table of all unseen classes with their own values; `steps`: rounded to so many steps of each attribute's range. */
export function unseenTable({ attributes, classes, rows }: ClassGuide, steps?: number): string {
  const rounded = (value: number, at: number): number => {
    const { low, high } = attributes[at]
    if (steps === undefined || high === low) return value
    return low + (Math.round(((value - low) / (high - low)) * steps) / steps) * (high - low)
  }
  const lines = classes.flatMap(({ name, role }, row) => {
    if (role !== 'unseen') return []
    const values = rows.values.subarray(row * rows.columns, (row + 1) * rows.columns)
    return [[name, ...Array.from(values, (value, at) => (Number.isNaN(value) ? '?' : rounded(value, at)))].join('\t')]
  })
  return lines.join('\n')
}
