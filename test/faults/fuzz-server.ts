/** Hostile peers at a real server process, damaged by a seed, with a good phone beside them that loses nothing. */

import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { expect, it } from 'vitest'
import { verifyFolder } from '../../src/library/verify.ts'
import { testPictures } from '../support/ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from '../support/folders.ts'
import { FUZZ_TIMEOUT_MS, type FuzzKind, fuzzed, inputsOf, kib, Mutator, report } from '../support/fuzz.ts'
import { annexB, KEYFRAME_WITH_SETS, smallPps, smallSps, unitsOf } from '../support/h264.ts'
import { expectPerfect, residentBytes } from '../support/perfect.ts'
import { configurationApart } from '../support/phone.ts'
import { ServerProcess } from '../support/process.ts'
import { frame, handshakeText, OPCODE, RawPeer } from '../support/raw-peer.ts'
import { StreamingPhone } from '../support/streaming.ts'
import { until } from '../support/until.ts'

/** What a batch of inputs may cost the server, in ms of CPU: one that hangs costs more. */
const HANG_MS = 1000
/** Linux counts CPU in ticks of this many ms. */
const TICK_MS = 10
/** What the server's memory may grow by from the first tenth on, in bytes: its heap breathes by some tens of MiB. */
const MOST_GROWN_BYTES = 96 * 2 ** 20
/** After so many inputs the recordings that they made are looked at. */
const CHECKED_INPUTS = 1000
const HOSTILE_ADDRESS = '127.0.0.9'

/** CPU that a process has used, in ms (proc_pid_stat: utime and stime, behind the name in parentheses). */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/**
 * Sends batch after batch to a server while a phone records, and holds the server to account.
 *
 * @param batch - Sends so many inputs or fewer, waits until they are read, and gives how many.
 */
async function siege(
  kind: FuzzKind,
  batchInputs: number,
  batch: (port: number, inputs: number) => Promise<number>,
): Promise<string> {
  const data = await temporaryFolder()
  const unbounded = ['texts', 'pings'].flatMap((what) => [`--max-${what}-per-second`, '1000000'])
  const server = await ServerProcess.start([
    ...['--data', data, '--no-thumbnails', '--log-level', 'error'],
    ...unbounded,
  ])
  const { pid } = server.child
  const phone = await StreamingPhone.connect(server.port)
  phone.start()
  const inputs = inputsOf(kind)
  const sinceMs = performance.now()
  let sent = 0
  let settledBytes = 0
  let dearestMs = 0
  let checked = 0
  while (sent < inputs) {
    const beforeMs = cpuMs(pid!)
    sent += await batch(server.port, Math.min(batchInputs, inputs - sent))
    // It answers: nobody else has to wait.
    await phone.phone.acknowledged()
    const tookMs = cpuMs(pid!) - beforeMs
    dearestMs = Math.max(dearestMs, tookMs)
    expect(tookMs, `${kind}: CPU ms of the inputs up to ${sent}`).toBeLessThan(HANG_MS)
    if (settledBytes === 0 && sent >= inputs / 10) settledBytes = await residentBytes(pid!)
    if (sent < inputs && sent - checked < CHECKED_INPUTS) continue
    checked = sent
    await expectSound(data, phone.phone.id)
  }
  const grownBytes = (await residentBytes(pid!)) - settledBytes
  const { pictures } = await expectPerfect(data, phone)
  fuzzed.pictures += pictures
  report(
    kind,
    sent,
    sinceMs,
    `, dearest batch ${dearestMs} ms of CPU, memory ${kib(grownBytes)}, good phone ${pictures} pictures, none missing`,
  )
  expect(grownBytes).toBeLessThan(MOST_GROWN_BYTES)
  expect(server.stderr).toBe('')
  expect(await server.end('SIGTERM')).toBe(0)
  return server.output
}

/** Recordings of hostile peers, once closed, hold every storage invariant; then they make room. */
async function expectSound(data: string, goodPhone: string): Promise<void> {
  const folders = (await recordingsIn(data)).filter((folder) => !basename(folder).startsWith(`${goodPhone}_`))
  for (const folder of folders) {
    await until('a closed recording', async () => {
      const document = await documentIn(folder).catch(() => undefined)
      return document && document.state !== 'recording'
    })
    expect(await verifyFolder(folder)).toEqual([])
    await rm(folder, { recursive: true, force: true })
  }
}

function packet(captureMs: number, sequence: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(16)
  head.writeBigUInt64BE(BigInt(captureMs), 0)
  head.writeUInt32BE(sequence, 8)
  head.writeUInt32BE(payload.length, 12)
  return Buffer.concat([head, payload])
}

const text = (value: unknown) => frame(OPCODE.text, Buffer.from(JSON.stringify(value)))

