/** Which cameras a real server lets in, and what the others are told before the handshake. */

import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TestPhone } from './support/phone.ts'
import { askForSocket, statusOf } from './support/raw-http.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

/** A proxy of ours, so that tests come from elsewhere. */
const FROM_ELSEWHERE = { 'X-Forwarded-For': '203.0.113.9' }

async function server(options: Parameters<typeof startServer>[0] = {}) {
  const started = await startServer(options)
  const { cameraKey } = JSON.parse(await readFile(join(started.data, '.rollcall/access.json'), 'utf8'))
  return { ...started, cameraKey: cameraKey as string }
}

describe('--camera-access', () => {
  it('lan lets private addresses in without a key, and others with it', async () => {
    const { port, cameraKey, server: rollcall, lines } = await server({ trustProxy: '127.0.0.1' })
    const ask = async (url: string, headers = {}) => statusOf(await askForSocket(port, url, headers))
    expect(await ask('/android-cam')).toBe(101)
    expect(await ask(`/android-cam?key=${cameraKey}`)).toBe(101)
    expect(await ask('/android-cam?key=wrong')).toBe(401)
    expect(await ask('/android-cam', { 'X-Forwarded-For': '192.168.1.9' })).toBe(101)
    expect(await ask('/android-cam', FROM_ELSEWHERE)).toBe(401)
    expect(await ask('/android-cam?key=wrong', FROM_ELSEWHERE)).toBe(401)
    expect(await ask(`/android-cam?key=${cameraKey}`, FROM_ELSEWHERE)).toBe(101)
    expect(await ask(`/any/path?a=b&key=${cameraKey}&c`, FROM_ELSEWHERE)).toBe(101)
    await until('the cameras to be gone', () => rollcall.cameras().length === 0)
    // Four refusals of two addresses: a line for each address.
    const refusals = lines.filter((line) => line.includes('a camera was refused'))
    expect(refusals).toHaveLength(2)
    expect(refusals[1]).toMatch(
      / WARN a camera was refused: a camera from here needs the key.*203\.0\.113\.9/,
    )
  })

  it('key lets nobody in without it', async () => {
    const { port, cameraKey } = await server({ cameraAccess: 'key' })
    const answer = await askForSocket(port, '/android-cam')
    expect(statusOf(answer)).toBe(401)
    expect(answer).toContain('add ?key=… to the address'.replace('…', Buffer.from('…').toString('latin1')))
    expect(answer).not.toContain(cameraKey)
    expect(statusOf(await askForSocket(port, `/?key=${cameraKey}`))).toBe(101)
  })

  it('open lets everybody in', async () => {
    const { port } = await server({ cameraAccess: 'open', trustProxy: '127.0.0.1' })
    expect(statusOf(await askForSocket(port, '/', FROM_ELSEWHERE))).toBe(101)
    expect(statusOf(await askForSocket(port, '/?key=wrong', FROM_ELSEWHERE))).toBe(101)
  })

  it('believes no proxy that is not named', async () => {
    const { port } = await server()
    expect(statusOf(await askForSocket(port, '/', FROM_ELSEWHERE))).toBe(101)
    const other = await server({ trustProxy: '192.0.2.0/24' })
    expect(statusOf(await askForSocket(other.port, '/', FROM_ELSEWHERE))).toBe(101)
  })
})

it('a camera with the key streams and gets commands as any other', async () => {
  const { port, cameraKey, server: rollcall } = await server({ cameraAccess: 'key' })
  const phone = await TestPhone.connect(port, `/android-cam?key=${cameraKey}`)
  await phone.acknowledged()
  rollcall.room.start({ bitrateMbps: 4, fps: 10 })
  expect(await phone.command('start_capture')).toMatchObject({ payload: { format: 'h264' } })
  await phone.close()
})

describe('a socket', () => {
  it.each([
    [undefined, 101],
    ['file://', 101],
    ['own', 101],
    ['null', 403],
    ['http://evil.example', 403],
    ['http://127.0.0.1:1', 403],
  ])('of the Origin %s is answered with %d', async (origin, status) => {
    const { port } = await server()
    const own = origin === 'own' ? `http://127.0.0.1:${port}` : origin
    const answer = await askForSocket(port, '/', own === undefined ? {} : { Origin: own })
    expect(statusOf(answer)).toBe(status)
  })

  it('under a name that is not this machine is answered with 421 and the option that allows it', async () => {
    const { port, cameraKey } = await server({ cameraAccess: 'open' })
    const answer = await askForSocket(port, `/?key=${cameraKey}`, { Host: 'evil.example' })
    expect(statusOf(answer)).toBe(421)
    expect(answer).toContain('--allowed-hosts')
    expect(answer).toContain('x-content-type-options: nosniff')
    expect(answer).not.toContain(cameraKey)
    // DNS rebinding: the page, its Host and its Origin agree.
    const rebound = { Host: `evil.example:${port}`, Origin: `http://evil.example:${port}` }
    expect(statusOf(await askForSocket(port, '/', rebound))).toBe(421)
    for (const host of ['localhost', `rollcall.local:${port}`, '[::1]', '192.168.1.20'])
      expect(statusOf(await askForSocket(port, '/', { Host: host }))).toBe(101)
  })

  it('that goes while it is looked at harms nothing', async () => {
    const { port, cameraKey } = await server()
    for (let i = 0; i < 50; i += 1)
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.write(
            `GET /?key=${i % 2 ? cameraKey : 'wrong'} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
          )
          socket.resetAndDestroy()
        })
        socket.on('error', () => {})
        socket.on('close', () => resolve())
      })
    expect(statusOf(await askForSocket(port, '/'))).toBe(101)
  })
})
