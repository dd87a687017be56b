/** A function that remembers its last answer, by what `keyOf` makes of the question; failures are not remembered. */
export function lastKept<Q, T>(
  keyOf: (question: Q) => string,
  make: (question: Q) => Promise<T>,
): (question: Q) => Promise<T> {
  let last: { readonly key: string; readonly made: Promise<T> } | null = null
  return (question) => {
    const key = keyOf(question)
    if (last?.key === key) return last.made
    const kept = { key, made: make(question) }
    last = kept
    kept.made.catch(() => {
      if (last === kept) last = null
    })
    return kept.made
  }
}
