/** The camera page's engine in a real browser, against a real server: what it films, and when. */

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import { readAccessUnit } from '../../src/h264/access-unit.ts'
import { type FramePacket, parseFramePacket } from '../../src/wire/frame-packet.ts'
import { isPreview, SUBPROTOCOL_2 } from '../../src/wire/protocol2-frames.ts'
import { BareCamera, end, endBareCamerasAfterAll, filmed } from '../support/bare-camera.ts'
import { frameMd5, type ProbedPacket, probe, probePackets } from '../support/ffmpeg.ts'
import { documentIn, recordingsIn, rowsIn, temporaryFolder } from '../support/folders.ts'
import { expectTimes } from '../support/frame-times.ts'
import { hasChromium } from '../support/page.ts'
import { startServer } from '../support/server.ts'
import { expectWhole } from '../support/sums.ts'
import { readLine } from '../support/text-reader.ts'
import { until } from '../support/until.ts'
import { bearerOf, LiveViewer } from '../support/viewer.ts'

if (!hasChromium) console.warn('Tests are left out, of the camera page: there is no Chromium.')
endBareCamerasAfterAll()

it.skipIf(!hasChromium)('films as it was asked, and each picture has its time', async () => {
  const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
  const settings = { ratio: { width: 16, height: 9 }, shortSide: 270, fps: 10, bitrateMbps: 0.8 }
  const camera = await BareCamera.open({ port, id: 'phone-film', settings })
  await until('it is there', () => server.room.views()[0]?.ownName === 'Anna')
  // Before it films it is seen by who looks, as it would be filmed; nothing of that is in the recording.
  const viewer = await LiveViewer.open(port, 'phone-film', await bearerOf(data))
  await until('two pictures', () => viewer.pictures.length >= 2)
  expect(viewer.hellos.at(-1)).toMatchObject({ width: 480, height: 270 })
  expect(viewer.pictures.every(({ isKeyframe }) => isKeyframe)).toBe(true)
  expect((await camera.state()).isSeen).toBe(true)
  expect(await recordingsIn(data)).toEqual([])
  await camera.say({ type: 'start' })
  await filmed(camera, 50)
  expect((await camera.state()).isSeen).toBe(false)
  // What it films follows in the same view.
  const [seen, decoded] = [viewer.pictures.length, viewer.decoded()]
  expect(await decoded).toHaveLength(seen)
  viewer.socket.terminate()
  await end(camera)
  const folder = await expectWhole(data, await camera.checksums())
  const film = join(folder, 'stream.mp4')
  const { streams } = await probe(film)
  expect(streams[0]).toMatchObject({ codec_name: 'h264', width: 480, height: 270 })
  const packets = await probePackets(film)
  expect(new Set(await frameMd5(film)).size).toBeGreaterThan(packets.length / 2)
  const times = packets.map(({ ptsMs }) => ptsMs)
  const intervals = times.slice(1).map((ms, i) => ms - times[i]!)
  // The middle one: a busy machine loses pictures now and then.
  expect(Math.abs(intervals.sort((a, b) => a - b)[intervals.length >> 1]! - 100)).toBeLessThan(10)
  const seconds = (times.at(-1)! - times[0]!) / 1000
  const bits = packets.slice(0, -1).reduce((sum, { sizeBytes }) => sum + sizeBytes * 8, 0)
  // By the clock, or by the picture where a busy machine has lost some.
  const off = [bits / seconds, (bits / (packets.length - 1)) * 10].map((rate) => Math.abs(rate / 0.8e6 - 1))
  expect(Math.min(...off)).toBeLessThan(0.1)
  expectTimes(await rowsIn(folder), times, await camera.timestamps())
  expectKeyframes(packets)
})

