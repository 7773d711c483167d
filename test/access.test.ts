/** Who may do what, at a real server: people and scripts. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/folders.ts'
import { rollcall, ServerProcess } from './support/process.ts'
import { get, statusOf } from './support/raw-http.ts'
import { startServer } from './support/server.ts'

/** The routes that are open to everybody, as docs/access.md has them. */
const OPEN = [
  'GET /api/health',
  'GET /api/secure',
  'GET /assets/*',
  'GET /camera',
  'GET /camera/*',
  'POST /api/login',
  'GET /login',
  'GET /login.css',
  'GET /login.js',
  'GET /login.svg',
  'GET /ca.crt',
  'GET /ca.mobileconfig',
  'GET /trust',
  'GET /trust.css',
  'GET /trust.js',
  'GET /warning-en.svg',
  'GET /warning-zh.svg',
]

async function house(options: Parameters<typeof startServer>[0] = {}) {
  const started = await startServer(options)
  const origin = `http://127.0.0.1:${started.port}`
  const secrets = JSON.parse(await readFile(join(started.data, '.rollcall/access.json'), 'utf8')) as Record<
    'accessToken' | 'watchToken' | 'cameraKey',
    string
  >
  const login = (token: string, headers: Record<string, string> = {}) =>
    fetch(`${origin}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ token }),
    })
  return { ...started, origin, ...secrets, login }
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
/** What a browser sends back of a Set-Cookie. */
const cookieOf = (response: Response) => ({ cookie: response.headers.get('set-cookie')!.split(';')[0]! })

describe('every route', () => {
  it('is closed without a token and open with it, but those of the list', async () => {
    const { server, origin, accessToken } = await house({ trustProxy: '127.0.0.1' })
    expect(server.routes).toContain('GET /')
    // The last makes the tokens anew.
    const last = 'POST /api/tokens/rotate'
    for (const [i, route] of [...server.routes.filter((route) => route !== last), last].entries()) {
      const [method = '', path = ''] = route.split(' ')
      const ask = (headers: Record<string, string>) =>
        fetch(`${origin}${path}`, { method, headers, redirect: 'manual' })
      const [without, wrong, right] = [
        await ask({}),
        // Each from another address: none of them fails too often.
        await ask({ ...bearer('wrong'), 'x-forwarded-for': `192.0.2.${i}` }),
        await ask(bearer(accessToken)),
      ]
      if (OPEN.includes(route)) {
        expect([route, without.status]).not.toEqual([route, 401])
      } else if (route === 'GET /') {
        expect([without.status, without.headers.get('location'), wrong.status]).toEqual([302, '/login', 401])
      } else {
        expect([route, without.status, wrong.status]).toEqual([route, 401, 401])
        expect(await without.json()).toMatchObject({ code: 'UNAUTHORIZED' })
      }
      // Those with a name in their path may find nothing under it.
      if (!OPEN.includes(route))
        expect([route, right.status]).not.toEqual([
          route,
          expect.toSatisfy((status: number) => status === 401 || status === 403),
        ])
    }
  })

  it('that is not there is closed as well: it does not tell what there is', async () => {
    const { origin, accessToken } = await house()
    for (const path of [
      '/nothing',
      '/api/nothing',
      '/login/',
      '/LOGIN',
      '//login',
      '/login.js/x',
      '/favicon.ico',
    ]) {
      expect([path, (await fetch(`${origin}${path}`)).status]).toEqual([path, 401])
      const response = await fetch(`${origin}${path}`, { headers: bearer(accessToken) })
      expect([path, response.status, await response.json()]).toEqual([
        path,
        404,
        { code: 'NOT_FOUND', message: 'there is nothing here' },
      ])
    }
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      expect((await fetch(`${origin}/login`, { method })).status).toBe(401)
  })

  it('answers with strict headers, whatever the answer', async () => {
    const { origin, login } = await house()
    const answers = [
      await fetch(`${origin}/login`),
      await fetch(`${origin}/nothing`),
      await fetch(`${origin}/`, { redirect: 'manual' }),
      await fetch(`${origin}/%zz`),
      await login('wrong'),
    ]
    for (const { headers } of answers) {
      expect(headers.get('content-security-policy')).toContain("default-src 'self'")
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('content-security-policy')).not.toContain('unsafe')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })
})

describe('signing in', () => {
  it('trades the token for a cookie that scripts cannot read and other sites do not send', async () => {
    const { origin, port, accessToken, login } = await house()
    const response = await login(accessToken)
    expect(await response.json()).toEqual({ role: 'full' })
    const cookie = response.headers.get('set-cookie')!
    expect(cookie).toMatch(
      new RegExp(
        `^rollcall_${port}=full\\.\\d+\\.[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000$`,
      ),
    )
    expect(cookie).not.toContain(accessToken)
    const page = await fetch(`${origin}/`, { headers: { ...cookieOf(response), 'accept-language': 'en' } })
    expect(await page.text()).toContain('<div id="app">')
  })

  it('takes no cookie that was changed in any character', async () => {
    const { origin, accessToken, watchToken, login } = await house()
    const { cookie } = cookieOf(await login(watchToken))
    const forged = cookie.replace('watch', 'full')
    const [name, value = ''] = cookie.split('=')
    const changed = [...value].map((character, i) => {
      const other = character === 'x' ? 'y' : 'x'
      return `${name}=${value.slice(0, i)}${other}${value.slice(i + 1)}`
    })
    for (const bad of [forged, ...changed, `${name}=`, `${name}=${accessToken}`, `${name}=full.99999999999.`])
      expect((await get(Number(new URL(origin).port), '/api/nothing', { Cookie: bad })).slice(9, 12)).toBe(
        '401',
      )
  })

  it('ends with signing out', async () => {
    const { origin, accessToken, login } = await house()
    const headers = cookieOf(await login(accessToken))
    const response = await fetch(`${origin}/api/logout`, { method: 'POST', headers })
    expect(response.status).toBe(204)
    expect(response.headers.get('set-cookie')).toMatch(
      /^rollcall_\d+=; Path=\/; HttpOnly; SameSite=Strict; Max-Age=0$/,
    )
  })

  it('is refused with 429 after ten wrong tokens, with the time to wait; who is signed in is not', async () => {
    const { origin, accessToken, login, lines } = await house()
    const signedIn = cookieOf(await login(accessToken))
    for (let i = 0; i < 5; i += 1) {
      expect((await login('wrong')).status).toBe(401)
      expect((await fetch(`${origin}/`, { headers: bearer('wrong') })).status).toBe(401)
    }
    for (const response of [
      await login(accessToken),
      await fetch(`${origin}/`, { headers: bearer(accessToken) }),
    ]) {
      expect(response.status).toBe(429)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(50)
      expect(await response.json()).toMatchObject({ code: 'TOO_MANY_FAILURES' })
    }
    expect((await fetch(`${origin}/`, { headers: signedIn })).status).toBe(200)
    expect(lines.filter((line) => line.includes('too many wrong tokens'))).toEqual([
      expect.stringMatching(/WARN .*\(address 127\.0\.0\.1, code TOO_MANY_FAILURES\)$/),
    ])
  })

  it('refuses bodies that are no token', async () => {
    const { origin } = await house()
    const send = (body: string, type = 'application/json') =>
      fetch(`${origin}/api/login`, { method: 'POST', headers: { 'content-type': type }, body })
    for (const [body, status] of [
      ['', 400],
      ['{', 400],
      ['null', 400],
      ['[]', 400],
      ['{}', 400],
      ['{"token":1}', 400],
      ['{"__proto__":{"token":"x"}}', 400],
      [`{"token":"${'x'.repeat(5000)}"}`, 413],
    ] as const) {
      const response = await send(body)
      expect([body.slice(0, 30), response.status]).toEqual([body.slice(0, 30), status])
      expect(await response.json()).toMatchObject({ code: 'REQUEST_INVALID' })
    }
    expect((await send('token=x', 'application/x-www-form-urlencoded')).status).toBe(415)
  })

  it('marks the cookie Secure where a trusted proxy speaks TLS, and only there', async () => {
    const { accessToken, login } = await house({ trustProxy: '127.0.0.1' })
    const secure = await login(accessToken, { 'x-forwarded-proto': 'https' })
    expect(secure.headers.get('set-cookie')).toMatch(/; Secure$/)
    const other = await house()
    const plain = await other.login(other.accessToken, { 'x-forwarded-proto': 'https' })
    expect(plain.headers.get('set-cookie')).not.toContain('Secure')
  })
})

describe('the watch token', () => {
  it('reads, signs out, and does nothing else', async () => {
    const { origin, watchToken, login } = await house()
    const response = await login(watchToken)
    expect(await response.json()).toEqual({ role: 'watch' })
    for (const headers of [bearer(watchToken), cookieOf(response)]) {
      expect((await fetch(`${origin}/`, { headers })).status).toBe(200)
      expect((await fetch(`${origin}/`, { headers, method: 'HEAD' })).status).toBe(200)
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
        const refused = await fetch(`${origin}/api/anything`, { headers, method })
        expect([method, refused.status, await refused.json()]).toMatchObject([
          method,
          403,
          { code: 'FORBIDDEN' },
        ])
      }
      expect((await fetch(`${origin}/api/logout`, { headers, method: 'POST' })).status).toBe(204)
    }
  })
})

describe('a page of a stranger', () => {
  it('cannot call this machine by its own name', async () => {
    const { port } = await house()
    for (const url of ['/', '/login', '/api/health', '/nothing']) {
      const answer = await get(port, url, { Host: 'evil.example' })
      expect(statusOf(answer)).toBe(421)
      expect(answer).toContain('--allowed-hosts')
      expect(answer).toContain('HOST_NOT_ALLOWED')
    }
    const allowing = await house({ allowedHosts: 'cams.example.org' })
    expect(statusOf(await get(allowing.port, '/login', { Host: 'cams.example.org' }))).toBe(200)
  })

  it('can change nothing with the cookie of somebody who is signed in', async () => {
    const { origin, accessToken, login } = await house()
    const headers = { ...cookieOf(await login(accessToken)), origin: 'http://127.0.0.1:1' }
    const refused = await fetch(`${origin}/api/logout`, { method: 'POST', headers })
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'ORIGIN_NOT_ALLOWED' }])
    expect(
      (await fetch(`${origin}/api/logout`, { method: 'POST', headers: { ...headers, origin } })).status,
    ).toBe(204)
  })
})

describe('rollcall token', () => {
  const tokens = (stdout: string) =>
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/)[1]!)

  it('prints what the server uses, and its --rotate signs everybody out of a running server', async () => {
    const data = await temporaryFolder()
    const before = tokens((await rollcall(['token', '--data', data])).stdout)
    const server = await ServerProcess.start(['--data', data])
    const origin = `http://127.0.0.1:${server.port}`
    await server.says(new RegExp(`http://127\\.0\\.0\\.1:${server.port}/login#${before[0]}\n`))
    const response = await fetch(`${origin}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: before[0] }),
    })
    const cookie = cookieOf(response)
    const status = async (headers: Record<string, string>) =>
      (await fetch(`${origin}/`, { headers, redirect: 'manual' })).status
    expect([
      await status(cookie),
      await status(bearer(before[0]!)),
      await status(bearer(before[1]!)),
    ]).toEqual([200, 200, 200])
    const after = tokens((await rollcall(['token', '--data', data, '--rotate'])).stdout)
    expect([
      await status(cookie),
      await status(bearer(before[0]!)),
      await status(bearer(before[1]!)),
    ]).toEqual([302, 401, 401])
    expect(server.output.match(/WARN made anew on the disk: .*/g)).toEqual([
      expect.stringMatching(
        / the access token \(links printed before open nothing now; .*\), the watch token$/,
      ),
    ])
    expect([await status(bearer(after[0]!)), await status(bearer(after[1]!))]).toEqual([200, 200])
    // Cameras keep theirs, until they are to lose it.
    expect(after[2]).toBe(before[2])
    expect(tokens((await rollcall(['token', '--data', data, '--rotate-key'])).stdout)[2]).not.toBe(before[2])
  })

  it('gives way to ROLLCALL_TOKEN, which neither terminal nor help shows', async () => {
    const ROLLCALL_TOKEN = 'chosen-by-the-operator'
    const server = await ServerProcess.start(['--data', await temporaryFolder()], { env: { ROLLCALL_TOKEN } })
    const ask = (token: string) => fetch(`http://127.0.0.1:${server.port}/`, { headers: bearer(token) })
    expect([(await ask(ROLLCALL_TOKEN)).status, (await ask('wrong-by-somebody')).status]).toEqual([200, 401])
    expect(server.output).toMatch(/\/login\n/)
    const help = await rollcall(['serve', '--help'], { env: { ROLLCALL_TOKEN } })
    const absent = await rollcall(['token', '--data', 'absent'], { cwd: await temporaryFolder() })
    expect(absent).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no data folder absent'),
    })
    const short = await rollcall(['token'], { env: { ROLLCALL_TOKEN: 'short-secret' } })
    expect(help.stdout).not.toContain('--token')
    expect(short).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('token (from ROLLCALL_TOKEN) must be'),
    })
    const said = [server.output, help.stdout].join()
    expect(said).not.toContain(ROLLCALL_TOKEN)
    expect(short.stderr).not.toContain('short-secret')
  })

  it('renews the watch token alone while ROLLCALL_TOKEN gives the other, and says so', async () => {
    const env = { ROLLCALL_TOKEN: 'chosen-by-the-operator' }
    const data = await temporaryFolder()
    const before = tokens((await rollcall(['token', '--data', data], { env })).stdout)
    const rotated = await rollcall(['token', '--data', data, '--rotate'], { env })
    expect(rotated).toMatchObject({ code: 0, stderr: expect.stringContaining('the access token stays') })
    const after = tokens(rotated.stdout)
    expect([after[0], after[2]]).toEqual([before[0], before[2]])
    expect(after[1]).not.toBe(before[1])
  })
})
