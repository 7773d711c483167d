/** What a peer may do, and what happens past it: every bound on a real server. */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { verifyFolder } from '../../src/library/verify.ts'
import { testPictures } from '../support/ffmpeg.ts'
import { documentIn, recordingsIn } from '../support/folders.ts'
import { annexB, slice, smallPps, smallSps } from '../support/h264.ts'
import { TestPhone } from '../support/phone.ts'
import { rollcall } from '../support/process.ts'
import { frame, OPCODE, RawPeer } from '../support/raw-peer.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

/** A TCP connection that says nothing, from an address of this machine. */
async function silent(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** All that comes until the other side ends. */
async function heard(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (data) => {
    text += data
  })
  await once(socket, 'close')
  return text
}

/** The answer to a handshake: 101, or the status of a refusal. */
async function handshake(port: number, localAddress = '127.0.0.1'): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/android-cam`, { localAddress })
  onTestFinished(() => socket.terminate())
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(101))
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode!))
    socket.once('error', reject)
  })
}

const closeCode = (phone: TestPhone) =>
  new Promise<number>((resolve) => phone.socket.once('close', (code) => resolve(code)))
const rawSocketOf = (phone: TestPhone) => (phone.socket as unknown as { _socket: Socket })._socket

/** A phone that records; `check` says that it lost nothing. */
async function goodPhone(port: number, data: string) {
  const phone = await TestPhone.connect(port)
  const pictures = await testPictures(20)
  phone.status('capture_started')
  for (const [i, payload] of pictures.slice(0, 10).entries()) phone.packet(1000 + i * 100, payload)
  const check = async () => {
    for (const [i, payload] of pictures.slice(10).entries()) phone.packet(2000 + i * 100, payload)
    phone.status('capture_stopped')
    const folder = await until('its closed recording', async () => {
      for (const found of await recordingsIn(data)) {
        const document = await documentIn(found).catch(() => undefined)
        if (document?.camera === phone.id && document.state === 'closed') return found
      }
      return undefined
    })
    expect(await documentIn(folder)).toMatchObject({ pictures: 20, integrity: { missing: 0, malformed: 0 } })
    expect(await verifyFolder(folder)).toEqual([])
  }
  return { phone, check }
}

describe('connections', () => {
  it('beyond the bound of one address are answered 429; another address is let in', async () => {
    const { port, lines } = await startServer({ maxConnectionsPerAddress: 3 })
    for (let i = 0; i < 3; i += 1) await silent(port)
    expect(await handshake(port)).toBe(429)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(429)
    const { stderr } = await rollcall(['simulate', '--cameras', '1', '--url', `ws://127.0.0.1:${port}/`])
    expect(stderr).toMatch(/the server refuses: HTTP 429 .*--max-connections-per-address/)
    expect(await handshake(port, '127.0.0.2')).toBe(101)
    expect(lines.filter((line) => line.includes('turned away'))).toEqual([
      expect.stringMatching(/WARN turned away: more than 3 connections from one address .*127\.0\.0\.1/),
    ])
  })

  it('beyond the bound in all are answered 503, until others end', async () => {
    const { port } = await startServer({ maxConnections: 3 })
    const sockets = await Promise.all([2, 3, 4].map((i) => silent(port, `127.0.0.${i}`)))
    expect(await handshake(port)).toBe(503)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(503)
    sockets[0]!.destroy()
    await until('room for one', async () => (await handshake(port)) === 101)
  })

  it('of a crowd beyond the bound are cut at once, and its members that say nothing soon', async () => {
    const { port } = await startServer({ maxConnectionsPerAddress: 2, headersTimeoutMs: 60_000 })
    const sockets = await Promise.all(Array.from({ length: 50 }, () => silent(port)))
    const closed = () => sockets.filter((socket) => socket.destroyed || socket.readableEnded).length
    for (const socket of sockets) socket.resume()
    await until('the end of all but two', () => closed() === 48)
    expect(await handshake(port, '127.0.0.2')).toBe(101)
  })

  it('that send no head, or half of one, are answered 408 and closed', async () => {
    const { port, data } = await startServer({ headersTimeoutMs: 200, requestTimeoutMs: 400 })
    const { check } = await goodPhone(port, data)
    const [mute, slow, endless] = [await silent(port), await silent(port), await silent(port)]
    slow.write('GET / HTTP/1.1\r\nHost: x\r\nX-')
    endless.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf')
    for (const text of await Promise.all([heard(mute), heard(slow)])) expect(text).toMatch(/^HTTP\/1\.1 408 /)
    // The answer to a request that is refused may come before its body.
    expect(await heard(endless)).toMatch(/^HTTP\/1\.1 4/)
    await check()
  })

  it.each([
    ['1', '/android-cam', []],
    ['1', '/', []],
    ['2', '/camera', ['rollcall.2']],
  ])(
    'on which nothing was said after the handshake of version %s on %s are closed with 4408',
    async (_version, path, offered) => {
      const { port, data, lines } = await startServer({ helloMs: 200 })
      const { check } = await goodPhone(port, data)
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, offered)
      const [code, reason] = await once(socket, 'close')
      expect([code, String(reason)]).toEqual([4408, 'it said nothing in its first 0.2 s'])
      expect(lines).toContainEqual(expect.stringContaining('HELLO_MISSING'))
      expect(lines).toContainEqual(
        expect.stringMatching(new RegExp(`camera 127\\.0\\.0\\.1_\\d+ .*\\(${path}[,)]`)),
      )
      await check()
    },
  )
})

