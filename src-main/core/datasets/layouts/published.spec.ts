import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PreflightReport } from '../../../contract/index.ts'
import type { TaskContext } from '../../jobs/task.ts'
import { openSource } from '../open-source.ts'
import { inspect, temporaryFolder, writeXlsa17 } from '../testing/folders.ts'
import { writeTree } from '../testing/pictures.ts'

type Files = Parameters<typeof writeTree>[1]

const quiet: TaskContext = { signal: new AbortController().signal, report: () => undefined }

async function look(files: Files) {
  await using folder = await temporaryFolder()
  const path = await writeTree(join(folder.path, 'Data'), files)
  const report = await inspect([path], folder.path)
  const opened = await openSource([path], join(folder.path, 'working'), quiet, () => undefined).catch(() => null)
  return { report, source: opened?.source ?? null }
}

const problems = ({ findings }: Omit<PreflightReport, 'id'>): string[] =>
  findings.flatMap(({ level, code }) => (level === 'problem' ? [code] : []))

describe('the tree of AwA2', () => {
  const tree: Files = {
    'Animals_with_Attributes2/classes.txt': '    1\tantelope\n    2\tgrizzly+bear\n    3\tbat\n',
    'Animals_with_Attributes2/predicates.txt': '    1\tblack\n    2\tnew world\n',
    'Animals_with_Attributes2/predicate-matrix-continuous.txt': '  -1.00  12.34\n  39.25   0.00\n  83.40  64.79\n',
    'Animals_with_Attributes2/predicate-matrix-binary.txt': '0 1\n1 0\n1 1\n',
    'Animals_with_Attributes2/trainclasses.txt': 'antelope\nbat\n',
    'Animals_with_Attributes2/testclasses.txt': 'grizzly+bear\n',
    'Animals_with_Attributes2/JPEGImages/antelope/antelope_10001.jpg': 1,
    'Animals_with_Attributes2/JPEGImages/antelope/antelope_10002.jpg': 2,
    'Animals_with_Attributes2/JPEGImages/grizzly+bear/grizzly+bear_10001.jpg': 3,
    'Animals_with_Attributes2/JPEGImages/bat/bat_10001.jpg': 4,
    'Animals_with_Attributes2/JPEGImages/unicorn/unicorn_10001.jpg': 5,
  }

  it('is read: the continuous matrix, −1 as it is, the test classes unseen', async () => {
    const { report, source } = await look(tree)
    expect(report).toMatchObject({
      layout: 'awa2',
      importable: true,
      photos: 4,
      minusOnes: 1,
      counts: { images: 4, classes: 3, seen: 2, unseen: 1, attributes: 2 },
      splits: { trainval: 2, testSeen: 1, testUnseen: 1 },
    })
    expect(source).toMatchObject({
      classNames: ['antelope', 'grizzly+bear', 'bat'],
      attributeNames: ['black', 'new world'],
      unseenClasses: [1],
    })
    expect([...source!.attributes]).toEqual([-1, 12.34, 39.25, 0, 83.4, 64.79])
    expect(report.findings.find(({ code }) => code === 'dataset/folder-without-class')?.examples).toEqual(['unicorn'])
  })

  it('may have the binary matrix only, and no photos', async () => {
    const few = Object.fromEntries(
      Object.entries(tree).filter(([name]) => !name.includes('JPEGImages') && !name.includes('continuous')),
    )
    const { report, source } = await look(few)
    expect(report).toMatchObject({ layout: 'awa2', importable: true, photos: 0, counts: { images: 0, classes: 3 } })
    expect([...source!.attributes]).toEqual([0, 1, 1, 0, 1, 1])
  })

  it.each([
    ['predicate-matrix-continuous.txt', '1 2\n3 4\n'],
    ['predicate-matrix-continuous.txt', '1 2\n3 x\n5 6\n'],
    ['classes.txt', 'antelope\n'],
    ['predicates.txt', '1 black\n1 white\n'],
  ])('with a damaged %s is refused', async (name, content) => {
    const { report } = await look({ ...tree, [`Animals_with_Attributes2/${name}`]: content })
    expect(problems(report)).toEqual(['dataset/damaged-file'])
  })

  it('beside features is what the features say', async () => {
    await using folder = await temporaryFolder()
    const path = await writeXlsa17(join(folder.path, 'Data'))
    await writeTree(path, tree)
    expect(await inspect([path], folder.path)).toMatchObject({ layout: 'xlsa17', importable: true, photos: 0 })
  })
})

