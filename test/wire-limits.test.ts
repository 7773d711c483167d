/** The edges of the wire: what a socket may say, and what becomes of it when it says something else. */

import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { verifyFolder } from '../src/library/verify.ts'
import { testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn } from './support/folders.ts'
import { configurationApart, TestPhone } from './support/phone.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

const PICTURES = 20
const LIMIT_BYTES = 64 * 1024
const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
)
if (!hasIpv6) console.info('no IPv6 on this machine: its test is left out')

async function record(phone: TestPhone, options: { stop: boolean }): Promise<void> {
  const [first, ...rest] = await testPictures(PICTURES)
  const { configuration, picture } = configurationApart(first!)
  phone.status('capture_started')
  phone.sequence = 0
  phone.packet(0, configuration)
  for (const [i, payload] of [picture, ...rest].entries()) phone.packet(7000 + i * 100, payload)
  if (options.stop) phone.status('capture_stopped')
  await phone.acknowledged()
}

const rawSocketOf = (phone: TestPhone) =>
  (phone.socket as unknown as { _socket: NodeJS.WritableStream })._socket

describe('the handshake', () => {
  it('declines permessage-deflate as the Android app offers it', async () => {
    const { port } = await startServer()
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-extensions': 'permessage-deflate',
    }
    const answer = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const asked = request({ port, host: '127.0.0.1', path: '/android-cam', headers })
      asked.on('upgrade', (response, socket) => {
        socket.destroy()
        resolve(response.headers)
      })
      asked.on('error', reject)
      asked.end()
    })
    // RFC 6455, 1.3.
    expect(answer['sec-websocket-accept']).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    expect(answer).not.toHaveProperty('sec-websocket-extensions')
    const phone = await TestPhone.connect(port)
    expect(phone.socket.extensions).toBe('')
  })

  it.each(['/', '/esp', '/deep/er%20path'])(
    'takes the path %s, logs it and keeps it without its query',
    async (path) => {
      const { port, data, server, lines } = await startServer({ thumbnails: false })
      const phone = await TestPhone.connect(port, `${path}?name=secret`)
      await record(phone, { stop: true })
      await server.close()
      expect(lines).toContainEqual(expect.stringMatching(`camera ${phone.id} connected \\(${path}\\)$`))
      expect(lines.join('\n')).not.toContain('secret')
      const [folder] = await recordingsIn(data)
      expect((await documentIn(folder!)).device).toEqual({ model: 'Pixel 6a', address: '127.0.0.1', path })
    },
  )

  it('answers a browser that is no WebSocket with a page that tells of Rollcall', async () => {
    const { port } = await startServer()
    const response = await fetch(`http://127.0.0.1:${port}/`)
    expect(response).toMatchObject({ status: 200, redirected: true, url: `http://127.0.0.1:${port}/login` })
    expect(await response.text()).toContain('This is a Rollcall server.')
  })
})

describe.skipIf(!hasIpv6)('on an IPv6 socket', () => {
  it('writes IPv4 addresses as IPv4, and no colon into the name of a folder', async () => {
    const { port, data, server } = await startServer({ host: '::', thumbnails: false })
    const phone = await TestPhone.connect(port)
    await record(phone, { stop: true })
    expect(server.cameras()).toMatchObject([{ id: phone.id, address: '127.0.0.1' }])
    await phone.close()
    const socket = new WebSocket(`ws://[::1]:${port}/`)
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send('{"status":"capture_started"}')
    const folders = await until('both', async () => {
      const found = await recordingsIn(data)
      return found.length === 2 && found.map((folder) => basename(folder))
    })
    socket.terminate()
    expect(folders).toEqual([
      expect.stringMatching(new RegExp(`^${phone.id}_\\d{8}_\\d{6}$`)),
      expect.stringMatching(/^1_\d+_\d{8}_\d{6}$/),
    ])
    await server.close()
  })
})

