import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { npyFloats, npyIntegers } from '../../src-main/core/datasets/testing/folders.ts'
import { tinyDataset } from '../../src-main/core/training/testing/tiny-dataset.ts'

/** Knobs with which a training on it takes a second. */
export const smallKnobs = { hidden: 16, attentionWidth: 8, edgeNeighbours: 2, classesPerEpisode: 5, learningRate: 5e-3 }

/** Writes the tiny dataset in the arrays layout; returns the folder. */
export async function writeTiny(path: string): Promise<string> {
  const { features, labels, attributes, attributeNames, classNames, splits, manifest } = tinyDataset()
  await mkdir(path)
  const K = attributeNames.length
  const rows = classNames.map((name, c) => [name, ...attributes.subarray(c * K, (c + 1) * K)].join())
  const lists = { trainval: splits.trainval, testSeen: splits.testSeen, testUnseen: splits.testUnseen }
  await writeFile(join(path, 'features.npy'), npyFloats([labels.length, manifest.counts.features!], [...features!]))
  await writeFile(join(path, 'labels.npy'), npyIntegers([...labels]))
  await writeFile(join(path, 'attributes.csv'), `${['class', ...attributeNames].join()}\n${rows.join('\n')}\n`)
  await writeFile(
    join(path, 'splits.json'),
    JSON.stringify(Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list]]))),
  )
  return path
}
