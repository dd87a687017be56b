/**
 * Seconds that work of `of` equal pieces will still take when `done` of them took `milliseconds`; null until enough is done
 * to say: the first pieces open files and start threads, and say nothing about the rest.
 */
export function timeLeft(milliseconds: number, done: number, of: number): number | null {
  const tooEarly = milliseconds < 1000 || (done < 10 && done < of / 100)
  return tooEarly || done === 0 ? null : (milliseconds / 1000 / done) * (of - done)
}
