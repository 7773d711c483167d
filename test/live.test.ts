/** The live view at a real server: what viewers of a camera are sent. */

import { rename } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { sampleOf, scrape } from './support/exposition.ts'
import { testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn } from './support/folders.ts'
import { hex } from './support/h264.ts'
import { expectPerfect } from './support/perfect.ts'
import { configurationApart, TestPhone } from './support/phone.ts'
import { startServer } from './support/server.ts'
import { StreamingPhone } from './support/streaming.ts'
import { until } from './support/until.ts'
import { bearerOf, decodedH264, LiveViewer } from './support/viewer.ts'

/** Of `testPictures`. */
const KEYFRAME_EVERY = 10

/** A camera whose parameter sets come apart, as Android's do: packet 0. Picture n is packet n + 1. */
async function camera(options: Parameters<typeof startServer>[0] = {}) {
  const started = await startServer({ thumbnails: false, stopWaitMs: 0, ...options })
  const phone = await TestPhone.connect(started.port)
  const units = await testPictures(40)
  const { configuration, picture } = configurationApart(units[0]!)
  const pictures = [picture, ...units.slice(1)]
  phone.status('capture_started')
  phone.packet(0, configuration)
  let sent = 0
  /** Sends the next pictures, 50 ms apart by the phone's clock. @returns The last one's sequence number. */
  const send = async (count: number) => {
    for (let i = 0; i < count; i += 1, sent += 1) phone.packet(5000 + sent * 50, pictures[sent % 40]!)
    await phone.acknowledged()
    return phone.sequence - 1
  }
  const headers = await bearerOf(started.data)
  const watch = (id = phone.id) => LiveViewer.open(started.port, id, headers)
  return { ...started, phone, send, watch, configuration, pictures }
}

const numbers = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)

it('begins with a keyframe at once in the middle of a group of pictures, and goes on without a loss', async () => {
  const { phone, send, watch, configuration, pictures } = await camera()
  await send(16)
  const viewer = await watch()
  await viewer.upTo(await send(14))
  expect(viewer.all[0]).toMatchObject({ type: 'hello', camera: phone.id, width: 160, height: 120 })
  expect(viewer.hellos).toHaveLength(1)
  expect(viewer.hellos[0]!.codec).toMatch(/^avc1\.42[\dA-F]{4}$/)
  expect(Math.abs(viewer.hellos[0]!.serverTimeMs - Date.now())).toBeLessThan(60_000)
  expect(viewer.pictures.map(({ sequence }) => sequence)).toEqual(numbers(11, 20))
  expect(viewer.pictures.map(({ flags }) => flags)).toEqual(
    numbers(0, 20).map((i) => (i % KEYFRAME_EVERY === 0 ? 1 : 0)),
  )
  expect(viewer.pictures[0]!.captureMs).toBe(5500)
  expect(await viewer.decoded()).toEqual(await decodedH264([configuration, ...pictures.slice(10, 30)]))
})

it('tells what the camera is once it is known, and begins with its first keyframe', async () => {
  const { phone, send, watch } = await camera()
  const viewer = await watch()
  await viewer.upTo(await send(3))
  const { id } = phone
  expect(viewer.all).toMatchObject([
    { type: 'hello', camera: id, codec: null, width: null, height: null },
    { type: 'hello', camera: id, codec: expect.stringMatching(/^avc1\./), width: 160, height: 120 },
    { sequence: 1, flags: 1 },
    { sequence: 2, flags: 0 },
    { sequence: 3, flags: 0 },
  ])
})

it('shows the last picture of a camera that has stopped', async () => {
  const { phone, send, watch, configuration, pictures } = await camera()
  const last = await send(17)
  phone.status('capture_stopped')
  await phone.acknowledged()
  const viewer = await watch()
  await viewer.upTo(last)
  expect((await viewer.decoded()).at(-1)).toBe(
    (await decodedH264([configuration, ...pictures.slice(0, 17)])).at(-1),
  )
})

it('tells of a new size before its first picture', async () => {
  const { phone, send, watch } = await camera()
  await send(12)
  const viewer = await watch()
  const large = await testPictures(5, '320x240')
  for (const [i, payload] of large.entries()) phone.packet(9000 + i * 50, payload)
  await viewer.upTo(phone.sequence - 1)
  expect(viewer.all).toMatchObject([
    { width: 160, height: 120 },
    { sequence: 11 },
    { sequence: 12 },
    { type: 'hello', width: 320, height: 240 },
    { sequence: 13, flags: 1 },
    ...numbers(14, 4).map((sequence) => ({ sequence, flags: 0 })),
  ])
  const seen = viewer.pictures.slice(2).map(({ payload }) => payload)
  expect(await decodedH264(seen)).toEqual(await decodedH264(large))
})

