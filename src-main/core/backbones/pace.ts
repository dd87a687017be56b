const pacedOver = 10_000 // ms that the speed is taken over
const fewest = 2000 // ms that must have been measured before anything is said of it
/** Photos of one run of the network come together, in less than this, ms. */
const together = 100

/**
 * Photos a second, told how many are done at which time, ms; null until that has been measured. It is taken from the end
 * of the first run of the network on, which opened it, and over whole runs: the first photo of one says nothing of its rest.
 */
export function createPace(): (done: number, time: number) => number | null {
  const runs: { done: number; readonly time: number }[] = []
  return (done, time) => {
    const last = runs.at(-1)
    if (last && time - last.time < together) last.done = done
    else runs.push({ done, time })
    // Two whole ones and that which is coming, however slow they are.
    while (runs.length > 3 && time - runs[0].time > pacedOver) runs.shift()
    const whole = runs.at(-2)
    if (!whole || whole.time - runs[0].time < fewest) return null
    return ((whole.done - runs[0].done) * 1000) / (whole.time - runs[0].time)
  }
}
