/**
 * Imports a file of AWA2's size (37,322 images of 2,048 features, doubles, compressed MATLAB 5) beside SciPy's loadmat.
 *
 *   npx node tests/benchmarks/import-awa2.ts [rounds]
 *
 * Each round measures both in processes of their own, in alternation. Ours inflates, converts to float32, hashes,
 * writes and fsyncs; loadmat only inflates into memory.
 */
import { execFileSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createDeflate } from 'node:zlib'
import { importTask } from '../../src-main/core/datasets/tasks.ts'
import { MatWriter, writeMat5 } from '../../src-main/core/datasets/testing/mat5-writer.ts'

const images = 37_322
const width = 2_048
const classes = 50
const attributes = 85

interface Measured {
  seconds: number
  peakMegabytes: number
}

/** Pooled ReLU outputs as networks give them: skewed, never negative, float32 widened to double. */
function featurePool(size: number): Float32Array {
  const pool = new Float32Array(size)
  for (let i = 0; i < size; i++) {
    const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
    pool[i] = Math.max(0, 0.4 * Math.exp(normal) - 0.05)
  }
  return pool
}

function* featureElement(writer: MatWriter): Generator<Buffer> {
  const front = writer.front(6, [width, images], 'features')
  const data = images * width * 8
  yield Buffer.concat([writer.u32(14, front.length + 8 + data), front, writer.u32(9, data)])
  const pool = featurePool(2 ** 20)
  for (let image = 0; image < images; image++) {
    const scale = 0.5 + Math.random()
    const from = Math.floor(Math.random() * (pool.length - width))
    yield Buffer.from(
      Float64Array.from(pool.subarray(from, from + width), (value) => Math.fround(value * scale)).buffer,
    )
  }
}

async function writeFeatures(path: string): Promise<void> {
  const writer = new MatWriter()
  const labels = writer.variable('labels', {
    dimensions: [images, 1],
    values: Array.from({ length: images }, (_, i) => (i % classes) + 1),
  })
  await writeFile(path, Buffer.concat([writer.header(), writer.compressed(labels), writer.u32(15, 0)]))
  const lengthAt = 128 + writer.compressed(labels).length + 4
  const output = createWriteStream(path, { flags: 'a' })
  await pipeline(featureElement(writer), createDeflate({ level: 6 }), output)
  const file = await open(path, 'r+')
  await file.write(writer.u32(output.bytesWritten), 0, 4, lengthAt)
  await file.close()
}

async function writeSplits(path: string): Promise<void> {
  const lists = { trainval_loc: [] as number[], test_seen_loc: [] as number[], test_unseen_loc: [] as number[] }
  for (let i = 0; i < images; i++) {
    if (i % classes >= 40) lists.test_unseen_loc.push(i + 1)
    else if (Math.floor(i / classes) % 5 === 0) lists.test_seen_loc.push(i + 1)
    else lists.trainval_loc.push(i + 1)
  }
  const columns = Object.entries(lists).map(([name, values]) => [name, { dimensions: [values.length, 1], values }])
  await writeFile(
    path,
    writeMat5({
      allclasses_names: Array.from({ length: classes }, (_, i) => `class ${i}`),
      original_att: {
        dimensions: [attributes, classes],
        values: Array.from({ length: attributes * classes }, () => Math.random() * 100),
      },
      ...(Object.fromEntries(columns) as Record<string, { dimensions: number[]; values: number[] }>),
    }),
  )
}

async function peakMegabytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const kilobytes = /VmHWM:\s+(\d+)/.exec(status)?.[1]
  return Number(kilobytes ?? process.resourceUsage().maxRSS) / 1024
}

async function importOnce(folder: string, workspace: string): Promise<Measured> {
  const started = performance.now()
  await importTask.run(
    {
      paths: [folder],
      workspace,
      working: join(workspace, 'datasets', '.importing-benchmark'),
      name: 'AWA2-sized',
      minusOne: 'value',
      importedAt: new Date().toISOString(),
    },
    { signal: new AbortController().signal, report: () => undefined },
  )
  return { seconds: (performance.now() - started) / 1000, peakMegabytes: await peakMegabytes() }
}

const run = (program: string, ...values: string[]): Measured =>
  JSON.parse(execFileSync(program, values, { encoding: 'utf8' })) as Measured

async function compare(rounds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'unseen-benchmark-'))
  try {
    const source = join(folder, 'AWA2')
    await mkdir(source)
    const features = join(source, 'res101.mat')
    console.error('Writing a file of AWA2’s size …')
    await writeFeatures(features)
    await writeSplits(join(source, 'att_splits.mat'))
    const here = fileURLToPath(import.meta.url)
    const scipy = fileURLToPath(new URL('../reference/scipy_loadmat.py', import.meta.url))
    const show = (who: string, { seconds, peakMegabytes: peak }: Measured) =>
      console.log(`${who.padEnd(14)} ${seconds.toFixed(2)} s, peak ${peak.toFixed(0)} MB`)
    for (let round = 0; round < rounds; round++) {
      const workspace = join(folder, `workspace-${round}`)
      show('import', run(process.execPath, here, '--import', source, workspace))
      await rm(workspace, { recursive: true })
      show('scipy loadmat', run('python3', scipy, features))
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const [first = '3', source, workspace] = process.argv.slice(2)
if (first === '--import') console.log(JSON.stringify(await importOnce(source, workspace)))
else await compare(Number(first))
