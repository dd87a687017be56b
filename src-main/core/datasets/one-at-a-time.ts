/** Runs what concerns one thing (a dataset, by its id) one after another; different things do not wait for each other. */
export function oneAtATime(): <T>(id: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return (id, work) => {
    const before = last.get(id) ?? Promise.resolve()
    const mine = before.then(work, work)
    last.set(id, mine)
    const forget = (): void => {
      if (last.get(id) === mine) last.delete(id)
    }
    mine.then(forget, forget)
    return mine
  }
}