it('gives fifty viewers the same, wherever they came in', async () => {
  const { port, server, send, watch } = await camera()
  await send(5)
  const viewers = await Promise.all(numbers(0, 25).map(() => watch()))
  await send(3)
  viewers.push(...(await Promise.all(numbers(0, 25).map(() => watch()))))
  const last = await send(40)
  await Promise.all(viewers.map((viewer) => viewer.upTo(last)))
  const bytes = (viewer: LiveViewer) => Buffer.concat(viewer.pictures.map(({ payload }) => payload))
  for (const viewer of viewers) {
    expect(viewer.pictures.map(({ sequence }) => sequence)).toEqual(numbers(1, 48))
    expect(bytes(viewer).equals(bytes(viewers[0]!))).toBe(true)
  }
  expect(await viewers[0]!.decoded()).toHaveLength(48)
  const families = await scrape(port, server.accessToken)
  expect(sampleOf(families, 'viewers')).toBe(50)
  expect(sampleOf(families, 'live_delay_seconds_count')).toBe(25 * 43 + 25 * 40)
})

it('moves one that does not read on to a keyframe, holds little for it, and loses nothing of any recording', async () => {
  const { data, port, server, phone, watch, configuration, pictures } = await camera()
  const other = await StreamingPhone.connect(port)
  other.start()
  const [stuck, quick] = [await watch(), await watch()]
  stuck.socket.pause()
  // Half a megabyte each: a picture, and filler data behind it (nal_unit_type 12).
  const filler = Buffer.concat([hex('00000001 0c'), Buffer.alloc(500_000, 0xff), hex('80')])
  const large = numbers(0, 80).map((i) => Buffer.concat([pictures[i % 40]!, filler]))
  for (const [i, payload] of large.entries()) {
    phone.packet(5000 + i * 50, payload)
    await phone.acknowledged()
  }
  await quick.upTo(80)
  const families = await scrape(port, server.accessToken)
  const skipped = sampleOf(families, 'live_skipped_total')
  expect(skipped).toBeGreaterThan(0)

  stuck.socket.resume()
  const seen = () => stuck.pictures.length
  await until('all that was held', () => seen() === 80 - skipped)
  // Most of it was in the buffers of the system.
  expect(stuck.pictures.reduce((sum, { payload }) => sum + payload.length, 0)).toBeLessThan(20e6)
  expect(stuck.pictures.map(({ sequence }) => sequence)).toEqual(numbers(1, 80 - skipped))
  const next = async (i: number) => {
    phone.packet(9000 + i * 50, pictures[i]!)
    await phone.acknowledged()
  }
  for (const i of numbers(0, 12)) await next(i)
  await stuck.upTo(92)
  const resumed = stuck.pictures[80 - skipped]!
  expect(resumed).toMatchObject({ isKeyframe: true, afterSkipped: true })
  expect(await stuck.decoded()).toHaveLength(seen())

  expect(quick.pictures.map(({ sequence }) => sequence)).toEqual(numbers(1, 92))
  expect(quick.pictures.some(({ afterSkipped }) => afterSkipped)).toBe(false)
  expect(await quick.decoded()).toEqual(
    await decodedH264([configuration, ...pictures, ...pictures, ...pictures.slice(0, 12)]),
  )
  phone.status('capture_stopped')
  await expectPerfect(data, other)
  await server.close()
  const folder = (await recordingsIn(data)).find((name) => name.includes(`${phone.id}_`))!
  expect(await documentIn(folder)).toMatchObject({ state: 'closed', pictures: 92, integrity: { missing: 0 } })
})

it('gives keyframes alone to one that asks for them, until it asks for all', async () => {
  const { send, watch } = await camera()
  const viewer = await watch()
  viewer.say({ type: 'pace', pace: 'keyframes' })
  await viewer.heard()
  await send(33)
  await viewer.upTo(31)
  viewer.say({ type: 'pace', pace: 'all' })
  await viewer.heard()
  await viewer.upTo(await send(12))
  expect(viewer.pictures.map(({ sequence, flags }) => [sequence, flags])).toEqual([
    [1, 1],
    [11, 3],
    [21, 3],
    [31, 3],
    [41, 3],
    [42, 0],
    [43, 0],
    [44, 0],
    [45, 0],
  ])
  expect(await viewer.decoded()).toHaveLength(9)
})

it('goes on when the disk fails', async () => {
  const { data, send, watch } = await camera()
  const viewer = await watch()
  await send(1)
  await rename(data, `${data}-gone`)
  await viewer.upTo(await send(20))
  await rename(`${data}-gone`, data)
  expect(viewer.pictures.map(({ sequence }) => sequence)).toEqual(numbers(1, 21))
})

it('keeps the keyframe alone of a group that is longer than liveGopBytes', async () => {
  const { send, watch, pictures } = await camera({ liveGopBytes: 6000 })
  expect(pictures.slice(0, 10).reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(6000)
  await send(9)
  const viewer = await watch()
  await viewer.upTo(await send(3))
  expect(viewer.pictures.map(({ sequence, flags }) => [sequence, flags])).toEqual([
    [1, 1],
    [11, 3],
    [12, 0],
  ])
})
