import { afterAll, describe, expect, it } from 'vitest'
import { codeOf, openWebHost, secret } from './web-host.ts'

const { base, cookie, ask, close } = await openWebHost()
afterAll(close)

describe('the door', () => {
  it('opens with the token, once, and stays open with the cookie', async () => {
    const entered = await ask('GET', base.pathname + base.search, { signedIn: false })
    expect(entered.headers.location).toBe('/')
    expect(entered.headers['set-cookie']![0]).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/)
    expect(entered.headers['set-cookie']![0]).toContain(`unseen-${base.port}=`)
    expect(cookie).not.toContain(base.searchParams.get('token'))
    const page = await ask('GET', '/')
    expect(page).toMatchObject({ status: 200, text: '<title>Unseen</title>' })
  })

  it.each(['/', '/host', '/folders', '/assets/main-abc.js', '/?token=', '/?token=wrong', '/host?token=wrong'])(
    'stays shut without them: %s',
    async (path) => {
      const refused = await ask('GET', path, { signedIn: false })
      expect(refused.status).toBe(401)
      expect(codeOf(refused)).toBe('web/not-signed-in')
    },
  )

  it('takes the token at the first page only', async () => {
    expect((await ask('GET', `/host${base.search}`, { signedIn: false })).status).toBe(401)
  })

  it('refuses with a page that a person can read', async () => {
    const refused = await ask('GET', '/', { signedIn: false, headers: { accept: 'text/html' } })
    expect(refused).toMatchObject({ status: 401, headers: { 'content-type': 'text/html; charset=utf-8' } })
    expect(refused.text).toContain('address that Unseen printed')
  })

  it('refuses another page’s cookie', async () => {
    const [name] = cookie.split('=')
    const refused = await ask('GET', '/', { signedIn: false, headers: { cookie: `${name}=x; other=1` } })
    expect(refused.status).toBe(401)
  })

  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.',
    '10.0.0.1',
    '[::2]',
    '127.0.0.1:80@evil',
  ])('refuses the Host of a rebound name: %s', async (name) => {
    const refused = await ask('GET', '/', { headers: { host: name } })
    expect(refused.status).toBe(403)
    expect(codeOf(refused)).toBe('web/host-refused')
  })

  it.each(['localhost', '127.0.0.1', '[::1]'])('lets an SSH tunnel end on any port: %s', async (name) => {
    const entered = await ask('GET', base.pathname + base.search, {
      signedIn: false,
      headers: { host: `${name}:9999` },
    })
    expect(entered.status).toBe(303)
    const own = entered.headers['set-cookie']![0].split(';')[0]
    expect(own).toContain('unseen-9999=')
    const made = await ask('POST', '/uploads', {
      signedIn: false,
      headers: { host: `${name}:9999`, origin: `http://${name}:9999`, cookie: own },
    })
    expect(made.status).toBe(201)
  })

  it.each(['http://127.0.0.1:1', 'http://localhost', 'https://evil.example', 'null'])(
    'refuses changes from another origin: %s',
    async (origin) => {
      const refused = await ask('POST', '/uploads', { headers: { origin } })
      expect(refused.status).toBe(403)
      expect(codeOf(refused)).toBe('web/origin-refused')
    },
  )

  it('sends strict headers with everything', async () => {
    for (const { headers } of [
      await ask('GET', '/'),
      await ask('GET', '/', { signedIn: false }),
      await ask('GET', '/host'),
    ]) {
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/)
      expect(headers['content-security-policy']).not.toContain('unsafe')
      // Pictures are shown from bytes.
      expect(headers['content-security-policy']).toContain("; img-src 'self' blob: data:;")
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
    }
  })

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '/%00',
    '//etc/passwd',
    '/\\..\\secret.txt',
  ])('serves nothing outside of the pages: %s', async (path) => {
    const answer = await ask('GET', path)
    expect(answer.text).not.toContain(secret)
    expect([400, 404]).toContain(answer.status)
  })

  it('keeps what is named after its content', async () => {
    expect((await ask('GET', '/assets/main-abc.js')).headers['cache-control']).toContain('immutable')
    expect((await ask('GET', '/')).headers['cache-control']).toBe('no-cache')
  })
})
