/** The camera page's engine in a real browser, against a real server: from frames to a recording in which nothing is missing. */

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
import { SUBPROTOCOL_2 } from '../../src/wire/protocol2-frames.ts'
import { allSent, BareCamera, end, endBareCamerasAfterAll, filmed } from '../support/bare-camera.ts'
import { cutProxy } from '../support/cut-proxy.ts'
import { frameMd5, type ProbedPacket, probe, probePackets } from '../support/ffmpeg.ts'
import { documentIn, recordingsIn, rowsIn, temporaryFolder } from '../support/folders.ts'
import { hasChromium } from '../support/page.ts'
import { ServerProcess } from '../support/process.ts'
import { startServer } from '../support/server.ts'
import { expectSamePictures, expectWholeRecording } from '../support/sums.ts'
import { readLine } from '../support/text-reader.ts'
import { until } from '../support/until.ts'
import { bearerOf, LiveViewer } from '../support/viewer.ts'

if (!hasChromium) console.warn('Tests are left out, of the camera page: there is no Chromium.')
endBareCamerasAfterAll()

/** No picture comes for so long: the phone sleeps, in ms. */
const ASLEEP_MS = 1500

/** The only recording, closed and whole. @returns Its folder. */
async function expectWhole(data: string, sums: string[], count = sums.length): Promise<string> {
  const folders = await recordingsIn(data)
  expect(folders).toHaveLength(1)
  await expectWholeRecording(folders[0]!, sums, count)
  return folders[0]!
}

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

/** In recording and film each picture lies as long behind the first as the camera said. */
function expectTimes(rows: string[][], filmMs: number[], timestampsUs: number[]): void {
  const captureMs = rows.map((row) => Number(row[1]))
  const isAsRecorded = (first: number) => {
    const known = new Set(timestampsUs.map((us) => Math.round((us - first) / 1000)))
    return captureMs.every((ms) => [-1, 0, 1].some((off) => known.has(Math.round(ms - captureMs[0]!) + off)))
  }
  expect(timestampsUs.some(isAsRecorded)).toBe(true)
  for (const [i, ms] of filmMs.entries())
    expect(Math.abs(ms - filmMs[0]! - (captureMs[i]! - captureMs[0]!))).toBeLessThanOrEqual(1)
}

it.skipIf(!hasChromium)(
  'loses nothing when the way is held for one second, cut for five, and then narrow; it catches up faster than it films',
  async () => {
    const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const way = await cutProxy(port)
    const camera = await BareCamera.open({
      port: way.port,
      id: 'phone-cut1',
      settings: { shortSide: 480, fps: 30, bitrateMbps: 8 },
      // Less than a second: of what waits only the newest is in memory.
      memoryBytes: 200_000,
    })
    await until('it is there', async () => (await camera.state())?.link === 'open')
    await camera.say({ type: 'start' })
    await filmed(camera, 10)
    way.hold()
    await until('a second waits', async () => (await camera.state()).waitingMs > 1500)
    way.release()
    await until('it is sent', async () => (await camera.state()).waitingMs < 1200)
    expect(await camera.page.evaluate('window.bitrate')).toBe(8_000_000)
    way.cut()
    await until('five seconds wait', async () => (await camera.state()).waitingMs > 5500)
    way.narrow(100_000)
    way.mend()
    await until('it is said', async () => (await camera.state()).notice === 'bitrate-lowered')
    expect(await camera.page.evaluate('window.bitrate')).toBeLessThan(6_000_000)
    const before = { ms: performance.now(), waitingMs: (await camera.state()).waitingMs }
    way.narrow(Number.POSITIVE_INFINITY)
    await until('it is sent', async () => (await camera.state()).waitingMs < 1200)
    const tookMs = performance.now() - before.ms
    expect((before.waitingMs - 1200 + tookMs) / tookMs).toBeGreaterThan(1.5)
    const notice = () => server.room.views()[0]?.phone?.notice ?? ''
    await until('the operator is told', () => notice().startsWith('bitrate lowered'))
    // Memory did not hold it: it came back from the phone's store.
    expect(await camera.page.evaluate('window.reads.length')).toBeGreaterThan(1)
    await end(camera)
    await expectSamePictures(await expectWhole(data, await camera.checksums()))
  },
)

