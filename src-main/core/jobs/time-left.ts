/**
 * Seconds that work of `of` equal pieces or bytes will still take when `done` of them took `milliseconds`; null until a
 * hundredth is done: the first of it opens files and connections, and says nothing about the rest.
 */
export function timeLeft(milliseconds: number, done: number, of: number): number | null {
  const tooEarly = milliseconds < 1000 || done < of / 100
  return tooEarly || done === 0 ? null : (milliseconds / 1000 / done) * (of - done)
}