it(
  'frame packets: what is none is dropped, what is one is recorded soundly, and the connection stays',
  async () => {
    const random = new Mutator(41)
    const units = await testPictures(20, '64x48')
    const { configuration, picture } = configurationApart(units[0]!)
    const sets = [configuration, annexB(smallSps(0, 4, 3), smallPps(0, 0)), KEYFRAME_WITH_SETS]
    const corpus = [...sets, ...units, picture, ...units.flatMap(unitsOf).map((unit) => annexB(unit))]
    await siege('frame packets to a server', 500, async (port, inputs) => {
      const peer = await RawPeer.webSocket(port, HOSTILE_ADDRESS)
      const frames = [text({ status: 'ready' }), text({ status: 'capture_started' })]
      frames.push(frame(OPCODE.binary, packet(0, 0, configuration)))
      frames.push(frame(OPCODE.binary, packet(1000, 1, picture)))
      for (let i = 2; i < inputs + 2; i += 1) {
        const captureMs = random.chance(40) ? random.below(2 ** 32) : 1000 + i * 33
        const payload = random.harm(random.of(corpus), corpus)
        const whole = packet(captureMs, random.chance(40) ? random.below(2 ** 32) : i, payload)
        frames.push(frame(OPCODE.binary, random.chance(4) ? random.harm(whole) : whole))
      }
      if (random.chance(2)) frames.push(text({ status: 'capture_stopped' }))
      for (const bytes of frames) peer.write(bytes)
      await peer.read()
      expect(peer.isOpen, 'the connection after bad packets').toBe(true)
      await peer.end()
      return inputs
    })
  },
  FUZZ_TIMEOUT_MS,
)

it(
  'texts: what is no message is left, what is one is obeyed, and only what is no UTF-8 ends its connection',
  async () => {
    const random = new Mutator(42)
    const messages = [
      { status: 'ready', message: 'Client is ready to stream' },
      { status: 'error', message: '摄像头初始化失败' },
      { status: 'capture_stopped' },
      { type: 'capabilities', deviceModel: 'Pixel 6a', sdkInt: 35, resolutions: [{ width: 1, height: 2 }] },
      { command: 'start_capture', payload: { format: 'h264', bitrate: 4, fps: 10 } },
      [[[[[[[['deep']]]]]]]],
    ]
    const corpus = messages.map((message) => Buffer.from(JSON.stringify(message)))
    corpus.push(
      Buffer.from('['.repeat(5000)),
      Buffer.from(`{"status":"${'x'.repeat(5000)}"}`),
      Buffer.from('57'),
    )
    await siege('texts to a server', 500, async (port, inputs) => {
      const peer = await RawPeer.webSocket(port, HOSTILE_ADDRESS)
      peer.write(text({ status: random.of(['ready', 'capture_started']) }))
      for (let i = 1; i < inputs; i += 1) {
        const harmed = Buffer.from(random.harm(random.of(corpus), corpus)).toString('utf8')
        peer.write(frame(OPCODE.text, Buffer.from(harmed)))
      }
      await peer.read()
      expect(peer.isOpen, 'the connection after bad texts').toBe(true)
      peer.write(frame(OPCODE.text, Buffer.from([0xc3, 0x28, 0xff])))
      await peer.until(() => peer.received.includes(Buffer.from([0x03, 0xef])))
      // 1007, invalid payload data.
      expect(peer.received.includes(Buffer.from([0x03, 0xef]))).toBe(true)
      await peer.end()
      return inputs
    })
  },
  FUZZ_TIMEOUT_MS,
)

/** Connections that each say one input and end; so many at a time. */
async function alone(port: number, inputs: number, one: (port: number) => Promise<void>): Promise<number> {
  await Promise.all(Array.from({ length: inputs }, () => one(port)))
  return inputs
}

it(
  'WebSocket frames: a breach ends its own connection',
  async () => {
    const random = new Mutator(43)
    const [first] = await testPictures(1, '64x48')
    const status = (name: string) => Buffer.from(JSON.stringify({ status: name }))
    const sequences = [
      [text({ status: 'ready' }), frame(OPCODE.binary, packet(1000, 1, first!))],
      [
        frame(OPCODE.text, status('capture_started').subarray(0, 9), { fin: false }),
        frame(OPCODE.continuation, status('capture_started').subarray(9)),
        frame(OPCODE.binary, packet(1000, 1, first!)),
      ],
      [frame(OPCODE.ping, Buffer.from('hello')), frame(OPCODE.pong, Buffer.alloc(125))],
      [frame(OPCODE.binary, new Uint8Array(200)), frame(OPCODE.binary, new Uint8Array(70_000))],
      [frame(OPCODE.close, Buffer.from([3, 232])), text({ status: 'ready' })],
    ].map((frames) => Buffer.concat(frames))
    await siege('WebSocket frames to a server', 48, (port, inputs) =>
      alone(port, inputs, async () => {
        const peer = await RawPeer.webSocket(port, HOSTILE_ADDRESS)
        peer.write(random.harm(random.of(sequences), sequences))
        peer.socket.end()
        await peer.ended
      }),
    )
  },
  FUZZ_TIMEOUT_MS,
)

it(
  'HTTP requests: each is answered or its connection ended',
  async () => {
    const random = new Mutator(44)
    const requests = [
      'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET /nothing/here?key=%00%ff&%2e%2e/%2e%2e HTTP/1.1\r\nHost: x\r\nCookie: a=b; c="d\r\nAccept: */*\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"a":[1,2,3]}',
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET / HTTP/1.0\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: x\r\n${'X-Long: y\r\n'.repeat(300)}\r\n`,
      handshakeText(),
      `${handshakeText('/esp')}\x81\x80\0\0\0\0`,
    ].map((request) => Buffer.from(request, 'latin1'))
    await siege('HTTP requests to a server', 48, (port, inputs) =>
      alone(port, inputs, async () => {
        const peer = await RawPeer.connect(port, HOSTILE_ADDRESS)
        peer.write(random.harm(random.of(requests), requests))
        peer.socket.end()
        await peer.ended
      }),
    )
  },
  FUZZ_TIMEOUT_MS,
)