/** One a second: the picture that is nearest to it. */
function expectKeyframes(packets: ProbedPacket[]): void {
  let keyframeMs = Number.NEGATIVE_INFINITY
  for (const { ptsMs, keyframe } of packets) {
    // Half of a tenth of a second is early enough; times are whole milliseconds.
    const sinceMs = ptsMs - keyframeMs
    if (keyframe) expect(sinceMs).toBeGreaterThan(948)
    else expect(sinceMs).toBeLessThan(952)
    if (keyframe) keyframeMs = ptsMs
  }
}

it.skipIf(!hasChromium)(
  "begins at a named time, told before it knows the time, by the server's clock; keyframes come when asked for, previews while all else waits",
  async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => SUBPROTOCOL_2 })
    onTestFinished(() => server.close())
    await once(server, 'listening')
    const packets: FramePacket[] = []
    const statuses: string[] = []
    let previews = 0
    let isBusy = false
    /** The server's clock is an hour ahead. */
    const serverUs = () => Date.now() * 1000 + 3_600_000_000
    let beginAtUs = 0
    server.on('connection', (socket) => {
      const say = (message: object) => socket.send(JSON.stringify(message))
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary && isPreview(data)) {
          previews += 1
          return
        }
        if (isBinary) {
          packets.push(parseFramePacket(data))
          if (packets.length > 5) say({ type: 'keyframe' })
          return
        }
        const { type, phoneUs, capture, from, status } = JSON.parse(String(data))
        if (status) statuses.push(status)
        else if (type === 'clock') say({ type, phoneUs, receivedUs: serverUs(), sentUs: serverUs() })
        else if (type === 'capture' && !isBusy) say({ type: 'next', capture, sequence: from })
        else if (type === 'hello') {
          say({ type: 'welcome', protocol: 2, camera: 'c', name: 'Left', resumeWindowMs: 1000 })
          // Not where one second becomes the next: the time is read from the picture.
          beginAtUs = Math.ceil(serverUs() / 1e6 + 2) * 1e6 + 300_000
          const payload = { format: 'h264', bitrate: 1, fps: 15, take: 'take-1', beginAtUs }
          say({ command: 'start_capture', payload })
        }
      })
    })
    const { port } = server.address() as AddressInfo
    const settings = { showsTime: true, shortSide: 480 }
    const camera = await BareCamera.open({ port, id: 'phone-when', settings })
    onTestFinished(() => {
      for (const socket of server.clients) socket.terminate()
    })
    await until('pictures', () => packets.length >= 5)
    const { aheadMs, serverName, capture } = await camera.state()
    expect(serverName).toBe('Left')
    for (const socket of server.clients) socket.send('{"type":"name","name":"Right"}')
    await until('its new name', async () => (await camera.state()).serverName === 'Right')
    expect(Math.abs(aheadMs - 3_600_000)).toBeLessThan(1000)
    expect(capture).toMatchObject({ beginsAtMs: null, byOperator: true })
    expect(statuses).toEqual(['capture_started'])
    // Their times are by the phone's clock.
    expect(packets[0]!.captureMs + aheadMs * 1000 - beginAtUs).toBeGreaterThan(-50_000)
    expect(packets.map(({ sequence }) => sequence).slice(0, 5)).toEqual([0, 1, 2, 3, 4])
    const keyframesUs = () =>
      packets.filter(({ payload }) => readAccessUnit(payload).keyframe).map(({ captureMs }) => captureMs)
    // By itself there is one a second.
    await until('keyframes that were asked for', () =>
      keyframesUs().some((us, i, all) => i > 0 && us - all[i - 1]! < 900_000),
    )
    expect(previews).toBe(0)
    // What is filmed has to wait: viewers are shown what is now.
    isBusy = true
    for (const socket of server.clients) socket.send('{"type":"again"}')
    await until('two previews', () => previews > 1)
    const [{ payload, captureMs: firstUs }] = packets as [FramePacket]
    await expectTimeIn(payload, firstUs / 1000 + aheadMs)
  },
)

