import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Grant } from '../../src-main/contract/index.ts'
import { json, openWebHost, type Answer } from './web-host.ts'

const { folder, grants, ask, close } = await openWebHost()
afterAll(close)

describe('the folder picker', () => {
  const list = (path: string): Promise<Answer> => ask('GET', `/folders?path=${encodeURIComponent(path)}`)

  it('is announced', async () => {
    expect(json(await ask('GET', '/host'))).toEqual({ kind: 'web', folderPicker: true })
  })

  it('lists what lies inside, in a person’s order, without the links that lead out', async () => {
    const top = { path: '', parent: null, folders: ['inwards', 'sub'], files: ['file 9.csv', 'file 10.csv'] }
    expect(json(await list(''))).toEqual(top)
    expect(json(await list('sub'))).toEqual({ path: 'sub', parent: '', folders: [], files: ['inner.mat'] })
  })

  it('grants a folder', async () => {
    const granted = json(await ask('POST', '/folders/grant', { body: JSON.stringify({ path: 'sub' }) })) as Grant
    expect(granted).toMatchObject({ name: 'sub', kind: 'folder' })
    expect(grants.resolve(granted.id)).toBe(join(folder, 'root/sub'))
  })

  it.each(['..', '../secret.txt', 'sub/../..', '/', 'outwards', 'outwards/secret.txt', 'nowhere', 'sub/\0'])(
    'neither lists nor grants %j',
    async (path) => {
      expect([400, 404]).toContain((await list(path)).status)
      const refused = await ask('POST', '/folders/grant', { body: JSON.stringify({ path }) })
      expect([400, 404]).toContain(refused.status)
    },
  )
})
