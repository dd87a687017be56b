import { describe, expect, it } from 'vitest'
import { backboneIdSchema, backboneManifestSchema } from '../../../contract/index.ts'
import { catalogue } from './index.ts'

describe('the catalogue', () => {
  it('has what a manifest needs', () => {
    for (const { id, name, recipe, licence, source } of catalogue) {
      backboneManifestSchema.parse({ id, name, recipe, licence, source, sha256: '0'.repeat(64) })
    }
    const ids = catalogue.map(({ id }) => backboneIdSchema.parse(id))
    expect(new Set([...ids, 'basic']).size).toBe(ids.length + 1)
  })

  it('offers for download only what is encrypted on its way and can be checked; says so of the rest', () => {
    for (const { note, download } of catalogue) {
      if (download === null) {
        expect(note).toContain('unverified')
      } else {
        expect(new URL(download.url).protocol).toBe('https:')
        expect(download.sha256).toMatch(/^[0-9a-f]{64}$/)
        expect(download.bytes).toBeGreaterThan(1e6)
        expect(note).not.toContain('unverified')
      }
    }
  })
})
