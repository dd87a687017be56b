import fc from 'fast-check'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../contract/index.ts'
import { temporaryFolder } from '../testing/folders.ts'
import { sheetXml, writeXlsx } from '../testing/xlsx-writer.ts'
import { writeZip } from '../testing/zip-writer.ts'
import { csvLine } from './csv.ts'
import { readTable } from './table.ts'

const { signal } = new AbortController()

async function read(name: string, content: string | Buffer): Promise<string[][]> {
  await using folder = await temporaryFolder()
  const path = join(folder.path, name)
  await writeFile(path, content)
  return await readTable({ path, name }, signal)
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (thrown: unknown) => {
      if (thrown instanceof AppError) return thrown.code
      throw thrown
    },
  )

const animals = [
  ['class', 'big', 'fur'],
  ['여우', '0.5', '1'],
  ['élan', '1', ''],
]

describe('a table of text', () => {
  it.each([
    ['commas', 'a.csv', 'class,big,fur\n여우,0.5,1\nélan,1,\n'],
    ['commas, quoted', 'a.csv', '"class","big","fur"\r\n"여우","0.5","1"\r\n"élan","1",""\r\n'],
    ['tabs', 'a.tsv', 'class\tbig\tfur\n여우\t0.5\t1\nélan\t1\t\n'],
    ['semicolons and decimal commas', 'a.csv', 'class;big;fur\n여우;0,5;1\nélan;1;\n'],
    ['decimal commas in quotes', 'a.csv', 'class,big,fur\n여우,"0,5",1\nélan,1,\n'],
    ['the line that tells Excel the separator', 'a.csv', 'sep=;\r\nclass;big;fur\r\n여우;0,5;1\r\nélan;1;\r\n'],
    ['a mark in front', 'a.csv', '\ufeffclass,big,fur\n여우,0.5,1\nélan,1,\n'],
    [
      'UTF-16, as Excel’s “Unicode text”',
      'a.txt',
      Buffer.from('\ufeffclass\tbig\tfur\n여우\t0.5\t1\nélan\t1\t\n', 'utf16le'),
    ],
  ])('is read with %s', async (_, name, content) => {
    expect(await read(name, content)).toEqual(animals)
  })

  it('has numbers as half of the world writes them', async () => {
    const written = ['1.234,5', '12.000', '1,5E-03', '12,5 %', '−0,25', '0.500', '1,234']
    const [, ...cells] = (await read('a.csv', `class;${written.join(';')}\n`))[0]
    expect(cells).toEqual(['1234.5', '12000', '1.5E-03', '12.5 %', '−0.25', '0.500', '1.234'])
    // Where commas part cells, this one may part thousands.
    expect((await read('a.csv', 'fox,"1,234","1.234,567",12.000\n'))[0]).toEqual(['fox', '1,234', '1234.567', '12.000'])
  })

  it('has its separators looked for below a title', async () => {
    expect((await read('a.csv', 'My animals\nclass,big\nfox,1\n'))[2]).toEqual(['fox', '1'])
  })

  it('is read in the encodings of Korean and of Western spreadsheets', async () => {
    // 여우 in KS X 1001; é in Windows-1252.
    expect(await read('a.csv', Buffer.from('class,x\n\xbf\xa9\xbf\xec,1\n', 'latin1'))).toEqual([
      ['class', 'x'],
      ['여우', '1'],
    ])
    expect(await read('a.csv', Buffer.from('class,x\n\xe9lan,1\n', 'latin1'))).toEqual([
      ['class', 'x'],
      ['élan', '1'],
    ])
  })

  it('may have rows of different widths', async () => {
    expect(await read('a.csv', 'class,x,y\nfox,1\n')).toEqual([
      ['class', 'x', 'y'],
      ['fox', '1'],
    ])
  })

  it('is refused where it is none', async () => {
    expect(await codeOf(read('a.csv', Buffer.from([0x50, 0, 1, 2])))).toBe('dataset/unsupported-content')
    expect(await codeOf(read('a.csv', 'class,"x\n'))).toBe('dataset/damaged-file')
    expect(await codeOf(read('a.xls', 'whatever'))).toBe('dataset/unsupported-content')
    expect(await codeOf(read('a.ods', 'whatever'))).toBe('dataset/unsupported-content')
  })

  it('of any cells comes back as it was', async () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 12 })
    const table = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const text = csvLine(['class', 'one', 'two']) + rows.map(csvLine).join('')
        const written = rows.filter((row) => row.join('') !== '' || row.length > 1)
        expect((await read('a.csv', text)).slice(1)).toEqual(written)
      }),
      { numRuns: 100, interruptAfterTimeLimit: 2000 },
    )
  })
})

