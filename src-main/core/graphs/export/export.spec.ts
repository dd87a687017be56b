import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { EdgeRule, GraphFormat } from '../../../contract/index.ts'
import { createEngine } from '../../devices/engines.ts'
import { createRandom } from '../../random.ts'
import { createLens } from '../lens.ts'
import { twinsOf, type SidedGraph } from '../twins.ts'
import { exportTwins } from './index.ts'

const hostile = [
  'plain',
  '<script>alert("1")</script> & \'more\'',
  'ثعلب الليل \u202e',
  '🦊👩‍🚀',
  'null\u0000 bell\u0007 tab\t',
  'half \ud83e',
  '=1+2',
  ']]>',
]
const rule: EdgeRule = { kind: 'knn', neighbours: 3 }
const lens = createLens(createEngine('cpu'), 10)
const random = createRandom(5)

async function twins() {
  const rows = () => Float32Array.from({ length: hostile.length * 4 }, () => random.uniform() - 0.5)
  const [left, right] = await Promise.all(
    (['semantic', 'visual'] as const).map(async (space): Promise<SidedGraph> => ({
      space,
      ...(await lens.look(rows(), hostile.length, rule)),
    })),
  )
  const roles = ['seen', 'unseen', 'yours', 'none'] as const
  const classes = hostile.map((name, i) => ({ name, role: roles[i % 4], images: i, accuracy: i === 0 ? null : 50 }))
  const source = { classes, propagationSteps: 1 } as unknown as Parameters<typeof twinsOf>[0]
  return twinsOf(source, { left, right, rule, used: true, missing: null }, 10)
}

const source = { name: '../<Birds>', caption: ['run-1'] }
const positions = Float32Array.from({ length: 2 * hostile.length }, (_, i) => Math.sin(i))
const wanted = (format: GraphFormat) => ({ format, side: 'both', theme: 'light' }) as const
const text = async (format: GraphFormat) =>
  new TextDecoder().decode((await exportTwins(source, await twins(), 0, positions, wanted(format))).bytes)

const reader = join(import.meta.dirname, '../../../../tests/reference/read_graph.py')
/** The first Python that has networkx: a distribution's packages are often only in its own. */
const python = ['python3', '/usr/bin/python3'].find((one) => spawnSync(one, ['-c', 'import networkx']).status === 0)

describe('an export', () => {
  it('has a name that stays in its folder', async () => {
    const { name, type } = await exportTwins(source, await twins(), 1, positions, wanted('csv'))
    expect(name).toBe('..__Birds_-semantic-visual-step-1.csv')
    expect(type).toBe('text/csv')
  })

  it.each(['svg', 'graphml'] as const)('%s is well-formed whatever classes are called', async (format) => {
    const xml = await text(format)
    // eslint-disable-next-line no-control-regex
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\p{Surrogate}/u)
    expect(xml).not.toContain('<script')
    expect(xml).toContain('&lt;script&gt;')
    expect(xml.replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&')
  })

  it('png is twice as sharp as the drawing', async () => {
    const { bytes } = await exportTwins(source, await twins(), 0, positions, wanted('png'))
    const [, width] = /width="(\d+)"/.exec(await text('svg'))!
    expect((await sharp(bytes).metadata()).width).toBe(2 * Number(width))
  })

  it('csv has a line for each edge, and no cell that a spreadsheet would run', async () => {
    const { left, right } = await twins()
    const lines = (await text('csv')).trimEnd().split('\n')
    expect(lines[0]).toBe('space,from,to,attention,cosine,cosine_other,in_both')
    expect(lines).toHaveLength(1 + left!.edges.from.length + right!.edges.from.length)
    expect(lines.join('\n')).toContain("'=1+2")
    expect(lines.join('\n')).not.toMatch(/(^|,)=1/m)
  })

  it('refuses a half that there is not, and positions of other classes', async () => {
    const alone = { ...(await twins()), right: null, missing: 'It needs features.' }
    const right = { ...wanted('svg'), side: 'right' } as const
    await expect(exportTwins(source, alone, 0, positions, right)).rejects.toMatchObject({
      code: 'graph/no-such-half',
      message: 'It needs features.',
    })
    const few = positions.slice(2)
    await expect(exportTwins(source, alone, 0, few, wanted('svg'))).rejects.toMatchObject({ code: 'graph/positions' })
  })

  it.skipIf(python === undefined)('is read by networkx as it was (needs python3 with networkx)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unseen-export-'))
    try {
      const given = await twins()
      const files = await Promise.all(
        (['graphml', 'cyjs'] as const).map(async (format) => {
          const { bytes } = await exportTwins(source, given, 0, positions, wanted(format))
          const path = join(folder, `graph.${format}`)
          await writeFile(path, bytes)
          return path
        }),
      )
      const { stdout, stderr } = spawnSync(python!, [reader, ...files], { encoding: 'utf8' })
      expect(stderr).toBe('')
      const found = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { names: string[]; attention: number })
      const edges = [...given.left!.edges.attention, ...given.right!.edges.attention]
      for (const one of found) {
        expect(one).toMatchObject({ directed: true, edges: edges.length, spaces: ['semantic', 'visual'] })
        expect(one.attention).toBeCloseTo(
          edges.reduce((a, b) => a + b, 0),
          4,
        )
        expect(one.names).toHaveLength(hostile.length)
        expect([one.names[1], one.names[3]]).toEqual([hostile[1], hostile[3]])
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
