import type { Feeds, NamedTensors } from '../engine.ts'
import { tensorFlowFailed, type Runtime, type Tensor } from './runtime.ts'

/** Lends what is fed under the names in `wanted` to `use` as tensors. The seam allows feeding more than is needed. */
export function withFeeds<T>(
  tf: Runtime,
  wanted: ReadonlySet<string>,
  feeds: Feeds,
  use: (given: Map<string, Tensor>) => T,
): T {
  const lent: Tensor[] = []
  try {
    const given = new Map<string, Tensor>()
    for (const name of wanted) {
      if (!Object.hasOwn(feeds, name)) continue
      const feed = feeds[name]
      const tensor = 'integers' in feed ? tf.integers(feed.integers) : tf.upload(feed.data, feed.shape)
      lent.push(tensor)
      given.set(name, tensor)
    }
    return use(given)
  } finally {
    lent.forEach(tf.free)
  }
}

export function readAll(tf: Runtime, results: ReadonlyMap<string, Tensor>, names: readonly string[]): NamedTensors {
  return Object.fromEntries(
    names.map((name) => {
      const tensor = results.get(name)
      if (tensor === undefined) throw tensorFlowFailed(`there is no “${name}”.`)
      return [name, { data: tf.read(tensor), shape: tensor.shape }]
    }),
  )
}
