/** Settings, tokens and the log over HTTP, at a real server. */

import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { OPTIONS } from '../src/options.ts'
import { startApi } from './support/api.ts'
import { TestPhone } from './support/phone.ts'

describe('GET /api/settings', () => {
  it('has every option with its value, and the role of who asks', async () => {
    const { port, ask, data, watchToken } = await startApi({ keepDays: 7, cameraAccess: 'key' })
    const { status, body } = await ask('GET /api/settings')
    expect([status, body.role, body.dataFolder, body.needsKey]).toEqual([200, 'access', data, true])
    expect(body.options.map(({ key }: { key: string }) => key)).toEqual(Object.keys(OPTIONS))
    const option = (key: string) => body.options.find((one: { key: string }) => one.key === key)
    expect(option('keepDays')).toEqual({
      key: 'keepDays',
      value: '7',
      isDefault: false,
      help: OPTIONS.keepDays.help,
    })
    expect(option('maxGapMs')).toMatchObject({ value: '10000', isDefault: true })
    expect(option('token')).toMatchObject({ value: '', isDefault: true })
    expect(body.cameraUrls).toEqual([
      {
        url: `ws://127.0.0.1:${port}/android-cam`,
        network: expect.any(String),
        reach: 'this machine',
        needsKey: true,
      },
    ])
    expect([body.secureUrl, body.cameraPages]).toEqual([null, []])
    expect((await ask('GET /api/settings', undefined, watchToken)).body.role).toBe('watch')
  })

  it('never shows a secret', async () => {
    const token = 'chosen-by-the-operator'
    const { ask, data, cameraKey, watchToken } = await startApi({ token })
    const settings = await ask('GET /api/settings', undefined, token)
    const log = await ask('GET /api/log', undefined, token)
    expect(settings.body.options.find(({ key }: { key: string }) => key === 'token')).toMatchObject({
      value: '(set)',
    })
    const texts = JSON.stringify([settings.body, log.body])
    for (const secret of [token, cameraKey, watchToken]) expect(texts).not.toContain(secret)
    expect(texts).toContain(data)
  })

  it('names every address that a phone can reach, with its network, and that of https', async () => {
    const { port, ask, server } = await startApi({ host: '0.0.0.0', https: true, httpsPort: 0 })
    const { cameraUrls, cameraPages, secureUrl } = (await ask('GET /api/settings')).body
    expect(cameraPages.map(({ url }: { url: string }) => url)).toEqual(
      cameraUrls.map(
        ({ url }: { url: string }) => `https://${new URL(url).hostname}:${server.httpsPort}/camera`,
      ),
    )
    const networks = networkInterfaces()
    for (const { url, network, reach } of cameraUrls) {
      const { hostname } = new URL(url)
      expect(url).toBe(`ws://${hostname}:${port}/android-cam`)
      expect(networks[network]!.map(({ address }) => address)).toContain(hostname)
      expect(reach).toMatch(hostname.startsWith('127.') ? /^this machine$/ : /^(lan|internet|unlikely)$/)
    }
    expect(cameraUrls.length).toBeGreaterThan(0)
    expect(secureUrl).toBe(`https://${new URL(cameraUrls[0].url).hostname}:${server.httpsPort}/`)
  })
})

it('GET /api/log has the last lines, with levels, and no more than 500', async () => {
  const { port, ask, lines } = await startApi({ maxTextsPerSecond: 1_000_000 })
  const phone = await TestPhone.connect(port)
  phone.binary(Buffer.from('no frame packet'))
  phone.text('\u001b[31mred')
  await phone.acknowledged()
  const { status, body } = await ask('GET /api/log')
  expect(status).toBe(200)
  expect(body.lines.map(({ text }: { text: string }) => lines.find((line) => line.includes(text)))).toEqual(
    lines,
  )
  expect(body.lines).toContainEqual({
    atMs: expect.any(Number),
    level: 'warn',
    text: expect.stringMatching(`^camera ${phone.id} dropped a packet: .*PACKET_TOO_SHORT`),
  })
  expect(body.lines.at(-1)).toMatchObject({ level: 'info', text: `camera ${phone.id} says: \\x1b[31mred` })
  await phone.close()
})

