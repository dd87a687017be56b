import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backbone, ClassEvaluation, DatasetManifest, RunResult, WireError } from '../../src-main/contract/index.ts'
import type { ClassesReport } from '../../src-main/hosts/cli/commands/classes.ts'
import type { ClassifyReport } from '../../src-main/hosts/cli/commands/classify-report.ts'
import { averagesRecipe, photoOf, quickKnobs, writeAverages, writeColours } from './colours.ts'

const entry = join(resolve(import.meta.dirname, '../..'), 'src-main/hosts/cli/main.ts')

let folder: string
const inFolder = (name: string): string => join(folder, name)

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A real process, from the sources. */
function unseen(...words: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [entry, ...words], {
    env: { ...process.env, UNSEEN_WORKSPACE: inFolder('workspace') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (texts[name] += text))
  }
  return new Promise((ended) => child.on('close', (code) => ended({ code, ...texts })))
}

/** The one object that `--json` promises. */
async function told<T>(...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await unseen(...words, '--json')
  expect({ code, lines: stdout.trimEnd().split('\n').length }, stderr).toEqual({ code: 0, lines: 1 })
  return JSON.parse(stdout) as T
}

async function refused(code: number, ...words: string[]): Promise<WireError> {
  const ended = await unseen(...words, '--json')
  expect(ended.code, ended.stderr).toBe(code)
  return (JSON.parse(ended.stdout) as { error: WireError }).error
}

const knobs = Object.entries(quickKnobs).flatMap(([key, value]) => ['--set', `${key}=${value}`])
let run: RunResult

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-shell-'))
  await writeColours(inFolder('colours'))
  await writeAverages(inFolder('averages.onnx'))
  const { mean, scale } = averagesRecipe
  const recipe = ['--set', `mean=${mean.join()}`, '--set', 'std=1,1,1', '--set', `scale=${scale}`, '--set', 'offset=0']
  const backbone = await told<Backbone>(
    'backbone',
    'import',
    inFolder('averages.onnx'),
    '--name',
    'Averages',
    ...recipe,
  )
  expect(backbone).toMatchObject({ id: 'averages', name: 'Averages', origin: 'own', installed: true, dimension: 3 })
  // Photos, features and training in one go, with the only network that was installed.
  run = await told<RunResult>('train', inFolder('colours'), '--device', 'cpu', ...knobs)
}, 180_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

async function newPhotos(name: string): Promise<string> {
  await mkdir(inFolder(name))
  for (const colour of ['red', 'cyan']) await writeFile(join(inFolder(name), `${colour}.png`), await photoOf(colour))
  await writeFile(join(inFolder(name), 'broken.jpg'), 'not a picture')
  return inFolder(name)
}

describe('unseen train, on a folder of photos', () => {
  it('imports it, makes its features and trains', () => {
    expect(run).toMatchObject({ method: 'ipn', device: 'cpu' })
    expect(run.T1).toBeGreaterThan(0)
    expect(run.confidence?.temperature).toBeGreaterThan(0)
  })
})

