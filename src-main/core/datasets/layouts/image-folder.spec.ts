import fc from 'fast-check'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PreflightReport } from '../../../contract/index.ts'
import type { TaskContext } from '../../jobs/task.ts'
import { openSource } from '../open-source.ts'
import type { DatasetSource } from '../source.ts'
import { inspectTask } from '../tasks.ts'
import { inspect, temporaryFolder } from '../testing/folders.ts'
import { picture, writeTree } from '../testing/pictures.ts'
import { sheetXml, writeXlsx } from '../testing/xlsx-writer.ts'
import { writeZip } from '../testing/zip-writer.ts'

type Files = Parameters<typeof writeTree>[1]
type Report = Omit<PreflightReport, 'id'>

const quiet: TaskContext = { signal: new AbortController().signal, report: () => undefined }

/** `count` photos of a class, other ones for each `from`. */
const photosOf = (folder: string, count: number, from: number): Files =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${folder}/${i}.png`, from + i]))

const animals: Files = {
  ...photosOf('images/red fox', 10, 0),
  ...photosOf('images/owl', 3, 100),
  ...photosOf('images/eel', 4, 200),
  'attributes.csv': 'class,fur,wings\nred fox,1,0\nowl,0,1\neel,0,?\ndodo,0,1\n',
}

/** The report of a folder “Animals” with these files, and what was read. */
async function look(files: Files): Promise<{ report: Report; source: DatasetSource | null }> {
  await using folder = await temporaryFolder()
  const path = await writeTree(join(folder.path, 'Animals'), files)
  await mkdir(path, { recursive: true })
  const report = await inspect([path], folder.path)
  const opened = await openSource([path], join(folder.path, 'working'), quiet, () => undefined).catch(() => null)
  return { report, source: opened?.source ?? null }
}

const codes = ({ findings }: Report, level = 'problem'): string[] =>
  findings.flatMap((finding) => (finding.level === level ? [finding.code] : []))
const finding = ({ findings }: Report, code: string) => findings.find((one) => one.code === code)

describe('folders of photos', () => {
  it('beside a table: classes in the table’s order, those without photos unseen', async () => {
    const { report, source } = await look(animals)
    expect(report).toMatchObject({
      name: 'Animals',
      layout: 'image-folder',
      importable: true,
      photos: 17,
      counts: { images: 17, classes: 4, seen: 3, unseen: 1, attributes: 2, unknownAttributes: 1, features: null },
      // A fifth of 10, of 3 and of 4: 2, 1 and 1.
      splits: { trainval: 13, testSeen: 4, testUnseen: 0 },
    })
    expect(source).toMatchObject({ classNames: ['red fox', 'owl', 'eel', 'dodo'], attributeNames: ['fur', 'wings'] })
    expect(source!.labels).toHaveLength(17)
    for (const [i, { name }] of source!.photos!.entries()) {
      expect(name.split('/')[1]).toBe(source!.classNames[source!.labels![i]])
    }
    expect(finding(report, 'dataset/unseen-without-photos')?.examples).toEqual(['dodo'])
    expect(codes(report, 'warning')).toEqual(['dataset/unseen-not-measurable'])
  })

  it('must be there where a table describes no two classes: it is of something else', async () => {
    const { report } = await look({ 'holiday.txt': 'sun and sea', 'notes.csv': 'a,b\n1,2\n' })
    expect(report).toMatchObject({ importable: false })
    expect(codes(report, 'problem')).toEqual(['dataset/unknown-layout'])
  })

  it('that are declared unseen are', async () => {
    const { report } = await look({ ...animals, 'splits.json': '{"unseen": ["EEL", "dodo"]}' })
    expect(report).toMatchObject({
      counts: { seen: 2, unseen: 2 },
      splits: { trainval: 10, testSeen: 3, testUnseen: 4 },
    })
    expect(codes(report, 'warning')).toEqual([])
  })

  it('with lists of their names are split so', async () => {
    const list = { trainval: ['images/owl/0.png', 'red fox/1.png'], testSeen: ['owl/1.png'], testUnseen: ['eel/0.png'] }
    const { report, source } = await look({ ...animals, 'splits.json': JSON.stringify(list) })
    expect(report).toMatchObject({
      importable: true,
      counts: { seen: 2, unseen: 2 },
      splits: { trainval: 2, testSeen: 1, testUnseen: 1 },
    })
    expect(Array.from(source!.splits!.trainval, (i) => source!.photos![i].name)).toEqual([
      'images/owl/0.png',
      'images/red fox/1.png',
    ])
    const wrong = async (change: object) =>
      codes((await look({ ...animals, 'splits.json': JSON.stringify({ ...list, ...change }) })).report)
    expect(await wrong({ testSeen: ['owl/7.png'] })).toEqual(['dataset/split-outside-images'])
    expect(await wrong({ testSeen: [3] })).toEqual(['dataset/split-outside-images'])
    expect(await wrong({ testSeen: ['0.png'] })).toEqual(['dataset/split-outside-images'])
    expect(await wrong({ unseen: ['owl'] })).toEqual(['dataset/unseen-class-in-training'])
    expect(await wrong({ testSeen: undefined })).toEqual(['dataset/unreadable-splits'])
    expect(await wrong({ unseen: ['unicorn'] })).toEqual(['dataset/unknown-class'])
  })

  it('with lists as Windows writes them are split so', async () => {
    const text = JSON.stringify({ trainval: ['images\\owl\\0.png'], testSeen: ['owl\\1.png'], testUnseen: [] })
    const splits = { trainval: 1, testSeen: 1, testUnseen: 0 }
    for (const bytes of [Buffer.from(`\ufeff${text}`), Buffer.from(`\ufeff${text}`, 'utf16le')]) {
      expect((await look({ ...animals, 'splits.json': bytes })).report).toMatchObject({ importable: true, splits })
    }
  })

  it.each([
    ['right in what was dropped', ''],
    ['in a folder of any name', 'my animals/2024/'],
    ['in JPEGImages', 'data/JPEGImages/'],
  ])('alone, %s: attributes are filled in later', async (_, prefix) => {
    const { report } = await look({ ...photosOf(`${prefix}fox`, 5, 0), ...photosOf(`${prefix}새`, 1, 50) })
    expect(report).toMatchObject({
      layout: 'image-folder',
      importable: true,
      counts: { images: 6, classes: 2, seen: 2, unseen: 0, attributes: 0 },
      splits: { trainval: 5, testSeen: 1, testUnseen: 0 },
    })
    expect(codes(report, 'warning')).toEqual([
      'dataset/no-attributes',
      'dataset/class-with-one-photo',
      'dataset/nothing-unseen',
    ])
    expect(finding(report, 'dataset/class-with-one-photo')?.examples).toEqual(['새'])
  })

  it.each([
    ['a title above it', 'My animals,,\nclass,fur,wings\nred fox,1,0\nowl,0,1\n'],
    ['empty columns and rows around it', ',,,\n,class,fur,,wings\n,,,,\n,red fox,1,,0\n,owl,0,,1\n'],
    ['words for yes and no', 'class,fur,wings\nred fox,TRUE,no\nowl,false,Yes\n'],
    ['what nobody sees in a name', 'class,fur,wings\nred\u200b fox,1,0\nowl\u200e,0,1\n'],
    ['names in two lines', 'class,fur,wings\n"red\r\nfox",1,0\nowl,0,1\n'],
  ])('match a table with %s', async (_, table) => {
    const { report, source } = await look({ ...animals, 'attributes.csv': table })
    expect(report).toMatchObject({ importable: true, counts: { classes: 3, attributes: 2 } })
    expect(source!.attributeNames).toEqual(['fur', 'wings'])
    expect([...source!.attributes]).toEqual([1, 0, 0, 1, NaN, NaN])
  })

  it.each([
    ['rows that are too short', 'class,fur,wings\nred fox,1\nowl,0,1\n', 'dataset/uneven-rows', ['red fox: 1 of 2']],
    ['a column without a name', 'class,fur,\nred fox,1,7\nowl,0,1\n', 'dataset/unnamed-columns', ['column 3']],
    ['a class without a name', 'class,fur\nred fox,1\n,7\nowl,0\n', 'dataset/class-names', ['class 2 has none']],
  ])('say that a table has %s', async (_, table, code, examples) => {
    const { report } = await look({ ...animals, 'attributes.csv': table })
    expect(finding(report, code)).toMatchObject({ examples, next: expect.any(String) as string })
  })

  it.each([
    ['is empty', ''],
    ['names no attribute', 'class\nred fox\nowl\n'],
    ['is a page of the web', '<html><body>Not found</body></html>'],
  ])('say what a table needs that %s', async (_, table) => {
    const { report } = await look({ ...animals, 'attributes.csv': table })
    expect(codes(report)).toEqual(['dataset/no-table'])
  })

  it('match a table that spells them otherwise', async () => {
    const { report, source } = await look({
      ...photosOf('Red_Fox', 2, 0),
      ...photosOf('snow-owl', 2, 10),
      ...photosOf('stranger', 2, 20),
      // A Mac's folders are written apart, a table is not.
      ...photosOf('까치'.normalize('NFD'), 2, 30),
      'attributes.tsv': 'name\tfur\n까치\t1\nred fox\t2\nSnow Owl\t3\n',
    })
    expect(report.importable).toBe(true)
    expect(source!.classNames).toEqual(['까치', 'red fox', 'Snow Owl', 'stranger'])
    expect([...source!.attributes]).toEqual([1, 2, 3, NaN])
    expect(finding(report, 'dataset/spelt-otherwise')?.examples).toEqual(['Red_Fox', 'snow-owl'])
    expect(finding(report, 'dataset/class-without-attributes')?.examples).toEqual(['stranger'])
  })

  it('of different depths count by the uppermost', async () => {
    const { report, source } = await look({
      ...photosOf('images/fox/day', 2, 0),
      ...photosOf('images/fox/night/rain', 2, 10),
      ...photosOf('images/owl', 2, 20),
      'images/cover.png': 500,
      'logo.png': 501,
    })
    expect(report.counts).toMatchObject({ images: 6, classes: 2 })
    expect(source!.classNames).toEqual(['owl', 'fox'])
    expect(finding(report, 'dataset/photo-without-class')).toMatchObject({
      level: 'warning',
      examples: ['logo.png', 'images/cover.png'],
    })
  })

  it('in train and test are joined', async () => {
    const { report } = await look({
      ...photosOf('train/good', 3, 0),
      ...photosOf('test/good', 2, 10),
      ...photosOf('test/cracked', 2, 20),
    })
    expect(report.counts).toMatchObject({ images: 7, classes: 2 })
    expect(codes(report, 'ok')).toContain('dataset/parts-joined')
  })

  it('dropped one by one keep their names', async () => {
    await using folder = await temporaryFolder()
    await writeTree(folder.path, {
      ...photosOf('fox', 2, 0),
      ...photosOf('owl', 2, 10),
      'attributes.csv': 'c,a\nfox,1\nowl,2\n',
    })
    const paths = ['fox', 'owl', 'attributes.csv'].map((name) => join(folder.path, name))
    expect(await inspect(paths, folder.path)).toMatchObject({
      importable: true,
      counts: { images: 4, classes: 2, attributes: 1 },
    })
  })

  it('in zips are the same, wherever the zip lies', async () => {
    await using folder = await temporaryFolder()
    const zipped = async (files: Files) =>
      writeZip(
        await Promise.all(
          Object.entries(files).map(async ([name, content]) => ({
            name,
            data: typeof content === 'number' ? await picture(content) : Buffer.from(content),
          })),
        ),
      )
    const counts = { images: 17, classes: 4, seen: 3, unseen: 1, attributes: 2 }
    await writeFile(join(folder.path, 'Zoo 동물.zip'), await zipped({ ...animals, '__MACOSX/images/owl/._0.png': 'x' }))
    const report = await inspect([join(folder.path, 'Zoo 동물.zip')], folder.path)
    expect(report).toMatchObject({ name: 'Zoo 동물', importable: true, photos: 17, counts })

    const { 'attributes.csv': table, ...photos } = animals
    const beside = await writeTree(join(folder.path, 'beside'), {
      'images.zip': await zipped(photos),
      'attributes.csv': table,
    })
    expect(await inspect([beside], folder.path)).toMatchObject({ importable: true, counts })

    const nested = writeZip([
      { name: 'fox/1.png', data: await picture(1) },
      { name: 'more.zip', data: await zipped(photos) },
    ])
    await writeFile(join(folder.path, 'nested.zip'), nested)
    const told = await inspect([join(folder.path, 'nested.zip')], folder.path)
    expect(finding(told, 'dataset/nested-archive')?.examples).toEqual(['more.zip'])
    const each = await writeTree(join(folder.path, 'each'), {
      'fox.zip': await zipped({ '1.png': 1, '2.png': 2 }),
      'owl.zip': await zipped({ '1.png': 3 }),
    })
    expect(await inspect([each], folder.path)).toMatchObject({ importable: true, counts: { images: 3, classes: 2 } })
  })

  it('in a zip that does not say how its names are written', async () => {
    await using folder = await temporaryFolder()
    const named = async (name: Buffer) => {
      const text = name.toString('latin1')
      const zip = writeZip([{ name: 'images/########/1.png', data: await picture(1) }])
      // The same length in bytes, and the flag for UTF-8 taken away.
      const bytes = Buffer.from(zip.toString('latin1').replaceAll('########', text.padEnd(8, '_')), 'latin1')
      for (let at = 0; (at = bytes.indexOf('PK\x03\x04', at, 'latin1')) >= 0; at += 4) bytes.writeUInt16LE(0, at + 6)
      for (let at = 0; (at = bytes.indexOf('PK\x01\x02', at, 'latin1')) >= 0; at += 4) bytes.writeUInt16LE(0, at + 8)
      await writeFile(join(folder.path, 'a.zip'), bytes)
      const { source } = await openSource([join(folder.path, 'a.zip')], join(folder.path, text), quiet, () => undefined)
      return source.classNames[0].replace(/_+$/, '')
    }
    expect(await named(Buffer.from('여우'))).toBe('여우')
    expect(await named(Buffer.from('\xbf\xa9\xbf\xec', 'latin1'))).toBe('여우')
    expect(await named(Buffer.from('B\x84r', 'latin1'))).toBe('Bär')
  })
})

describe('a table of attributes', () => {
  const photos: Files = { ...photosOf('fox', 2, 0), ...photosOf('owl', 2, 10) }
  const attributesOf = async (files: Files) => {
    const { report, source } = await look({ ...photos, ...files })
    expect(codes(report)).toEqual([])
    return { report, names: source!.attributeNames, values: [...source!.attributes], groups: source!.attributeGroups }
  }

  it('is a spreadsheet, with whatever a spreadsheet has', async () => {
    const sheet = sheetXml([
      ['class', 'big', null, 'legs', 'big'],
      [null, null, null, null, null],
      ['owl', '20%', null, '2-4', '?'],
      ['fox', 1, null, 4, true],
    ])
    const { names, values } = await attributesOf({ 'attributes.xlsx': writeXlsx({ Animals: sheet }) })
    expect(names).toEqual(['big', 'legs', 'big (2)'])
    expect(values).toEqual([20, 3, NaN, 1, 4, 1])
  })

  it('is the only one there, under any name, or is left out with a word', async () => {
    expect((await attributesOf({ 'traits.csv': 'c,a\nfox,1\nowl,2\n' })).values).toEqual([1, 2])
    const notes = await attributesOf({ 'notes.csv': 'when,what\nmonday,fog\n' })
    expect(notes.names).toEqual([])
    expect(finding(notes.report, 'dataset/table-not-used')).toMatchObject({ level: 'warning', examples: ['notes.csv'] })
    const two = await attributesOf({ 'a.csv': 'c,a\nfox,1\n', 'b.csv': 'c,a\nfox,1\n', '~$c.xlsx': 'open' })
    expect(finding(two.report, 'dataset/table-not-used')?.examples).toEqual(['a.csv', 'b.csv'])
  })

  it('is turned where its classes are in the first row', async () => {
    const { names, values } = await attributesOf({ 'attributes.csv': 'attribute,fox,owl\nfur,1,0\nwings,2,3\n' })
    expect(names).toEqual(['fur', 'wings'])
    expect(values).toEqual([1, 2, 0, 3])
  })

  it('of Lucid has scores, either way round', async () => {
    const expected = {
      names: ['colour: red', 'colour: black', 'legs'],
      values: [100, 50, 4, NaN, 0, 2],
      groups: ['colour', 'colour', null],
    }
    const across = await attributesOf({ 'attributes.csv': 'x,colour: red,colour: black,legs\nfox,1,2,4\nowl,3,4,2\n' })
    expect(across).toMatchObject(expected)
    const down = await attributesOf({ 'key.csv': 'x,fox,owl\ncolour: red,1,3\ncolour: black,2,4\nlegs,4,2\n' })
    expect(down).toMatchObject(expected)
    expect(finding(across.report, 'dataset/lucid-scores')?.level).toBe('warning')
    // Percentages are none.
    const percent = await attributesOf({ 'attributes.csv': 'x,colour: red,colour: black\nfox,1,20\nowl,3,4\n' })
    expect(percent).toMatchObject({ values: [1, 20, 3, 4], groups: ['colour', 'colour'] })
  })

  it('of Lucid has paths for names, and numbers among its scores', async () => {
    const expected = {
      names: ['Flowers:Colour:white', 'Flowers:Colour:red', 'Leaves:Length', 'Leaves:Width'],
      values: [100, 0, 12.5, 3, 0, 50, 4, NaN],
      groups: ['Flowers:Colour', 'Flowers:Colour', null, null],
    }
    const rows = [
      ['', 'Dogs:Foxes:fox', 'Birds:owl'],
      ['Flowers:Colour:white', '1', '0'],
      ['Flowers:Colour:red', '0', '2'],
      ['Leaves:Length#', '12.5', '3-5'],
      ['Leaves:Width#', '3', ''],
    ]
    const turned = rows[0].map((_, c) => rows.map((row) => row[c]))
    for (const table of [rows, turned]) {
      const text = table.map((row) => `${row.join()}\n`).join('')
      expect(await attributesOf({ 'attributes.csv': text })).toMatchObject(expected)
    }
    // Without photos nothing but Lucid's habit says which way round it is.
    const { source } = await look({ 'key.csv': rows.map((row) => `${row.join()}\n`).join('') })
    expect(source!.classNames).toEqual(['fox', 'owl'])
  })

  it('is a description in DELTA', async () => {
    const { names, values, groups } = await attributesOf({
      specs: '*CHARACTER TYPES 2,RN\n',
      chars: '*CHARACTER LIST\n#1. colour/\n1. red/\n2. black/\n#2. length/\ncm/\n',
      items: '*ITEM DESCRIPTIONS\n# Fox <Vulpes>/ 1,1 2,60-90\n# Owl/ 1,2\n',
    })
    expect(names).toEqual(['colour: red', 'colour: black', 'length (cm)'])
    expect(values).toEqual([100, 0, 75, 0, 100, NaN])
    expect(groups).toEqual(['colour', 'colour', null])
  })

  it('is a dataset by itself, to which photos can be added', async () => {
    const { report } = await look({
      'attributes.xlsx': writeXlsx({
        a: sheetXml([
          ['c', 'x'],
          ['fox', 1],
          ['owl', 2],
        ]),
      }),
    })
    expect(report).toMatchObject({
      layout: 'image-folder',
      importable: true,
      photos: 0,
      counts: { images: 0, classes: 2, attributes: 1 },
      splits: { trainval: 0, testSeen: 0, testUnseen: 0 },
    })
    expect(codes(report, 'warning')).toEqual(['dataset/no-photos'])
  })

  const wrong: [string, Files][] = [
    ['dataset/attribute-not-a-number', { 'attributes.csv': 'c,a\nfox,much\n' }],
    ['dataset/no-table', { 'attributes.csv': 'c\nfox\n' }],
    ['dataset/no-class-matches', { 'attributes.csv': 'c,a\ndodo,1\n' }],
    ['dataset/class-names', { 'attributes.csv': 'c,a\nfox,1\nfox,2\n' }],
    ['dataset/attributes-not-finite', { 'attributes.csv': 'c,a\nfox,Infinity\n' }],
    ['dataset/name-too-long', { 'attributes.csv': `c,a\nfox,1\n${'x'.repeat(201)},1\n` }],
    ['dataset/several-datasets', { 'attributes.csv': 'c,a\nfox,1\n', 'attributes.tsv': 'c\ta\nfox\t1\n' }],
  ]
  it.each(wrong)('that is wrong is told: %s', async (code, files) => {
    const { report } = await look({ ...photos, ...files })
    expect(codes(report)).toEqual([code])
    expect(finding(report, code)?.next).toBeTruthy()
  })

  it('of any cells is read or refused', async () => {
    const cell = fc.oneof(
      fc.constantFrom('fox', 'owl', '1', '0.5', '?', 'a: b', 'a: c', ''),
      fc.string({ maxLength: 5 }),
    )
    await using folder = await temporaryFolder()
    const path = await writeTree(join(folder.path, 'Animals'), photos)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 4 }), async (rows) => {
        await writeFile(join(path, 'attributes.csv'), rows.map((row) => row.join(',')).join('\n'))
        const { findings } = await inspect([path], folder.path)
        for (const { code } of findings) expect(code).toMatch(/^dataset\/[a-z-]+$/)
      }),
      { numRuns: 100, interruptAfterTimeLimit: 2000 },
    )
  }, 15_000)
})

describe('what is wrong with photos is told', () => {
  it('by name: broken ones, copies, and copies under another class', async () => {
    const { report } = await look({
      ...animals,
      'images/owl/page.jpg': '<!doctype html><title>Not found</title>',
      'images/owl/drawing.png': '<svg xmlns="http://www.w3.org/2000/svg"/>',
      'images/owl/empty.jpg': '',
      'images/owl/copy.png': 100,
      'images/red fox/owl.png': 101,
    })
    expect(report).toMatchObject({ importable: true, photos: 17, counts: { images: 17 } })
    expect(finding(report, 'dataset/broken-photos')?.message).toContain('3 photos')
    expect(finding(report, 'dataset/broken-photos')?.examples?.[2]).toContain('images/owl/page.jpg')
    expect(finding(report, 'dataset/repeated-photos')?.examples).toEqual(['images/owl/copy.png, like images/owl/0.png'])
    expect(finding(report, 'dataset/photo-in-two-classes')?.examples).toEqual([
      'images/red fox/owl.png (red fox), like images/owl/1.png (owl)',
    ])
  })

  it('and explicit lists go on without them', async () => {
    const list = { trainval: ['owl/1.png', 'owl/bad.png'], testSeen: ['owl/2.png'], testUnseen: ['eel/3.png'] }
    const { report } = await look({ ...animals, 'images/owl/bad.png': 'x', 'splits.json': JSON.stringify(list) })
    expect(report).toMatchObject({ importable: true, splits: { trainval: 1, testSeen: 1, testUnseen: 1 } })
  })

  const wrong: [string, Files][] = [
    ['dataset/unknown-layout', {}],
    ['dataset/no-photos-kept', { 'fox/1.jpg': 'x', 'owl/1.jpg': '' }],
    ['dataset/photos-without-classes', { '1.png': 1, '2.png': 2 }],
    ['dataset/folders-alike', { 'fox/1.png': 1, 'Fox/1.png': 2, 'owl/1.png': 3 }],
    ['dataset/folders-alike', { [`${'까치'.normalize('NFD')}/1.png`]: 1, '까치/1.png': 2 }],
    ['dataset/folders-alike', { 'red_fox/1.png': 1, 'Red Fox/1.png': 2, 'attributes.csv': 'c,a\nred fox,1\n' }],
    ['dataset/several-datasets', { 'one/images/fox/1.png': 1, 'two/images/fox/1.png': 2 }],
  ]
  it.each(wrong)('%s', async (code, files) => {
    const { report } = await look(files)
    expect(codes(report)).toEqual([code])
    expect(report.importable).toBe(false)
    expect(finding(report, code)?.next).toBeTruthy()
  })

  it('folders that a table parts are two, however alike', async () => {
    const { report } = await look({
      'red_fox/1.png': 1,
      'red fox/1.png': 2,
      'attributes.csv': 'c,a\nred fox,1\nred_fox,2\n',
    })
    expect(report).toMatchObject({ importable: true, counts: { classes: 2, images: 2 } })
  })

  it('and names of any letters stay what they are', async () => {
    const names = [
      '<img src=x onerror=alert(1)>',
      '\u202Egnp.xof',
      '🦊🦉',
      "O'Brien; DROP TABLE",
      '=1+1',
      'a\nb',
      '__proto__',
    ]
    const { report, source } = await look(
      Object.assign({}, ...names.map((name, i) => photosOf(name.replaceAll('/', ''), 2, i * 10))) as Files,
    )
    expect(report).toMatchObject({ importable: true, counts: { classes: names.length, images: 2 * names.length } })
    expect([...source!.classNames].sort()).toEqual([...names].sort())
  })

  it('links out of the folder are not followed, also to photos and folders', async () => {
    await using folder = await temporaryFolder()
    const outside = await writeTree(join(folder.path, 'outside'), photosOf('fox', 2, 0))
    const path = await writeTree(join(folder.path, 'Animals'), photosOf('owl', 2, 10))
    await symlink(join(outside, 'fox', '0.png'), join(path, 'owl', 'fox.png'))
    await symlink(join(outside, 'fox'), join(path, 'fox'))
    await symlink('0.png', join(path, 'owl', 'again.png'))
    await symlink('..', join(path, 'owl', 'round'))
    const report = await inspect([path], folder.path)
    expect(report).toMatchObject({ importable: true, photos: 2, counts: { classes: 1 } })
    // Nor is one to a folder that was dropped too: its photos would come twice.
    expect(finding(report, 'dataset/link-not-followed')?.examples).toEqual(['fox', 'owl/fox.png', 'owl/round'])
    expect(finding(report, 'dataset/repeated-photos')?.message).toMatch(/: 1 photo\.$/)
  })

  it('with progress, and cancelling is heard', async () => {
    await using folder = await temporaryFolder()
    const path = await writeTree(join(folder.path, 'Animals'), {
      ...photosOf('fox', 200, 0),
      ...photosOf('owl', 200, 300),
    })
    const controller = new AbortController()
    const said: string[] = []
    const work = inspectTask.run(
      { paths: [path], working: join(folder.path, 'working') },
      { signal: controller.signal, report: ({ message }) => said.push(message) },
    )
    await rm(join(path, 'fox', '7.png'), { force: true })
    controller.abort()
    await expect(work).rejects.toThrow()
    expect(said[0]).toBe('Looking at the files')
  })
})
