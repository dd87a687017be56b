import { createHash } from 'node:crypto'

/** Names that Windows keeps for devices; a workspace may be copied there. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)$/

/** Ids for a thing of this name, best first, without end. @param kind what it is, where the name alone will not do. */
export function* idsFor(name: string, kind = 'dataset'): Generator<string> {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 48)
    .replace(/^-+|-+$/g, '')
  // Nothing is left of a name in Hangul, say: what stands for it must still be the same each time.
  const tail = createHash('sha256').update(name).digest('hex').slice(0, 6)
  const base = slug === '' ? `${kind}-${tail}` : reserved.test(slug) ? `${kind}-${slug}` : slug
  yield base
  for (let n = 2; ; n++) yield `${base}-${n}`
}