describe('tokens', () => {
  it('are for who has the access token alone', async () => {
    const { ask, accessToken, watchToken, cameraKey } = await startApi()
    expect((await ask('GET /api/tokens')).body).toEqual({ accessToken, watchToken, cameraKey })
    for (const route of ['GET /api/tokens', 'POST /api/tokens/rotate'])
      expect(await ask(route, undefined, watchToken)).toMatchObject({
        status: 403,
        body: { code: 'FORBIDDEN' },
      })
    for (const [route, body] of [
      ['PATCH /api/cameras/x', {}],
      ['POST /api/commands', { command: 'stop' }],
    ] as const)
      expect((await ask(route, body, watchToken)).status).toBe(403)
    for (const route of ['GET /api/cameras', 'GET /api/settings', 'GET /api/log'])
      expect((await ask(route, undefined, watchToken)).status).toBe(200)
    expect((await ask('GET /api/tokens')).body).toEqual({ accessToken, watchToken, cameraKey })
  })

  it('are made anew, those that are named or both; a browser that asks stays signed in', async () => {
    const { port, ask, accessToken, watchToken, cameraKey } = await startApi()
    const { body: first } = await ask('POST /api/tokens/rotate', { which: ['cameraKey'] })
    expect(first).toEqual({ accessToken, watchToken, cameraKey: expect.stringMatching(/^[\w-]{43}$/) })
    expect(first.cameraKey).not.toBe(cameraKey)
    const fetchWith = (path: string, cookie: string, method = 'GET') =>
      fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { cookie } })
    const login = await fetch(`http://127.0.0.1:${port}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: accessToken }),
    })
    const cookieOf = (response: Response) => response.headers.get('set-cookie')!.split(';')[0]!
    const rotated = await fetchWith('/api/tokens/rotate', cookieOf(login), 'POST')
    const second = (await rotated.json()) as typeof first
    expect([rotated.status, second.cameraKey]).toEqual([200, first.cameraKey])
    expect((await fetchWith('/api/tokens', cookieOf(login))).status).toBe(401)
    expect(await (await fetchWith('/api/tokens', cookieOf(rotated))).json()).toEqual(second)
    expect((await ask('GET /api/tokens')).status).toBe(401)
    expect((await ask('GET /api/tokens', undefined, second.accessToken)).status).toBe(200)
  })

  it('that the operator gave are not made anew here', async () => {
    const token = 'chosen-by-the-operator'
    const { ask, watchToken } = await startApi({ token })
    expect(await ask('POST /api/tokens/rotate', undefined, token)).toMatchObject({
      status: 400,
      body: { code: 'CONFIG_INVALID', message: expect.stringContaining('ROLLCALL_TOKEN') },
    })
    const { body } = await ask('POST /api/tokens/rotate', { which: ['watchToken'] }, token)
    expect([body.accessToken, body.watchToken === watchToken]).toEqual([token, false])
  })

  it.each([
    [{ which: [] }, /^which: .*1/],
    [{ which: ['cookieKey'] }, /^which\.0: .*"accessToken"\|"watchToken"\|"cameraKey"/],
    [{ wich: ['cameraKey'] }, /wich/],
  ])('are not made anew by %j', async (body, message) => {
    const { ask, accessToken, watchToken, cameraKey } = await startApi()
    expect(await ask('POST /api/tokens/rotate', body)).toEqual({
      status: 400,
      body: { code: 'REQUEST_INVALID', message: expect.stringMatching(message) },
    })
    expect((await ask('GET /api/tokens')).body).toEqual({ accessToken, watchToken, cameraKey })
  })
})
