import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { CONFIGURATION } from '../../test/support/h264.ts'
import { until } from '../../test/support/until.ts'
import { RequestError } from '../errors.ts'
import { systemClock } from '../time.ts'
import { accountLines, type SimulatorAccount, totalsOf } from './account.ts'
import type { SimulatorOptions } from './options.ts'
import { Phone, SEND_QUEUE_BYTES } from './phone.ts'
import type { Output } from './progress.ts'
import { runSimulator } from './simulate.ts'

const START = (fps: number) =>
  JSON.stringify({ command: 'start_capture', payload: { format: 'h264', bitrate: 4, fps } })
const STOP = '{"command":"stop_capture"}'

type Arrived = { text: Record<string, unknown> } | { captureMs: number; sequence: number; payload: Buffer }

/** One connection as the server sees it. */
class Received {
  readonly all: Arrived[] = []
  readonly socket: WebSocket
  closeCode: number | undefined

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) return this.all.push({ text: JSON.parse(String(data)) })
      expect(data.readUInt32BE(12)).toBe(data.length - 16)
      const captureMs = Number(data.readBigUInt64BE(0))
      return this.all.push({ captureMs, sequence: data.readUInt32BE(8), payload: data.subarray(16) })
    })
    socket.on('close', (code) => {
      this.closeCode = code
    })
  }

  get packets() {
    return this.all.flatMap((item) => ('text' in item ? [] : [item]))
  }

  get statuses() {
    return this.all.flatMap((item) => ('text' in item && item.text.status ? [item.text.status] : []))
  }

  /** Resolves once it holds. */
  async until(holds: () => boolean): Promise<void> {
    await until(`${holds}`, holds)
  }
}