describe('unseen classify', () => {
  it('prints one object: every photo, its classes and what could not be read', async () => {
    const path = await newPhotos('trip')
    const report = await told<ClassifyReport>('classify', run.run, path, '--top', '2')
    expect(report).toMatchObject({ run: run.run, gamma: run.calibrated.gamma })
    expect(report.photos.map(({ file }) => file).sort()).toEqual(['broken.jpg', 'cyan.png', 'red.png'])
    for (const { file, top, error } of report.photos) {
      expect(top).toHaveLength(file === 'broken.jpg' ? 0 : 2)
      expect(error?.code).toBe(file === 'broken.jpg' ? 'photo/not-a-picture' : undefined)
      for (const one of top) expect(one.probability).toBeGreaterThanOrEqual(0)
    }
    // A γ beyond all scores leaves only unseen classes at the top.
    const biased = await told<ClassifyReport>('classify', run.run, path, '--gamma', '1e6')
    const roles = biased.photos.flatMap(({ top }) => top.slice(0, 2).map(({ role }) => role))
    expect(new Set(roles)).toEqual(new Set(['unseen']))
  })

  it('prints a table, writes one, and copies photos into folders', async () => {
    const path = await newPhotos('more')
    const printed = await unseen('classify', run.run, path, '--csv')
    expect(printed.stdout.split('\n')[0]).toBe(
      'file,label,none_of_these,problem,class_1,role_1,probability_1,class_2,role_2,probability_2,class_3,role_3,probability_3,class_4,role_4,probability_4,class_5,role_5,probability_5',
    )
    expect(printed.stdout.trimEnd().split('\n')).toHaveLength(4)
    const [table, into] = [inFolder('table.csv'), inFolder('sorted')]
    const ended = await unseen('classify', run.run, path, '--csv', table, '--sort-into', into)
    expect(ended).toMatchObject({ code: 0 })
    expect(ended.stdout).toMatch(/^red\.png .* %/m)
    expect(await readFile(table, 'utf8')).toBe(printed.stdout)
    const copies = await Promise.all((await readdir(into)).map((name) => readdir(join(into, name))))
    expect(copies.flat().sort()).toEqual(['cyan.png', 'red.png'])
  })

  it('refuses, in a sentence, what it cannot do', async () => {
    const path = await newPhotos('wrong')
    expect(await refused(1, 'classify', 'nonesuch', path)).toMatchObject({ code: 'run/unknown' })
    expect(await refused(1, 'classify', run.run, inFolder('nowhere'))).toMatchObject({ code: 'grant/not-found' })
    await writeFile(inFolder('letter.txt'), 'Dear Sir or Madam')
    expect(await refused(1, 'classify', run.run, inFolder('letter.txt'))).toMatchObject({ code: 'classify/no-photos' })
    const misspelt = [['--csv', join(path, 'red.png')], ['--csv'], ['--gamma', 'high'], ['--top', '6']]
    const errors = await Promise.all(misspelt.map((words) => refused(2, 'classify', run.run, path, ...words)))
    expect(errors.map(({ code }) => code)).toEqual(misspelt.map(() => 'cli/usage'))
  })
})