it.skipIf(!hasChromium)('goes on in the same recording after the server was killed', async () => {
  const data = await temporaryFolder()
  let server = await ServerProcess.start(['--data', data, '--no-thumbnails'])
  const { port } = server
  const camera = await BareCamera.open({ port, id: 'phone-kill' })
  await until('it is there', async () => (await camera.state())?.link === 'open')
  await camera.say({ type: 'start' })
  await filmed(camera, 25)
  await server.end('SIGKILL')
  await filmed(camera, 40)
  server = await ServerProcess.start(['--data', data, '--no-thumbnails', '--port', String(port)])
  await until('it is sent', async () => (await camera.state()).waitingMs < 1200)
  await end(camera)
  await expectWhole(data, await camera.checksums())
  expect(await server.end('SIGTERM')).toBe(0)
})

it.skipIf(!hasChromium)(
  'sends what was kept when it wakes without a connection, and is reloaded',
  async () => {
    const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const way = await cutProxy(port)
    const camera = await BareCamera.open({ port: way.port, id: 'phone-load' })
    await until('it is there', async () => (await camera.state())?.link === 'open')
    await camera.say({ type: 'start' })
    await filmed(camera, 20)
    const wake = await camera.sleep()
    const asleepMs = () => Date.now() - server.room.views()[0]!.lastPictureAtMs!
    await until('it sleeps', () => asleepMs() > ASLEEP_MS)
    way.cut()
    wake()
    await filmed(camera, 40)
    const sums = await camera.checksums()
    way.mend()
    await camera.load()
    await allSent(camera)
    const [folder] = await recordingsIn(data)
    await until('it is closed', async () => (await documentIn(folder!)).state === 'closed')
    const { pictures } = await documentIn(folder!)
    expect(pictures).toBeGreaterThanOrEqual(sums.length)
    await expectWhole(data, sums, pictures)
    const times = (await rowsIn(folder!)).map((row) => Number(row[1]))
    expect(Math.max(...times.slice(1).map((ms, i) => ms - times[i]!))).toBeGreaterThan(ASLEEP_MS / 2)
  },
)

it.skipIf(!hasChromium)(
  'films for a take as the operator asks, and stops for one that ended while it was away',
  async () => {
    const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const way = await cutProxy(port)
    const camera = await BareCamera.open({ port: way.port, id: 'phone-take' })
    await until('it is there', async () => (await camera.state())?.link === 'open')
    const asked = { bitrateMbps: 1, fps: 20, aspectRatio: { width: 1, height: 1 } }
    const { takeId } = server.room.start(asked)
    await filmed(camera, 20)
    expect((await camera.state()).capture.byOperator).toBe(true)
    const ratio = asked.aspectRatio
    expect((await camera.said())[0]).toMatchObject({
      type: 'asked',
      settings: { ratio, fps: 20, bitrateMbps: 1 },
    })
    expect(server.room.views()[0]).toMatchObject({ take: takeId, width: 240, height: 240 })
    way.cut()
    server.room.stop()
    await filmed(camera, 40)
    way.mend()
    await until('it has stopped', async () => (await camera.state()).capture === null)
    await end(camera)
    const folder = await expectWhole(data, await camera.checksums())
    expect((await documentIn(folder)).take).toBe(takeId)
    expect((await camera.said()).at(-1)).toEqual({ type: 'asked', settings: null })
  },
)