describe('a camera that', () => {
  it('says too much is shown no further; its pictures and its messages count', async () => {
    const { server, port, data, lines } = await startServer({ maxTextsPerSecond: 20 })
    const { phone, check } = await goodPhone(port, data)
    for (let i = 0; i < 5000; i += 1) phone.text(`line ${i}`)
    await check()
    await phone.close()
    await until('the count', () => lines.some((line) => /texts were not shown \(texts \d+\)/.test(line)))
    await server.close()
    const shown = lines.filter((line) => line.includes('says') && line.includes(': line '))
    const [, left] = /texts were not shown \(texts (\d+)\)/.exec(lines.join('\n'))!
    const times = shown.map((line) => Number(/\btimes (\d+)\b/.exec(line)?.[1] ?? 1))
    expect(shown.length).toBeGreaterThanOrEqual(20)
    expect(times.reduce((sum, one) => sum + one, 0) + Number(left)).toBe(5000)
    expect(lines.filter((line) => line.includes('says too much'))).toHaveLength(1)
  })

  it('starts and stops more often than it can is closed with 1008', async () => {
    const { port, data, lines } = await startServer({ maxTextsPerSecond: 10 })
    const { check } = await goodPhone(port, data)
    const phone = await TestPhone.connect(port)
    const closed = closeCode(phone)
    for (let i = 0; i < 5000; i += 1) phone.status('capture_started')
    expect(await closed).toBe(1008)
    expect(lines).toContainEqual(expect.stringContaining('RATE_EXCEEDED'))
    await check()
    // What arrived within the rate; the clock runs on meanwhile.
    expect((await recordingsIn(data)).length).toBeLessThan(100)
  })

  it.each(['ping', 'pong'] as const)('floods with %ss is cut', async (kind) => {
    const { port, data } = await startServer({ maxPingsPerSecond: 50 })
    const { check } = await goodPhone(port, data)
    const phone = await TestPhone.connect(port)
    const closed = closeCode(phone)
    for (let i = 0; i < 5000; i += 1) phone.socket[kind]('x')
    expect([1006, 1008]).toContain(await closed)
    await check()
  })

  it('cuts a message into more fragments than are allowed is closed with 1008', async () => {
    const { port, data } = await startServer({ maxFragments: 10 })
    const { check } = await goodPhone(port, data)
    const phone = await TestPhone.connect(port)
    const closed = closeCode(phone)
    for (let i = 0; i < 11; i += 1) phone.socket.send(Buffer.alloc(0), { fin: false, binary: true })
    expect(await closed).toBe(1008)
    await check()
  })

  it('sends a message byte by byte, each in a segment of its own, is closed with 1008', async () => {
    const { port, data } = await startServer({ maxPacketBytes: 64 * 1024 })
    const { check } = await goodPhone(port, data)
    const phone = await TestPhone.connect(port)
    const closed = closeCode(phone)
    const raw = rawSocketOf(phone)
    raw.setNoDelay(true)
    // A masked binary frame of 60,000 bytes.
    raw.write(Buffer.from('82feea6000000000', 'hex'))
    const drip = setInterval(() => raw.writable && raw.write('x'), 1)
    onTestFinished(() => clearInterval(drip))
    expect(await closed).toBe(1008)
    clearInterval(drip)
    await check()
  })

  it('changes its size with every picture is closed with 1008, and its recording is whole', async () => {
    const { port, data } = await startServer({ maxParts: 200, thumbnails: false })
    const { check } = await goodPhone(port, data)
    const phone = await TestPhone.connect(port)
    const closed = closeCode(phone)
    phone.status('capture_started')
    for (let i = 0; i < 5000; i += 1)
      phone.packet(1000 + i * 33, annexB(smallSps(0, 4 + (i & 1), 3), smallPps(0, 0), slice('idr')))
    expect(await closed).toBe(1008)
    await check()
    const folder = await until('its closed recording', async () => {
      const folders = await recordingsIn(data)
      const found = folders.find((name) => name.includes(phone.id))
      return found && (await documentIn(found).catch(() => undefined))?.state === 'closed' && found
    })
    const { pictures, parts } = await documentIn(folder)
    expect([pictures, parts.length]).toEqual([201, 201])
    expect(await verifyFolder(folder)).toEqual([])
  })

  it('begins one recording too many is not recorded, and is told of; later there is room again', async () => {
    const { port, data, lines, server } = await startServer({ maxRecordings: 1, thumbnails: false })
    const { check } = await goodPhone(port, data)
    const late = await TestPhone.connect(port)
    const pictures = await testPictures(10)
    const capture = async () => {
      late.status('capture_started')
      for (const [i, payload] of pictures.entries()) late.packet(1000 + i * 100, payload, i)
      await late.acknowledged()
    }
    await capture()
    expect(server.cameras().map(({ state }) => state)).toEqual(['recording', 'unrecorded'])
    expect(lines).toContainEqual(expect.stringMatching(/not recorded: .*TOO_MANY_RECORDINGS/))
    expect(lines.join('\n')).not.toContain('did not say capture_started')
    late.status('capture_stopped')
    await check()
    await capture()
    late.status('capture_stopped')
    await late.close()
    await server.close()
    expect(lines).toContainEqual(expect.stringMatching(/dropped pictures .*\(pictures 10\)/))
    const documents = await Promise.all((await recordingsIn(data)).map(documentIn))
    expect(documents.map(({ pictures: count }) => count).sort()).toEqual([10, 20])
  })
})