/** A bare server; the simulator with the built-in stream runs against it. */
async function simulated(options: Partial<SimulatorOptions> & { output?: Output } = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const aborted = new AbortController()
  const connections: Received[] = []
  server.on('connection', (socket) => connections.push(new Received(socket)))
  const run = runSimulator({
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/android-cam?key=k`,
    cameras: 1,
    jitterMs: 0,
    lossShare: 0,
    clockOffsetMs: 0,
    clockDriftPpm: 0,
    seed: 1,
    autoStart: false,
    ffmpeg: 'there-is-no-such-program',
    ...options,
    signal: aborted.signal,
  })
  run.catch(() => {})
  onTestFinished(async () => {
    aborted.abort()
    for (const socket of server.clients) socket.terminate()
    server.close()
    await run.catch(() => {})
  })
  const connection = async (index: number) => {
    while (connections.length <= index) await once(server, 'connection')
    const received = connections[index]!
    await received.until(() => received.all.length >= 2)
    return received
  }
  const end = (): Promise<SimulatorAccount> => {
    aborted.abort()
    return run
  }
  return { connections, connection, run, end }
}

const intervals = (packets: { captureMs: number }[]) =>
  packets.slice(2).map(({ captureMs }, i) => captureMs - packets[i + 1]!.captureMs)

describe('a simulated phone', () => {
  it('says hello as the app does', async () => {
    const { connection } = await simulated()
    const { all } = await connection(0)
    expect(all).toEqual([
      { text: { status: 'ready', message: expect.any(String) } },
      {
        text: {
          type: 'capabilities',
          deviceModel: 'Pixel 6a',
          sdkInt: 35,
          resolutions: expect.arrayContaining([
            { width: 1280, height: 720, format: 'YUV_420_888', lensFacing: 'back' },
          ]),
          imageAnalysisResolution: { width: 1280, height: 720 },
        },
      },
    ])
  })

  it('sends the configuration at time 0, then pictures, and only then capture_started', async () => {
    const { connection, end } = await simulated()
    const phone = await connection(0)
    phone.socket.send(START(30))
    await phone.until(() => phone.packets.length >= 13)
    const [configuration, first, second, third] = phone.all.slice(2)
    expect(configuration).toMatchObject({ captureMs: 0, sequence: 0 })
    expect(first).toMatchObject({ sequence: 1 })
    expect(second).toMatchObject({ sequence: 2 })
    expect(third).toEqual({ text: { status: 'capture_started', message: expect.any(String) } })
    const types = phone.packets.map(({ payload }) => firstUnitType(payload))
    // The stream is ten pictures long: its key picture comes again, its parameter sets do not.
    expect(types.slice(0, 13)).toEqual([7, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 5, 1])
    expect(phone.packets[1]!.captureMs).toBeGreaterThan(3_600_000)
    await end()
    expect(phone.closeCode).toBe(1000)
    expect(phone.statuses.at(-1)).toBe('capture_stopped')
  })

  it('sends pictures 100 and 133 ms apart when 10 fps are asked', async () => {
    const { connection } = await simulated()
    const phone = await connection(0)
    phone.socket.send(START(10))
    await phone.until(() => phone.packets.length >= 9)
    const [first, ...rest] = intervals(phone.packets.slice(0, 9))
    expect([first, ...rest].map((ms) => (ms === 134 ? 133 : ms))).toEqual([100, 100, 133, 100, 100, 133, 100])
  })

  it('sends every camera frame when 0 fps are asked', async () => {
    const { connection } = await simulated()
    const phone = await connection(0)
    phone.socket.send(START(0))
    await phone.until(() => phone.packets.length >= 8)
    expect(new Set(intervals(phone.packets))).toEqual(new Set([33, 34]))
  })

  it('obeys start and stop alone, and begins each capture at sequence 0', async () => {
    const { connection, end } = await simulated({ fps: 120 })
    const phone = await connection(0)
    for (const text of ['start', '{}', '[]', '{"command":"zoom"}', '{"command":"start_capture"}', STOP])
      phone.socket.send(text)
    for (let round = 0; round < 2; round += 1) {
      phone.socket.send(START(10))
      const before = phone.packets.length
      await phone.until(() => phone.packets.length >= before + 4)
      // Ignored while it streams.
      phone.socket.send(START(1))
      await phone.until(() => phone.packets.length >= before + 8)
      phone.socket.send(STOP)
      const stops = round + 1
      await phone.until(
        () => phone.statuses.filter((status) => status === 'capture_stopped').length === stops,
      )
    }
    expect(phone.statuses).toEqual([
      'ready',
      'capture_started',
      'capture_stopped',
      'capture_started',
      'capture_stopped',
    ])
    expect(phone.packets.filter(({ captureMs }) => captureMs === 0).map(({ sequence }) => sequence)).toEqual([
      0, 0,
    ])
    const last = phone.all.at(-1)
    expect(last).toMatchObject({ text: { status: 'capture_stopped' } })
    const { phones } = await end()
    expect(phones[0]!.captures.map(({ ended }) => ended)).toEqual(['stopped', 'stopped'])
    expect(phones[0]!.captures.reduce((sum, { pictures }) => sum + pictures, 0)).toBe(
      phone.packets.length - 2,
    )
  })

  it('starts again when a start follows a stop at once', async () => {
    const { connection } = await simulated({ fps: 120, jitterMs: 50 })
    const phone = await connection(0)
    phone.socket.send(START(10))
    await phone.until(() => phone.packets.length >= 3)
    phone.socket.send(STOP)
    phone.socket.send(START(10))
    await phone.until(() => phone.statuses.filter((status) => status === 'capture_started').length === 2)
  })

  it('keeps an account of losses that is what the server sees, and tells of it while it runs', async () => {
    const told: string[] = []
    const { connection, connections, end } = await simulated({
      output: { isTTY: true, columns: 200, write: (text) => told.push(String(text)) > 0 },
      cameras: 2,
      fps: 240,
      lossShare: 0.4,
      jitterMs: 20,
    })
    await connection(1)
    for (const phone of connections) phone.socket.send(START(10))
    for (const phone of connections) await phone.until(() => phone.packets.length >= 40)
    const running =
      / 2 of 2 capture {2}[1-9]\d* pictures {2}[1-9]\d*\.\d\/s {2}\d+\.\d Mbit\/s {2}[1-9]\d* dropped$/
    await until('figures while they capture', () => running.test(told.at(-1)!))
    for (const phone of connections) phone.socket.send(STOP)
    const ended = await until('figures once they have stopped', () =>
      / 0 of 2 capture {2}(\d+) pictures {2}0\.0\/s {2}0\.0 Mbit\/s {2}(\d+) dropped$/.exec(told.at(-1)!),
    )
    const { phones } = await end()
    const { pictures, dropped } = totalsOf(phones)
    expect(ended.slice(1).map(Number)).toEqual([pictures, dropped])
    expect(pictures).toBe(connections.reduce((sum, { packets }) => sum + packets.length - 1, 0))
    for (const [i, { captures }] of phones.entries()) {
      const [capture] = captures
      const received = connections.find(({ packets }) => packets[1]!.captureMs === capture!.firstCaptureMs)!
      const sequences = received.packets.map(({ sequence }) => sequence)
      expect(sequences).toEqual([...sequences].sort((a, b) => a - b))
      const missing = Array.from({ length: sequences.at(-1)! }, (_, n) => n).filter(
        (n) => !sequences.includes(n),
      )
      expect(capture, `phone ${i}`).toMatchObject({
        pictures: sequences.length - 1,
        keyframes: received.packets.filter(({ payload }) => firstUnitType(payload) === 5).length,
        bytes: received.packets.reduce((sum, { payload }) => sum + payload.length, 0),
        missing: missing.length,
        lastCaptureMs: received.packets.at(-1)!.captureMs,
        source: 'built-in',
        ended: 'stopped',
      })
      expect(capture!.missing).toBeGreaterThan(5)
      expect(capture!.droppedSequences.slice(0, missing.length)).toEqual(missing)
    }
    // Each phone has a chance of its own.
    expect(phones[0]!.captures[0]!.droppedSequences).not.toEqual(phones[1]!.captures[0]!.droppedSequences)
  })

  it('loses the same pictures with the same seed', async () => {
    const dropped: number[][] = []
    for (let round = 0; round < 2; round += 1) {
      const { connection, end } = await simulated({ fps: 240, lossShare: 0.3, seed: 7, autoStart: true })
      const phone = await connection(0)
      await phone.until(() => phone.packets.length >= 30)
      const { phones } = await end()
      dropped.push(phones[0]!.captures[0]!.droppedSequences.slice(0, 8))
    }
    expect(dropped[0]).toEqual(dropped[1])
  })

  it('never drops the configuration', async () => {
    const { connection, end } = await simulated({ fps: 240, lossShare: 1, autoStart: true })
    const phone = await connection(0)
    await phone.until(() => phone.statuses.includes('capture_started'))
    const { phones } = await end()
    expect(phone.packets.map(({ sequence }) => sequence)).toEqual([0])
    expect(phones[0]!.captures[0]).toMatchObject({ pictures: 0, missing: 0, firstCaptureMs: null })
  })

  it('shifts and stretches its clock', async () => {
    const first: number[] = []
    for (const clock of [{}, { clockOffsetMs: 2 ** 33, clockDriftPpm: 200_000 }]) {
      const { connection, end } = await simulated({ ...clock, autoStart: true, fps: 30 })
      const phone = await connection(0)
      await phone.until(() => phone.packets.length >= 5)
      await end()
      first.push(phone.packets[1]!.captureMs)
      if (first.length === 2) expect(new Set(intervals(phone.packets))).toEqual(new Set([40]))
    }
    // Both were born with the same seed; a second is ample for connecting.
    expect(Math.abs(first[1]! - first[0]! - 2 ** 33)).toBeLessThan(1000)
  })

  it('connects again after a cut, and captures anew', async () => {
    const { connection, end } = await simulated({ dropEveryMs: 200, autoStart: true, fps: 60 })
    const before = await connection(0)
    await before.until(() => before.closeCode !== undefined)
    const after = await connection(1)
    await after.until(() => after.packets.length >= 3)
    expect(before.closeCode).toBe(1006)
    expect(after.packets[0]).toMatchObject({ captureMs: 0, sequence: 0 })
    const { phones } = await end()
    expect(phones[0]).toMatchObject({ connections: 2, lost: null })
    expect(phones[0]!.captures[0]).toMatchObject({ ended: 'cut' })
  })

  it('hangs up when its send queue is full', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => server.close())
    await once(server, 'listening')
    const picture = { payload: new Uint8Array(4 * 1024 * 1024), keyframe: true }
    const phone = new Phone({
      name: 'Camera 1',
      url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      overrides: { fps: 240 },
      jitterMs: 0,
      lossShare: 0,
      clockOffsetMs: 0,
      clockDriftPpm: 0,
      autoStart: true,
      seed: 1,
      connectPatienceMs: 5000,
      openSource: async () => ({
        kind: 'file',
        configuration: CONFIGURATION,
        next: async () => picture,
        close: () => {},
      }),
      clock: systemClock,
    })
    const connected = phone.connect()
    const [socket] = (await once(server, 'connection')) as [WebSocket]
    const received = new Received(socket)
    socket.pause()
    await connected
    while (phone.account.lost === null) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(phone.queuedBytes).toBeLessThanOrEqual(SEND_QUEUE_BYTES + 1000)
    socket.resume()
    await phone.gone
    await received.until(() => received.closeCode !== undefined)
    expect(received.closeCode).toBe(1001)
    expect(phone.account.captures[0]).toMatchObject({ ended: 'send-queue-full' })
    expect(phone.account.captures[0]!.pictures).toBe(received.packets.length - 1)
    expect(phone.account.lost).toContain('send queue of 16777216 bytes')
  })
})

describe('runSimulator', () => {
  it('ends when all phones have lost their connection, and says why', async () => {
    const { connection, run } = await simulated({ autoStart: true })
    const phone = await connection(0)
    await phone.until(() => phone.packets.length >= 2)
    phone.socket.close(1013, 'try again later')
    const account = await run
    expect(account.phones[0]).toMatchObject({
      lost: 'the connection was closed with code 1013: try again later',
      captures: [{ ended: 'connection-lost' }],
    })
    expect(accountLines(account).join('\n')).toContain('Camera 1: the connection was closed with code 1013')
  })

  it('ends by itself after the time that was asked for', async () => {
    const { connection, run } = await simulated({ forMs: 300, autoStart: true, cameras: 3 })
    const account = await run
    expect(account.phones.map(({ captures }) => captures[0]!.ended)).toEqual([
      'stopped',
      'stopped',
      'stopped',
    ])
    expect((await connection(2)).closeCode).toBe(1000)
    expect(accountLines(account)).toHaveLength(5)
  })

  it('says that no server answers, after some patience', async () => {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const url = `ws://127.0.0.1:${(free.address() as AddressInfo).port}/`
    free.close()
    await once(free, 'close')
    const { run } = await simulated({ url, connectPatienceMs: 600 })
    await expect(run).rejects.toThrow(/^--url ws:.*: no server answered within 0.6 s .*ECONNREFUSED/)
    await expect(run).rejects.toBeInstanceOf(RequestError)
  })
})

/** `nal_unit_type` behind the first start code, of three bytes or four. */
function firstUnitType(payload: Buffer): number {
  return payload[payload.indexOf(1) + 1]! & 31
}
