/** `GET /api/events` at a real server: who comes back, who is slow, who may no longer watch. */

import { connect as connectTcp } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import type { RoomEvent } from '../src/wire/api/events.ts'
import { startApi } from './support/api.ts'
import { EventListener } from './support/events.ts'
import { FilmPhone } from './support/filmed.ts'
import { TestPhone } from './support/phone.ts'
import { until } from './support/until.ts'

/** 64 KiB. */
const BIG: RoomEvent = { type: 'camera-gone', id: 'x'.repeat(64 * 1024) }

async function connect(port: number): Promise<TestPhone> {
  const phone = await TestPhone.connect(port)
  await phone.acknowledged()
  return phone
}

it('begins with a snapshot of all that there is to know', async () => {
  const { port, listen, ask, watchToken } = await startApi({ confirmMs: 100 })
  const phone = await connect(port)
  const { body } = await ask('POST /api/commands', { command: 'start' })
  for (const listener of [await listen(), await listen(undefined, watchToken)]) {
    expect([listener.status, listener.headers['content-type']]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ])
    expect(listener.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    const snapshot = await listener.event('snapshot')
    // Behind the time.
    expect(listener.events.map(({ type }) => type).slice(0, 2)).toEqual(['clock', 'snapshot'])
    expect(snapshot).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      cameras: [{ id: phone.id, state: 'ready' }],
      take: { id: body.take },
      health: { level: 'good', reasons: [] },
    })
    expect(Math.abs(snapshot.serverTimeMs - Date.now())).toBeLessThan(60_000)
    expect(snapshot.serverStartedAtMs).toBeLessThanOrEqual(snapshot.serverTimeMs)
    expect(snapshot.disk!.freeBytes).toBeGreaterThan(0)
  }
})

it('gives who comes back what it missed, and after a restart of the server a snapshot', async () => {
  const { port, listen, server } = await startApi()
  const first = await listen()
  await first.event('snapshot')
  first.close()
  const phone = await connect(port)
  await phone.close()
  await until('the end of the camera', () => server.room.views()[0]?.state === 'gone')
  const second = await listen(first.lastId)
  await second.event('camera', ({ camera }) => camera.state === 'gone')
  expect(second.of('camera').map(({ camera }) => [camera.id, camera.state])).toEqual([
    [phone.id, 'ready'],
    [phone.id, 'gone'],
  ])
  expect(second.of('snapshot')).toEqual([])
  const next = await startApi()
  const third = await next.listen(second.lastId)
  expect(await third.event('snapshot')).toMatchObject({ cameras: [] })
})

it('tells of a recording as it begins, ends, is named, deleted and brought back, and of the disk', async () => {
  const { port, server, ask, listen } = await startApi()
  const listener = await listen()
  const film = await FilmPhone.connect(port, 40)
  server.room.start({ bitrateMbps: 7, fps: 20 })
  await film.begin()
  await film.film(40)
  const { recording } = await listener.event('recording', ({ recording: { state } }) => state === 'recording')
  const { id } = recording
  expect(recording).toMatchObject({ camera: film.phone.id, take: server.room.takeId() })
  const { disk } = await listener.event('disk', ({ disk: { askedMbps } }) => askedMbps === 7)
  expect([disk.isLow, disk.freeBytes > 0, disk.minutesLeft! > 0]).toEqual([false, true, true])
  server.room.stop()
  await film.end()
  await listener.event('recording', (event) => event.recording.state === 'closed')
  expect(listener.of('recording').at(-1)!.recording).toMatchObject({ id, pictures: 40, missing: 0 })
  await ask(`PATCH /api/recordings/${id}`, { title: 'Dawn', star: true })
  await listener.event('recording', (event) => event.recording.title === 'Dawn' && event.recording.star)
  await ask(`DELETE /api/recordings/${id}`)
  await listener.event('recording-gone', (event) => event.id === id)
  const before = listener.of('recording').length
  await ask(`POST /api/recordings/${id}/restore`)
  await until('it is back', () => listener.of('recording').length > before)
  expect(listener.of('recording').at(-1)!.recording).toMatchObject({ id, title: 'Dawn', state: 'closed' })
})

it('tells that the disk is too full to begin, and that this is bad', async () => {
  const { server, listen } = await startApi({ minFreeBytes: 2 ** 49 })
  // All since the start of the server.
  const listener = await listen(`${server.room.startedAtMs}-0`)
  expect((await listener.event('disk')).disk.isLow).toBe(true)
  expect((await listener.event('health')).health).toEqual({ level: 'bad', reasons: ['space-low'] })
})

it('cuts off who does not read, and nobody else', async () => {
  const { port, server, accessToken, listen } = await startApi()
  const brisk = await listen()
  const slow = connectTcp(port, '127.0.0.1')
  onTestFinished(() => void slow.destroy())
  slow.on('error', () => {})
  slow.write(`GET /api/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${accessToken}\r\n\r\n`)
  await until('both', () => server.room.events.listeners === 2)
  // More than any socket between takes.
  await until('one is left', () => {
    for (let i = 0; i < 10; i += 1) server.room.events.publish(BIG)
    return server.room.events.listeners === 1
  })
  server.room.events.publish({ type: 'camera-gone', id: 'the last' })
  await brisk.event('camera-gone', ({ id }) => id === 'the last')
  expect(brisk.isEnded).toBe(false)
})

it('takes so many listeners and no more; a place is free again when one leaves', async () => {
  const { listen } = await startApi()
  const listeners = await Promise.all(Array.from({ length: 100 }, () => listen()))
  expect(listeners.map(({ status }) => status)).toEqual(Array(100).fill(200))
  expect((await listen()).status).toBe(503)
  listeners[0]!.close()
  await until('a free place', async () => (await listen()).status === 200)
})

it('ends at once for whom a new token signs out, and when the server closes', async () => {
  const { port, ask, listen, server, accessToken, watchToken } = await startApi()
  const login = await fetch(`http://127.0.0.1:${port}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: accessToken }),
  })
  const cookie = login.headers.get('set-cookie')!.split(';')[0]!
  const [full, watching] = [await listen(), await listen(undefined, watchToken)]
  const browser = await EventListener.open(port, { cookie })
  for (const listener of [full, watching, browser]) await listener.event('snapshot')
  const { body } = await ask('POST /api/tokens/rotate', { which: ['watchToken'] })
  await until('the end of who watches', () => watching.isEnded)
  expect([full.isEnded, browser.isEnded]).toEqual([false, false])
  const { body: both } = await ask('POST /api/tokens/rotate')
  expect([both.accessToken !== accessToken, both.watchToken !== body.watchToken]).toEqual([true, true])
  await until('the end of both', () => full.isEnded && browser.isEnded)
  expect((await listen()).status).toBe(401)
  const last = await listen(undefined, both.watchToken)
  await last.event('snapshot')
  await server.close()
  await until('the end with the server', () => last.isEnded)
})