describe('a spreadsheet', () => {
  const sheet = [
    ['class', 'big', 'fur'],
    ['여우 <b>', 0.5, true],
    ['élan & co', null, false],
  ]

  it('is read: its first sheet, or the one called attributes', async () => {
    const rows = [
      ['class', 'big', 'fur'],
      ['여우 <b>', '0.5', '1'],
      ['élan & co', '', '0'],
    ]
    expect(await read('a.xlsx', writeXlsx({ Sheet1: sheetXml(sheet), Notes: sheetXml([['x']]) }))).toEqual(rows)
    expect(await read('a.XLSX', writeXlsx({ Notes: sheetXml([['x']]), Attributes: sheetXml(sheet) }))).toEqual(rows)
  })

  it('is looked for behind notes and empty sheets', async () => {
    const bytes = writeXlsx({
      Empty: sheetXml([]),
      'Read me': sheetXml([['A note'], ['and more']]),
      T: sheetXml(sheet),
    })
    expect((await read('a.xlsm', bytes))[0]).toEqual(['class', 'big', 'fur'])
  })

  const withSheet = (change: (xml: string) => string) => writeXlsx({ Sheet1: change(sheetXml(sheet)) })

  it('has the value of a merged cell in each of its cells, but for titles and names', async () => {
    const merged = withSheet((xml) =>
      xml.replace(
        '</sheetData>',
        '</sheetData><mergeCells count="2"><mergeCell ref="B2:B3"/><mergeCell ref="A1:A2"/></mergeCells>',
      ),
    )
    expect(await read('a.xlsx', merged)).toEqual([
      ['class', 'big', 'fur'],
      ['여우 <b>', '0.5', '1'],
      ['élan & co', '0.5', '0'],
    ])
  })

  it.each([
    ['a formula without its result', '<c r="B2"><f>1/2</f></c>', /formula.*B2/],
    ['a formula with an empty result', '<c r="B2"><f>1/2</f><v></v></c>', /formula.*B2/],
    ['an error', '<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', /error in B2/],
  ])('says where it has %s', async (_, cell, message) => {
    const changed = withSheet((xml) => xml.replace('<c r="B2"><v>0.5</v></c>', cell))
    await expect(read('a.xlsx', changed)).rejects.toMatchObject({
      ...{ code: 'dataset/unsupported-content', message: expect.stringMatching(message) as string },
    })
  })

  it('with a cell in its last corner is refused before there is room made for it, whatever its parts are called', async () => {
    const corner = sheetXml([['class']]).replace(
      '</sheetData>',
      '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
    )
    for (const folder of ['worksheets', 'Worksheets']) {
      const started = performance.now()
      expect(await codeOf(read('a.xlsx', writeXlsx({ Sheet1: corner }, folder)))).toBe('dataset/impossible-size')
      expect(performance.now() - started).toBeLessThan(1000)
    }
  })

  it('that is a bomb is refused', async () => {
    const name = 'xl/worksheets/sheet1.xml'
    const bomb = writeZip([{ name, data: Buffer.alloc(70 * 2 ** 20, ' ') }])
    expect(await codeOf(read('a.xlsx', bomb))).toBe('dataset/compression-bomb')
    // Less than it is large in memory, and more than any table takes.
    const many = writeZip([{ name, data: Buffer.alloc(2 ** 20) }], 65)
    expect(await codeOf(read('a.xlsx', many))).toMatch(/^dataset\/(?:impossible-size|compression-bomb)$/)
    const liar = writeZip([{ name, data: Buffer.alloc(2 ** 20), announcedBytes: 1000 }])
    expect(await codeOf(read('a.xlsx', liar))).toBe('dataset/damaged-file')
  })

  it('with any byte changed is read or refused', async () => {
    const original = writeXlsx({ Sheet1: sheetXml(sheet) })
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(original)
        bytes[at] ^= change
        expect(await codeOf(read('a.xlsx', bytes))).toMatch(/^(?:done|dataset\/[a-z-]+)$/)
      }),
      { numRuns: 150, interruptAfterTimeLimit: 2000 },
    )
  }, 15_000)
})
