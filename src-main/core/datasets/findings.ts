/** A name may be as long as a file allows, and a finding is read by a person. */
const longestExample = 160

export const examplesOf = (values: Iterable<string | number>): string[] =>
  [...values].slice(0, 20).map((value) => {
    const text = String(value)
    return text.length > longestExample ? `${text.slice(0, longestExample)}…` : text
  })
