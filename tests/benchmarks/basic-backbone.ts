/**
 * How well the built-in backbone tells the seen animals of ../shared apart: nearest class mean of normalised features,
 * on the first fifth of each class's photos by their SHA-256 (as where a dataset brings no split), and leaving one out.
 *
 *   npx node tests/benchmarks/basic-backbone.ts
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBasic } from '../../src-main/core/backbones/basic/index.ts'
import { createExtractor } from '../../src-main/core/backbones/index.ts'

const animals = join(import.meta.dirname, '../../../shared/data/caltech-animals')

const { unseen } = JSON.parse(await readFile(join(animals, 'splits.json'), 'utf8')) as { unseen: string[] }
const classes = (await readdir(join(animals, 'images'))).sort().filter((name) => !unseen.includes(name))
const photos: { label: number; path: string; sha256: string; features: Float32Array }[] = []

const cache = await mkdtemp(join(tmpdir(), 'unseen-basic-'))
const before = performance.now()
const { manifest, model } = await ensureBasic(cache)
console.log(`made in ${Math.round(performance.now() - before)} ms: ${manifest.recipe.dimension} features`)

const files = await Promise.all(
  classes.map(async (name, label) =>
    (await readdir(join(animals, 'images', name))).map((file) => ({
      label,
      path: join(animals, 'images', name, file),
    })),
  ),
).then((lists) => lists.flat())
const { signal } = new AbortController()
const extractor = await createExtractor({ manifest, model, cache, providers: ['cpu'], signal })
for await (const { at, features, sha256 } of extractor.extract(files)) {
  if (features === null || sha256 === null) throw new Error(`“${files[at].path}” cannot be read.`)
  const norm = Math.hypot(...features)
  photos.push({ ...files[at], sha256, features: features.map((value) => value / norm) })
}
await extractor.release()
await rm(cache, { recursive: true })

/** Share of photos nearest to the mean of their own class; a photo that makes a mean with others is left out of it. */
function nearestClassMean(tested: typeof photos, means: typeof photos): number {
  const sums = classes.map((_, label) => {
    const own = means.filter((photo) => photo.label === label)
    return {
      count: own.length,
      sum: own[0].features.map((_, d) => own.reduce((total, { features }) => total + features[d], 0)),
    }
  })
  const right = tested.filter(({ label, features }) => {
    const inMeans = means.some((photo) => photo.features === features)
    const distances = sums.map(({ count, sum }, other) => {
      const without = inMeans && other === label ? 1 : 0
      return features.reduce(
        (total, value, d) => total + (value - (sum[d] - without * value) / (count - without)) ** 2,
        0,
      )
    })
    return distances.indexOf(Math.min(...distances)) === label
  })
  return right.length / tested.length
}

const test = classes.flatMap((_, label) => {
  const own = photos.filter((photo) => photo.label === label).sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
  return own.slice(0, Math.round(own.length / 5))
})
const rest = photos.filter((photo) => !test.includes(photo))
const show = (share: number) => share.toFixed(3)
console.log(`${photos.length} photos of ${classes.length} seen classes`)
console.log(`a fifth, ${test.length} photos: ${show(nearestClassMean(test, rest))}`)
console.log(`leaving one out: ${show(nearestClassMean(photos, photos))}`)