it.skipIf(!hasChromium)(
  'films on for its take after it was reloaded, and not once its holder stopped it while it was away',
  async () => {
    const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const way = await cutProxy(port)
    const camera = await BareCamera.open({ port: way.port, id: 'phone-more' })
    await until('it is there', async () => (await camera.state())?.link === 'open')
    const { takeId } = server.room.start({ bitrateMbps: 1, fps: 20 })
    await filmed(camera, 20)
    const before = await camera.checksums()
    await camera.load()
    await filmed(camera, 10)
    expect((await camera.state()).capture.byOperator).toBe(true)
    way.cut()
    await until('it is away', () => server.room.views()[0]!.state === 'away')
    await camera.say({ type: 'stop' })
    await until('it has stopped', async () => (await camera.state()).capture === null)
    const after = await camera.checksums()
    // Though the page is opened anew before anybody was told.
    await camera.page.goto('about:blank')
    way.mend()
    await camera.load()
    await allSent(camera)
    const folders = await recordingsIn(data)
    const documents = await Promise.all(folders.map(documentIn))
    expect(documents.map(({ take }) => take)).toEqual([takeId, takeId])
    const older = documents[0]!.startedAtMs < documents[1]!.startedAtMs ? 0 : 1
    // Some were encoded after they were counted.
    await expectWholeRecording(folders[older]!, before, documents[older]!.pictures)
    await expectWholeRecording(folders[1 - older]!, after, documents[1 - older]!.pictures)
    expect(server.room.takeId()).toBe(takeId)
  },
)

it.skipIf(!hasChromium)('begins for its take when its camera is allowed late', async () => {
  const { server, port } = await startServer({ stopWaitMs: 0, thumbnails: false, confirmMs: 60_000 })
  const camera = await BareCamera.open({ port, id: 'phone-slow', isOff: true })
  await until('it is there', async () => (await camera.state())?.link === 'open')
  const { takeId, outcome } = server.room.start({ bitrateMbps: 1, fps: 20 })
  expect((await outcome).refused).toHaveLength(1)
  await camera.page.evaluate('window.draw(640, 480)')
  await until('it films', () => server.room.views()[0]!.take === takeId)
  // It is started anew after it was reloaded; a stop calls that off.
  await camera.load()
  await until('it is there', async () => (await camera.state())?.link === 'open')
  server.room.stop()
  await camera.page.evaluate('window.draw(640, 480)')
  await until('there are pictures', async () => (await camera.timestamps()).length > 5)
  expect((await camera.state()).capture).toBeNull()
})

it.skipIf(!hasChromium)(
  "begins at a named time, told before it knows the time, by the server's clock; keyframes come when asked for",
  async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => SUBPROTOCOL_2 })
    onTestFinished(() => server.close())
    await once(server, 'listening')
    const packets: FramePacket[] = []
    const statuses: string[] = []
    /** The server's clock is an hour ahead. */
    const serverUs = () => Date.now() * 1000 + 3_600_000_000
    let beginAtUs = 0
    server.on('connection', (socket) => {
      const say = (message: object) => socket.send(JSON.stringify(message))
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) {
          packets.push(parseFramePacket(data))
          if (packets.length > 5) say({ type: 'keyframe' })
          return
        }
        const { type, phoneUs, capture, from, status } = JSON.parse(String(data))
        if (status) statuses.push(status)
        else if (type === 'clock') say({ type, phoneUs, receivedUs: serverUs(), sentUs: serverUs() })
        else if (type === 'capture') say({ type: 'next', capture, sequence: from })
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
    const [{ payload, captureMs: firstUs }] = packets as [FramePacket]
    await expectTimeIn(payload, firstUs / 1000 + aheadMs)
  },
)

/** Time, day and zone are burnt into the keyframe, of this time in ms; the clock's own error is allowed. */
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
  const time = await read('time.png', '352:46:0:4', 'Time: .0123456789')
  const day = await read('day.png', '272:32:0:48', 'UTC: +-0123456789')
  if (time === undefined || day === undefined) return
  const [, clock, date, zone] = /^Time: ([\d:.]{12})\n(\d{4}-\d\d-\d\d) UTC([+-]\d\d:\d\d)$/.exec(
    `${time}\n${day}`,
  ) ?? [undefined, `${time} ${day}`]
  expect(clock).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/)
  expect(Math.abs(Date.parse(`${date}T${clock}${zone}`) - ms)).toBeLessThan(100)
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