/** Time, day and zone are burnt into the keyframe: those of this time in ms, which is not near the end of its second. */
async function expectTimeIn(keyframe: Uint8Array, ms: number): Promise<void> {
  const folder = await temporaryFolder()
  const stream = join(folder, 'keyframe.h264')
  await writeFile(stream, keyframe)
  /** One line, above all that is filmed; `crop` as ffmpeg has it. */
  const read = async (name: string, crop: string, letters: string) => {
    const picture = join(folder, name)
    const line = ['-frames:v', '1', '-vf', `crop=${crop},scale=iw*2:-1`, picture]
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-f', 'h264', '-i', stream, ...line])
    return readLine(picture, letters)
  }
  const time = await read('time.png', '352:46:0:4', 'Time: 0123456789')
  const day = await read('day.png', '272:32:0:48', 'UTC: +-0123456789')
  if (time === undefined || day === undefined) return
  const [, clock, date, zone] = /^Time: (\d\d:\d\d:\d\d)\n(\d{4}-\d\d-\d\d) UTC([+-]\d\d:\d\d)$/.exec(
    `${time}\n${day}`,
  ) ?? [undefined, `${time} ${day}`]
  expect(Date.parse(`${date}T${clock}${zone}`)).toBe(Math.floor(ms / 1000) * 1000)
}

it.skipIf(!hasChromium)(
  'goes on in another part when the phone is turned, with the time burnt in, also where frames are told to be turned',
  async () => {
    const { port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const camera = await BareCamera.open({
      port,
      id: 'phone-turn',
      settings: { showsTime: true, shortSide: 480 },
    })
    await until('it is there', async () => (await camera.state())?.link === 'open')
    await camera.page.evaluate('window.draw(640, 480)')
    await camera.say({ type: 'start' })
    await filmed(camera, 15)
    await camera.page.evaluate('window.turn()')
    await until('it is upright', async () => (await camera.state()).encoded?.height === 640)
    await filmed(camera, (await camera.checksums()).length + 10)
    // As phones give frames that are held across: upright ones, that are to be turned.
    const settings = { ratio: null, shortSide: 480, fps: 15, bitrateMbps: 0.5, showsTime: false }
    await camera.say({ type: 'settings', settings, own: settings })
    await camera.page.evaluate('void window.rotate(90)')
    await until('it lies', async () => (await camera.state()).encoded?.height === 480)
    await filmed(camera, (await camera.checksums()).length + 10)
    await end(camera)
    const folder = await expectWhole(data, await camera.checksums())
    const { parts } = await documentIn(folder)
    expect(parts.map(({ width, height }) => [width, height])).toEqual([
      [640, 480],
      [480, 640],
      [640, 480],
    ])
    // Above all the drawn colours: black with white letters.
    const shown = async (part: number, crop: string) => {
      const picture = join(await temporaryFolder(), 'corner.gray')
      const from = ['-i', join(folder, parts[part]!.file), '-vf', `crop=${crop}`, '-frames:v', '1']
      await promisify(execFile)('ffmpeg', [
        '-v',
        'error',
        ...from,
        '-f',
        'rawvideo',
        '-pix_fmt',
        'gray',
        picture,
      ])
      const corner = await readFile(picture)
      return (has: (grey: number) => boolean) => corner.filter(has).length / corner.length
    }
    const text = await shown(0, '160:40:16:12')
    expect(text((grey) => grey < 50)).toBeGreaterThan(0.4)
    expect(text((grey) => grey > 200)).toBeGreaterThan(0.05)
    // What is white in the last corner: turned to the right it is the one before.
    for (const [part, crop] of [
      [0, '60:60:560:400'],
      [1, '60:60:400:560'],
      [2, '60:60:20:400'],
    ] as const)
      expect((await shown(part, crop))((grey) => grey > 235)).toBeGreaterThan(0.9)
    expect((await shown(2, '60:60:560:400'))((grey) => grey > 235)).toBeLessThan(0.1)
  },
)