describe('what all cameras together may hold in memory', () => {
  it('half-sent messages: those of the longest end their connections', async () => {
    const options = {
      maxPacketBytes: 256 * 1024,
      maxHalfSentBytes: 1024 * 1024,
      maxConnectionsPerAddress: 100,
    }
    const { port, data, lines } = await startServer(options)
    const { check } = await goodPhone(port, data)
    const peers = await Promise.all(Array.from({ length: 8 }, () => RawPeer.webSocket(port)))
    const half = frame(OPCODE.binary, new Uint8Array(250_000)).subarray(0, 200_000)
    for (const peer of peers) peer.write(half)
    const open = () => peers.filter(({ isOpen }) => isOpen).length
    await until('the end of some', () => open() <= 5)
    expect(open()).toBeGreaterThan(0)
    expect(lines.filter((line) => line.includes('TOO_MUCH_HALF_SENT')).length).toBeGreaterThan(0)
    await check()
  })

  it('pictures ahead of capture_started: who is one too many gives up its own', async () => {
    const { port, data, server } = await startServer({ earlyHoldTotalBytes: 1024 * 1024 })
    const { check } = await goodPhone(port, data)
    const pictures = await testPictures(2)
    const large = Buffer.concat([pictures[0]!, new Uint8Array(300_000)])
    const phones = await Promise.all(Array.from({ length: 5 }, () => TestPhone.connect(port)))
    for (const phone of phones) phone.packet(1000, large)
    const unrecorded = () => server.cameras().filter(({ state }) => state === 'unrecorded').length
    await until('all of them', () => unrecorded() === 5)
    for (const phone of phones) phone.status('capture_started')
    await until('their recordings', () => server.cameras().every(({ state }) => state === 'recording'))
    const kept = server.cameras().filter(({ pictures }) => pictures === 1).length
    expect(kept).toBeLessThan(5)
    await check()
  })
})