describe('classes that a person describes', () => {
  const table = 'name,red,green,blue\ncyan,30,200,210\nmy orange,225,120,?\n'

  it('take part for once by --classes: in the place of an unseen class that is called so, or besides', async () => {
    const path = await newPhotos('described')
    await writeFile(inFolder('described.csv'), table)
    const report = await told<ClassifyReport>('classify', run.run, path, '--classes', inFolder('described.csv'))
    const named = new Map(report.photos.flatMap(({ top }) => top.map((one) => [one.class, one.role])))
    expect([named.get('cyan'), named.get('my orange')]).toEqual(['yours', 'yours'])
    // Nothing of it is kept.
    expect((await told<ClassesReport>('classes', run.run)).classes).toEqual([])
    expect(await refused(1, 'classes', run.run, '--export', inFolder('none.csv'))).toMatchObject({
      code: 'classes/none',
    })
  })

  it('are measured by evaluate --classes', async () => {
    await writeFile(inFolder('both.csv'), 'name,red,green,blue\ncyan,30,200,210\nwhite,235,235,235\n')
    const measured = await told<ClassEvaluation>('evaluate', run.run, '--classes', inFolder('both.csv'))
    expect(measured).toMatchObject({ T1: run.T1, ...run.calibrated })
    expect(measured.described).toMatchObject([
      { name: 'cyan', images: 8 },
      { name: 'white', images: 8 },
    ])
    const { stdout } = await unseen('evaluate', run.run, '--classes', inFolder('described.csv'))
    expect(stdout).toMatch(/^ {2}cyan: [\d.]+ % of 8$/m)
    expect(stdout).toMatch(/^ {2}my orange: no labelled image$/m)
  })

  it('whose table cannot be taken as it is are told of, and what is in a name commands no terminal', async () => {
    const path = await newPhotos('doubtful')
    await symlink(inFolder('colours'), join(path, 'more'))
    const doubtful = inFolder('doubtful.csv')
    await writeFile(doubtful, 'name,red,green,fur\n\u001b[31mloud\u0007,"30,5",9000,1\nquiet,much,100,3\n')
    for (const words of [
      ['classify', run.run, path],
      ['evaluate', run.run],
    ]) {
      const { code, stdout, stderr } = await unseen(...words, '--classes', doubtful)
      expect(code).toBe(0)
      for (const told of [
        '▲ 1 column of this table is not an attribute of this run and left out.',
        '▲ 1 value is not a number and read as “not known”.',
        '▲ 1 value lies outside of the range',
      ]) {
        expect(stderr).toContain(told)
      }
      if (words[0] === 'classify') expect(stderr).toContain('▲ 1 link leads out of what was dropped')
      expect(stdout + stderr).not.toMatch(/(?!\n)\p{Cc}/u)
    }
    const measured = await told<ClassEvaluation>('evaluate', run.run, '--classes', doubtful)
    expect(measured.findings.map(({ level }) => level)).toContain('warning')
    expect(measured.described[0].name).toBe('\u001b[31mloud\u0007')
  })

  it('are imported, listed and exported by unseen classes, and take part from then on', async () => {
    const imported = await unseen('classes', run.run, '--import', inFolder('described.csv'))
    expect(imported).toMatchObject({ code: 0 })
    expect(imported.stderr).toContain('▲ 1 name was taken and got a number.')
    const file = inFolder('exported.csv')
    const report = await told<ClassesReport>('classes', run.run, '--export', file)
    expect(report).toEqual({
      ...{ run: run.run, added: [], file },
      classes: [
        { name: 'cyan (2)', on: true, known: 3, photos: 0 },
        { name: 'my orange', on: true, known: 2, photos: 0 },
      ],
    })
    expect(await readFile(file, 'utf8')).toBe('"class","red","green","blue"\ncyan (2),30,200,210\nmy orange,225,120,\n')
    const measured = await told<ClassEvaluation>('evaluate', run.run, '--classes')
    expect(measured.described.map(({ name }) => name)).toEqual(['cyan (2)', 'my orange'])

    expect(await refused(2, 'classes', run.run, '--export', join(inFolder('described'), 'red.png'))).toMatchObject({
      code: 'cli/usage',
    })
    expect(await refused(1, 'classes', 'nonesuch')).toMatchObject({ code: 'run/unknown' })
  })
})

describe('unseen backbone, features and import', () => {
  it('makes features of photos that are imported, and again where that is wanted', async () => {
    const dataset = await told<DatasetManifest>('import', inFolder('colours'), '--backbone', 'averages')
    expect(dataset).toMatchObject({ photos: true, backbone: { id: 'averages' }, counts: { features: 3 } })
    const again = await told<DatasetManifest>('features', dataset.id, '--backbone', 'averages')
    expect(again.contentHash).toBe(dataset.contentHash)
  })

  it('lists what is installed and what can be had; one that is removed is gone', async () => {
    const list = async () => (await told<{ backbones: Backbone[] }>('backbone', 'list')).backbones
    const backbones = await list()
    expect(backbones.map(({ origin }) => origin)).toContain('basic')
    expect((await unseen('backbone', 'list')).stdout).toMatch(/^averages +installed +3 +Averages/m)

    await told('backbone', 'remove', 'averages')
    expect((await list()).filter(({ origin, installed }) => origin === 'own' && installed)).toEqual([])
    expect(await refused(1, 'classify', run.run, inFolder('colours'))).toMatchObject({
      code: 'classify/backbone-missing',
    })
    expect((await refused(1, 'backbone', 'download', 'nonesuch')).code).toMatch(/^backbone\//)
  })

  it('names the fields there are', async () => {
    const error = await refused(2, 'backbone', 'import', 'x.onnx', '--set', 'size=224')
    expect(error.message).toMatch(/no knob “size”.*inputSize/s)
  })
})
