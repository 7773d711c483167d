/** Who may watch live, at a real server, and how sockets of viewers end. */

import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Secrets } from '../src/http/secrets.ts'
import { TestPhone } from './support/phone.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'
import { bearerOf, LiveViewer, Refused } from './support/viewer.ts'

async function house(options: Parameters<typeof startServer>[0] = {}) {
  const started = await startServer({ thumbnails: false, stopWaitMs: 0, ...options })
  const phone = await TestPhone.connect(started.port)
  await phone.acknowledged()
  const full = await bearerOf(started.data)
  const watch = await bearerOf(started.data, 'watchToken')
  const open = (headers: Record<string, string>, id = phone.id) => LiveViewer.open(started.port, id, headers)
  /** The status of a refusal. */
  const refusal = (headers: Record<string, string>, id?: string) =>
    open(headers, id).then(
      () => 'let in',
      (error) => {
        if (error instanceof Refused) return error.statusCode
        throw error
      },
    )
  const cookie = async (token = full) => {
    const response = await fetch(`http://127.0.0.1:${started.port}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: token.authorization!.slice('Bearer '.length) }),
    })
    return { cookie: response.headers.get('set-cookie')!.split(';')[0]! }
  }
  const own = { origin: `http://127.0.0.1:${started.port}` }
  return { ...started, phone, full, watch, open, refusal, cookie, own }
}
const closeCode = (viewer: LiveViewer) => until('the end of its connection', () => viewer.closeCode)

describe('the live view', () => {
  it('is open to tokens and cookies of both roles, and to nobody else', async () => {
    const { full, watch, open, refusal, cookie, own } = await house()
    const allowed = [full, watch, await cookie(), await cookie(watch), { ...(await cookie()), ...own }]
    for (const headers of allowed) {
      const viewer = await open(headers)
      await until('a hello', () => viewer.hellos.length === 1)
    }
    expect(await refusal({})).toBe(401)
    expect(await refusal({ authorization: 'Bearer wrong' })).toBe(401)
    const { cookie: good } = await cookie(watch)
    expect(await refusal({ cookie: good.replace('watch', 'full') })).toBe(401)
    // The camera key is none.
    expect(await refusal({}, 'x?key=1')).toBe(401)
  })

  it('is closed to pages of others, whatever they bring along', async () => {
    const { refusal, full, cookie, port } = await house()
    const signedIn = await cookie()
    const foreign = ['http://evil.example', `http://127.0.0.1:${port + 1}`, 'file://', 'null', '']
    for (const origin of foreign)
      expect([origin, await refusal({ ...full, ...signedIn, origin })]).toEqual([origin, 403])
    expect(await refusal({ ...full, host: 'evil.example' })).toBe(421)
  })

  it('knows the cameras that are connected and no others, and tells it only to those who may watch', async () => {
    const { refusal, full, phone } = await house()
    const strange = ['127.0.0.1_1', '', `${phone.id}/`, `${phone.id}%`, '__proto__', 'x'.repeat(5000)]
    for (const id of strange)
      expect([id, await refusal(full, id), await refusal({}, id)]).toEqual([id, 404, 401])
  })

  it('is not in the way of cameras', async () => {
    const { port, server } = await house()
    for (const path of ['/live', '/livestream', '/a/live/b']) await TestPhone.connect(port, path)
    await until('all of them', () => server.cameras().length === 4)
  })

  it('counts ten wrong tokens as others do', async () => {
    const { refusal, full, cookie } = await house()
    const signedIn = await cookie()
    for (let i = 0; i < 10; i += 1) expect(await refusal({ authorization: 'Bearer wrong' })).toBe(401)
    expect(await refusal(full)).toBe(429)
    expect(await refusal(signedIn)).toBe('let in')
  })

  it('has a bound for each camera and one for all', async () => {
    const { port, open, refusal, full } = await house({ maxViewersPerCamera: 2, maxViewers: 3 })
    const other = await TestPhone.connect(port)
    const first = await open(full)
    await open(full)
    expect(await refusal(full)).toBe(503)
    await open(full, other.id)
    expect(await refusal(full, other.id)).toBe(503)
    first.socket.close()
    await closeCode(first)
    await open(full, other.id)
  })

  it('speaks no compression', async () => {
    const { open, full } = await house()
    expect((await open(full)).socket.extensions).toBe('')
  })
})

describe('the socket of a viewer', () => {
  it('ends within seconds when the token is made anew, also for cookies; that of a camera does not', async () => {
    const { data, open, full, watch, cookie, phone } = await house()
    const viewers = [await open(full), await open(await cookie())]
    const watching = await open(watch)
    const secrets = new Secrets({ dataDir: data, accessToken: '', onProblem: () => {} })
    await secrets.open()
    await secrets.renew(['accessToken'])
    for (const viewer of viewers) expect(await closeCode(viewer)).toBe(4401)
    expect([watching.socket.readyState, phone.socket.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN])
    await secrets.renew(['watchToken'])
    expect(await closeCode(watching)).toBe(4401)
  })

  it('ends when the camera goes, and when the server does', async () => {
    const { port, open, full, phone, server } = await house()
    const other = await TestPhone.connect(port)
    await other.acknowledged()
    const [viewer, staying] = [await open(full), await open(full, other.id)]
    await phone.close()
    expect(await closeCode(viewer)).toBe(4404)
    await server.close()
    expect(await closeCode(staying)).toBe(1001)
  })

  it.each([
    ['text that is no request', 'hello', 1008],
    ['another pace', '{"type":"pace","pace":"fast"}', 1008],
    ['JSON that is no object', 'null', 1008],
    ['bytes', Buffer.from('{"type":"pace","pace":"all"}'), 1008],
    ['too much at once', `{"type":"pace","pace":"all"${' '.repeat(2000)}}`, 1009],
  ])('ends at %s', async (_what, message, code) => {
    const { open, full, server } = await house()
    const viewer = await open(full)
    viewer.socket.send(message)
    expect(await closeCode(viewer)).toBe(code)
    expect(server.cameras()).toHaveLength(1)
  })

  it('ends when it says too much', async () => {
    const { open, full } = await house()
    const viewer = await open(full)
    for (let i = 0; i < 60; i += 1) viewer.say({ type: 'pace', pace: 'all' })
    expect(await closeCode(viewer)).toBe(1008)
  })

  it('ends when its peer answers no ping', async () => {
    const { open, full } = await house({ heartbeatMs: 100 })
    const [silent, alive] = [await open(full), await open(full)]
    silent.socket.pong = () => {}
    silent.socket.pause()
    await until('pings', () => alive.pings > 4)
    silent.socket.resume()
    expect(await closeCode(silent)).toBe(1006)
    expect(alive.socket.readyState).toBe(WebSocket.OPEN)
  })
})