it.skipIf(!hasChromium)('gives way to a newer page, which sends what the older one had filmed', async () => {
  const { port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
  const camera = await BareCamera.open({ port, id: 'phone-two1' })
  await until('it is there', async () => (await camera.state())?.link === 'open')
  await camera.say({ type: 'start' })
  await filmed(camera, 25)
  const older = camera.page
  const newer = await camera.context.newPage()
  await camera.load(newer)
  await until('it has given way', async () => (await camera.state(older)).link === 'replaced')
  await until('it films no more', async () => (await camera.state(older)).capture === null)
  const sums = await camera.checksums()
  await until('all is sent', async () => {
    const state = await camera.state(newer)
    return state?.link === 'open' && state.leftCaptures === 0
  })
  await expectWhole(data, sums)
})

/** What the phone's own store says of a capture. */
function noteOf({ page }: BareCamera, capture: string): Promise<string> {
  const path = ['rollcall-captures', capture].map(
    (name) => `.then((folder) => folder.getDirectoryHandle('${name}'))`,
  )
  const file = ".then((folder) => folder.getFileHandle('capture.json')).then((file) => file.getFile())"
  return page.evaluate(`navigator.storage.getDirectory()${path.join('')}${file}.then((file) => file.text())`)
}

it.skipIf(!hasChromium)('gives up its oldest pictures when there is no room, and counts them', async () => {
  const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
  const way = await cutProxy(port)
  const camera = await BareCamera.open({
    port: way.port,
    id: 'phone-full',
    memoryBytes: 300_000,
    settings: { bitrateMbps: 1 },
  })
  await until('it is there', async () => (await camera.state())?.link === 'open')
  way.cut()
  // Of the first nothing is left when the second has filled the room.
  await camera.say({ type: 'start' })
  await filmed(camera, 15)
  await camera.say({ type: 'stop' })
  await until('it has stopped', async () => (await camera.state()).capture === null)
  const first = await camera.checksumsOf()
  const devtools = await camera.context.newCDPSession(camera.page)
  const origin = `http://127.0.0.1:${way.port}`
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 300_000 })
  await camera.say({ type: 'start' })
  await until('pictures are given up', async () => (await camera.state()).dropped > first.sums.length + 30)
  // A page that is reloaded will know of it.
  const count = first.sums.length
  expect(JSON.parse(await noteOf(camera, first.capture))).toMatchObject({ dropped: count, droppedTo: count })
  await until('it is said', async () => (await camera.state()).notice === 'storage-full')
  way.mend()
  await until('it is back', () => server.room.views()[0]?.state === 'recording')
  const phone = () => server.room.views()[0]?.phone
  await until('it is told', () => (phone()?.dropped ?? 0) > first.sums.length)
  expect(phone()!.notice).toMatch(/^the storage of the phone is full/)
  await until('it is sent', async () => (await camera.state()).waitingMs < 1200)
  const { dropped } = await camera.state()
  await end(camera)
  const folders = await recordingsIn(data)
  for (const folder of folders)
    await until('it is closed', async () => (await documentIn(folder)).state === 'closed')
  const documents = await Promise.all(folders.map(documentIn))
  const given = documents.findIndex(({ capture }) => capture?.id === first.capture)
  expect(documents[given]).toMatchObject({ pictures: 0, integrity: { missing: first.sums.length } })
  const rows = await rowsIn(folders[1 - given]!)
  const lost = (await camera.checksums()).length - rows.length
  expect(lost).toBeGreaterThan(30)
  expect(documents[1 - given]!.integrity.missing).toBe(lost)
  // Of those that were given up some had been sent, and came.
  expect(dropped).toBeGreaterThanOrEqual(lost)
  // What begins is a keyframe.
  expect(rows[0]![5]).toBe('1')
})
