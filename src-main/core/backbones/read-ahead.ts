/**
 * `read` of each item, in order, begun for up to `depth()` of them before they are asked for. An iterator that ends early
 * (an error, a consumer that leaves) waits for nothing but lets what has begun end unheard.
 */
export async function* readAhead<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  read: (item: Item) => Promise<Result>,
  depth: () => number,
  signal: AbortSignal,
): AsyncGenerator<Result> {
  const begun: Promise<Result>[] = []
  const source: { ended: boolean; failure: { thrown: unknown } | null } = { ended: false, failure: null }
  let left = false
  // Resolved and renewed whenever the other side has done something.
  let changed = signalled()
  const tell = (): void => {
    changed.resolve()
    changed = signalled()
  }

  async function begin(): Promise<void> {
    try {
      for await (const item of items) {
        const result = read(item)
        result.catch(() => undefined) // told where it is awaited
        begun.push(result)
        tell()
        while (begun.length >= depth() && !left) await changed.promise
        if (left) return
      }
    } catch (thrown) {
      source.failure = { thrown }
    } finally {
      source.ended = true
      tell()
    }
  }

  const stop = (): void => tell()
  signal.addEventListener('abort', stop)
  void begin()
  try {
    for (;;) {
      signal.throwIfAborted()
      const next = begun[0] as Promise<Result> | undefined
      if (next !== undefined) {
        const result = await next
        void begun.shift()
        tell()
        yield result
      } else if (source.ended) {
        if (source.failure !== null) throw source.failure.thrown
        return
      } else await changed.promise
    }
  } finally {
    left = true
    signal.removeEventListener('abort', stop)
    tell()
  }
}

function signalled(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
