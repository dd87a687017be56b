import { readFile, readdir, rm } from 'node:fs/promises'
import type { ClientRequest } from 'node:http'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { Grant } from '../../src-main/contract/index.ts'
import { relativeSegments } from '../../src-main/hosts/web/relative-path.ts'
import { codeOf, json, openWebHost, secret, type Answer } from './web-host.ts'

const { base, cookie, folder, grants, ask, request, close } = await openWebHost()
afterAll(close)

describe('uploads', () => {
  const begin = async (): Promise<string> => (json(await ask('POST', '/uploads')) as { upload: string }).upload
  const put = (id: string, path: string, body: string | Buffer): Promise<Answer> =>
    ask('PUT', `/uploads/${id}/file?path=${encodeURIComponent(path)}`, { body })
  const grant = (id: string, name: string): Promise<Answer> =>
    ask('POST', `/uploads/${id}/grant`, { body: JSON.stringify({ name }) })
  const stored = async (id: string): Promise<string[]> =>
    (await readdir(join(folder, 'uploads', id), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)

  it('start in an empty folder', async () => {
    expect(await readdir(join(folder, 'uploads'))).not.toContain('left-by-a-crash')
  })

  it('become the folder that was dropped, and are gone with it', async () => {
    const id = await begin()
    expect((await put(id, 'CUB/res101.mat', 'one')).status).toBe(200)
    expect((await put(id, 'CUB/deep/é ü/x.npy', Buffer.from([1, 2, 3]))).status).toBe(200)
    expect((await put(id, 'CUB/res101.mat', 'two')).status).toBe(200)
    const granted = json(await grant(id, 'CUB')) as Grant
    expect(granted).toMatchObject({ kind: 'folder', name: 'CUB' })
    expect(granted.id).not.toContain(folder)
    const place = grants.resolve(granted.id)
    expect(await readFile(join(place, 'res101.mat'), 'utf8')).toBe('two')
    expect(await readFile(join(place, 'deep/é ü/x.npy'))).toEqual(Buffer.from([1, 2, 3]))
    expect(codeOf(await put(id, 'CUB/later', 'x'))).toBe('upload/closed')
    expect((await ask('DELETE', `/uploads/${id}`)).status).toBe(200)
    expect(await readdir(join(folder, 'uploads'))).not.toContain(id)
    expect(() => grants.resolve(granted.id)).toThrow()
  })

  it('are gone when nothing needs their grant any more', async () => {
    const id = await begin()
    await put(id, 'photo.jpg', 'x')
    grants.release((json(await grant(id, 'photo.jpg')) as Grant).id)
    await vi.waitFor(async () => expect(await readdir(join(folder, 'uploads'))).not.toContain(id))
    expect(codeOf(await put(id, 'photo.jpg', 'x'))).toBe('upload/unknown')
  })

  it('become the file, where there is only one', async () => {
    const id = await begin()
    await put(id, 'features.zip', 'x')
    expect(json(await grant(id, 'features.zip'))).toMatchObject({ kind: 'file', name: 'features.zip' })
  })

  it('of several things become a folder with the name of the drop', async () => {
    const id = await begin()
    await put(id, 'a.npy', 'a')
    await put(id, 'b.csv', 'b')
    const granted = json(await grant(id, 'dropped files')) as Grant
    expect(granted).toMatchObject({ kind: 'folder', name: 'dropped files' })
    expect((await readdir(grants.resolve(granted.id))).sort()).toEqual(['a.npy', 'b.csv'])
    const other = await begin()
    await put(other, 'a.npy', 'a')
    await put(other, 'b.csv', 'b')
    expect(grants.resolve((json(await grant(other, '../../evil')) as Grant).id)).toBe(
      join(folder, 'uploads', other, 'files'),
    )
  })

  it.each([
    '',
    '/etc/passwd',
    '../secret.txt',
    'a/../../secret.txt',
    'a/./b',
    'a//b',
    'a/',
    '..',
    'a\\..\\b',
    'a\0b',
    'a\nb',
    'x'.repeat(300),
    'a/'.repeat(40) + 'b',
  ])('refuse the hostile name %j and keep nothing', async (path) => {
    const id = await begin()
    const refused = await put(id, path, 'x')
    expect(refused.status).toBe(400)
    expect(codeOf(refused)).toBe('files/invalid-path')
    expect(await stored(id)).toEqual([])
    expect(await readFile(join(folder, 'secret.txt'), 'utf8')).toBe(secret)
  })

  it('refuse what Windows reserves, there', () => {
    for (const path of ['CON', 'nul.txt', 'a/COM1', 'a:b', 'dot.', 'blank ']) {
      expect(() => relativeSegments(path, 'win32')).toThrow()
      expect(relativeSegments(path, 'linux')).toEqual(path.split('/'))
    }
  })

  it('refuse a file where a folder is', async () => {
    const id = await begin()
    await put(id, 'a/b', 'x')
    expect(await put(id, 'a', 'x').then(codeOf)).toBe('upload/conflict')
    expect(await put(id, 'a/b/c', 'x').then(codeOf)).toBe('upload/conflict')
  })

  it('keep to the limit, all together, and give back what they release', async () => {
    const first = await begin()
    const second = await begin()
    expect((await put(first, 'a', Buffer.alloc(60_000))).status).toBe(200)
    const refused = await put(second, 'b', Buffer.alloc(60_000))
    expect(refused.status).toBe(413)
    expect(codeOf(refused)).toBe('upload/too-large')
    expect(await stored(second)).toEqual([])
    await ask('DELETE', `/uploads/${first}`)
    expect((await put(second, 'b', Buffer.alloc(60_000))).status).toBe(200)
    await ask('DELETE', `/uploads/${second}`)
  })

  /** A PUT that has sent half of what it announced, and whose first bytes have arrived. */
  async function halfway(id: string): Promise<ClientRequest> {
    const headers = { cookie, origin: base.origin, 'content-length': '2000' }
    const sending = request('PUT', `/uploads/${id}/file?path=big`, headers)
    sending.on('error', () => undefined)
    sending.write(Buffer.alloc(1000))
    await expect.poll(() => stored(id)).toHaveLength(1)
    return sending
  }

  it('that are broken off midway leave nothing', async () => {
    const id = await begin()
    const sending = await halfway(id)
    sending.destroy()
    await expect.poll(() => stored(id)).toEqual([])
    expect(codeOf(await grant(id, 'big'))).toBe('upload/empty')
  })

  it('can be removed while they arrive', async () => {
    const id = await begin()
    const sending = await halfway(id)
    expect((await ask('DELETE', `/uploads/${id}`)).status).toBe(200)
    expect(await readdir(join(folder, 'uploads'))).not.toContain(id)
    sending.destroy()
    expect(codeOf(await put(id, 'x', 'x'))).toBe('upload/unknown')
  })

  it('that fail unexpectedly tell no path: that is in the log', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const id = await begin()
    await rm(join(folder, 'uploads', id, 'incoming'), { recursive: true })
    const failed = await put(id, 'a.npy', 'a')
    expect(failed.status).toBe(500)
    expect(json(failed)).toMatchObject({ message: 'Something unexpected happened in Unseen (ENOENT).' })
    expect(failed.text).not.toContain(folder)
    expect(String(log.mock.lastCall?.[0])).toContain(join(folder, 'uploads', id))
    log.mockRestore()
  })

  it('refuse a body that is no request', async () => {
    const id = await begin()
    expect(codeOf(await ask('POST', `/uploads/${id}/grant`, { body: '{' }))).toBe('web/invalid-request')
    expect(codeOf(await ask('POST', `/uploads/${id}/grant`, { body: '{"name":1}' }))).toBe('web/invalid-request')
    expect(codeOf(await ask('POST', `/uploads/${id}/grant`, { body: ' '.repeat(70_000) }))).toBe(
      'web/request-too-large',
    )
  })
})