describe('the tree of CUB-200-2011', () => {
  const tree: Files = {
    // As in the archive: one level up.
    'attributes.txt': '1 has_bill_shape::curved_(up_or_down)\n2 has_bill_shape::dagger\n3 has_wing_color::blue\n',
    'CUB_200_2011/classes.txt': '1 001.Black_footed_Albatross\n2 002.Laysan_Albatross\n',
    'CUB_200_2011/images.txt':
      '1 001.Black_footed_Albatross/Black_0046.jpg\n2 001.Black_footed_Albatross/Black_0009.jpg\n3 002.Laysan_Albatross/Laysan_0002.jpg\n4 002.Laysan_Albatross/Lost_1.jpg\n',
    'CUB_200_2011/image_class_labels.txt': '1 1\n2 1\n3 2\n4 2\n',
    'CUB_200_2011/train_test_split.txt': '1 0\n2 1\n3 0\n4 1\n',
    'CUB_200_2011/bounding_boxes.txt': '1 60.0 27.0 325.0 304.0\n',
    'CUB_200_2011/attributes/class_attribute_labels_continuous.txt': '4.41 0 29.4\n0 39.3 1e1\n',
    'CUB_200_2011/images/001.Black_footed_Albatross/Black_0046.jpg': 1,
    'CUB_200_2011/images/001.Black_footed_Albatross/Black_0009.jpg': 2,
    'CUB_200_2011/images/002.Laysan_Albatross/Laysan_0002.jpg': 3,
    'CUB_200_2011/images/002.Laysan_Albatross/extra.jpg': 4,
  }

  it('is read: labels of its lists, attributes in groups', async () => {
    const { report, source } = await look(tree)
    expect(report).toMatchObject({
      layout: 'cub',
      importable: true,
      photos: 3,
      counts: { images: 3, classes: 2, seen: 2, unseen: 0, attributes: 3 },
      splits: { trainval: 2, testSeen: 1, testUnseen: 0 },
    })
    expect(source).toMatchObject({
      attributeNames: ['bill shape: curved (up or down)', 'bill shape: dagger', 'wing color: blue'],
      attributeGroups: ['bill shape', 'bill shape', 'wing color'],
    })
    expect([...source!.attributes]).toEqual([4.41, 0, 29.4, 0, 39.3, 10])
    expect([...source!.labels!]).toEqual([0, 0, 1])
    expect(report.findings.find(({ code }) => code === 'dataset/photos-missing')?.examples).toEqual([
      '002.Laysan_Albatross/Lost_1.jpg',
    ])
  })

  it('takes the classes that a list of test classes names as unseen', async () => {
    const { report } = await look({ ...tree, 'testclasses.txt': '002.Laysan_Albatross\n' })
    expect(report).toMatchObject({ counts: { seen: 1, unseen: 1 }, splits: { testUnseen: 1 } })
  })

  it('does without its attributes, and not without its photos', async () => {
    const named = (part: string) => Object.fromEntries(Object.entries(tree).filter(([name]) => !name.includes(part)))
    expect((await look(named('attributes'))).report).toMatchObject({ importable: true, counts: { attributes: 0 } })
    expect(problems((await look(named('images/'))).report)).toEqual(['dataset/photos-missing'])
  })

  it('with a label of no class is refused', async () => {
    const { report } = await look({ ...tree, 'CUB_200_2011/image_class_labels.txt': '1 1\n2 7\n3 2\n4 2\n' })
    expect(problems(report)).toEqual(['dataset/damaged-file'])
  })
})