describe('a message', () => {
  it('of the most bytes that are allowed is taken; a larger one ends its connection alone, with 1009', async () => {
    const { port, data, server } = await startServer({ maxPacketBytes: LIMIT_BYTES, thumbnails: false })
    const [large, other] = [await TestPhone.connect(port), await TestPhone.connect(port)]
    await record(large, { stop: false })
    large.packet(
      9000,
      Buffer.concat([Buffer.from('0000000141', 'hex'), Buffer.alloc(LIMIT_BYTES - 21, 0xaa)]),
    )
    await large.acknowledged()
    const closed = new Promise<number>((resolve) => large.socket.once('close', resolve))
    large.binary(Buffer.alloc(LIMIT_BYTES + 1))
    expect(await closed).toBe(1009)
    await record(other, { stop: true })
    await server.close()
    const documents = await Promise.all((await recordingsIn(data)).map(documentIn))
    expect(documents.map(({ camera }) => camera).sort()).toEqual([large.id, other.id].sort())
    expect(documents.find(({ camera }) => camera === large.id)).toMatchObject({
      state: 'closed',
      pictures: PICTURES + 1,
      integrity: { missing: 0, malformed: 0 },
    })
    expect(documents.find(({ camera }) => camera === other.id)).toMatchObject({ pictures: PICTURES })
  })

  it('that breaks the WebSocket protocol ends its connection alone, and its recording is closed', async () => {
    const { port, data, server } = await startServer({ thumbnails: false })
    const phone = await TestPhone.connect(port)
    await record(phone, { stop: false })
    const closed = new Promise<number>((resolve) => phone.socket.once('close', resolve))
    // A masked text frame of one byte that is no UTF-8.
    rawSocketOf(phone).write(Buffer.from('818100000000ff', 'hex'))
    expect(await closed).toBe(1007)
    const other = await TestPhone.connect(port)
    await other.acknowledged()
    await server.close()
    const [folder] = await recordingsIn(data)
    expect(await documentIn(folder!)).toMatchObject({ state: 'closed', pictures: PICTURES })
    expect(await verifyFolder(folder!)).toEqual([])
  })

  it('of any length from 0 to 17 bytes is counted and dropped, and the connection goes on', async () => {
    const { port, data, server } = await startServer({ thumbnails: false })
    const phone = await TestPhone.connect(port)
    phone.status('capture_started')
    // 16 zeros are a frame packet: of sequence 0, without payload.
    for (let length = 0; length <= 17; length += 1) phone.binary(Buffer.alloc(length))
    const pictures = await testPictures(PICTURES)
    for (const [i, payload] of pictures.entries()) phone.packet(i * 100, payload, i + 1)
    phone.status('capture_stopped')
    await phone.acknowledged()
    await server.close()
    const [folder] = await recordingsIn(data)
    expect(await documentIn(folder!)).toMatchObject({
      state: 'closed',
      pictures: PICTURES,
      integrity: { malformed: 17, notH264: 1, packets: PICTURES + 1, missing: 0, repeated: 0 },
    })
    expect(await verifyFolder(folder!)).toEqual([])
  })
})

it('logs text that it does not know with time and address, escaped and shortened, and as no error', async () => {
  const { port, lines } = await startServer({ maxTextBytes: 1024 })
  const phone = await TestPhone.connect(port)
  const texts = ['42', 'ACK: 开始', '{"type":"zoom"}', 'two\nlines \x1b[2Jand more', 'x'.repeat(5000), '']
  for (const text of texts) phone.text(text)
  await phone.acknowledged()
  const said = lines.filter((line) => line.includes('says'))
  const head = `^\\d\\d:\\d\\d:\\d\\d camera ${phone.id} says: `
  for (const [i, text] of [
    '42$',
    'ACK: 开始$',
    '\\{"type":"zoom"\\}$',
    'two\\\\nlines \\\\x1b\\[2Jand more$',
    'x{200}… \\(1024 characters\\)$',
  ].entries())
    expect(said[i]).toMatch(new RegExp(head + text))
  expect(lines.filter((line) => /WARN|ERROR/.test(line))).toEqual([])
})

it('gives two recordings of one camera within a second folders of their own', async () => {
  const { port, data, server } = await startServer({ thumbnails: false, stopWaitMs: 0 })
  const phone = await TestPhone.connect(port)
  for (let capture = 0; capture < 4; capture += 1) await record(phone, { stop: capture % 2 === 0 })
  await server.close()
  const folders = await recordingsIn(data)
  const documents = await Promise.all(folders.map(documentIn))
  expect(documents).toHaveLength(4)
  for (const [i, { id, state, pictures }] of documents.entries()) {
    expect({ id, state, pictures }).toEqual({
      id: basename(folders[i]!),
      state: 'closed',
      pictures: PICTURES,
    })
    expect(id).toMatch(new RegExp(`^${phone.id}_\\d{8}_\\d{6}(_[2-4])?$`))
  }
})
