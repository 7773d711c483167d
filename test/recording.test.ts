/** What phones do, against a real server, read back with ffprobe. */

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyFolder } from '../src/library/verify.ts'
import { probe, probePackets, testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, rowsIn } from './support/folders.ts'
import { configurationApart, TestPhone } from './support/phone.ts'
import { startServer } from './support/server.ts'

const BASE_MS = 4_294_967_296_123

/** Records pictures at these capture times, configuration apart, and gives the folder. */
async function record(captureMs: number[], options: { sizes?: string[]; keyframeEvery?: number } = {}) {
  const { port, data, server } = await startServer()
  const phone = await TestPhone.connect(port)
  phone.status('capture_started')
  const perSize = captureMs.length / (options.sizes?.length ?? 1)
  for (const [part, size] of (options.sizes ?? ['160x120']).entries()) {
    const [first, ...rest] = await testPictures(perSize, size, options.keyframeEvery)
    const { configuration, picture } = configurationApart(first!)
    phone.packet(0, configuration)
    for (const [i, payload] of [picture, ...rest].entries())
      phone.packet(captureMs[part * perSize + i]!, payload)
  }
  phone.status('capture_stopped')
  await phone.close()
  await server.close()
  const [folder] = await recordingsIn(data)
  return { folder: folder!, document: await documentIn(folder!), sent: phone.sent }
}

async function ptsMs(file: string): Promise<number[]> {
  return (await probePackets(file)).map((packet) => Math.round(packet.ptsMs))
}

describe('time', () => {
  const spaced = (count: number, interval: (i: number) => number) => {
    const times = [BASE_MS]
    while (times.length < count) times.push(times.at(-1)! + interval(times.length))
    return times
  }

  it.each([
    ['10 fps from a 30 fps camera', spaced(60, (i) => (i % 3 === 0 ? 133 : 100))],
    ['240 fps', spaced(60, (i) => (i % 6 === 0 ? 5 : 4))],
    ['one picture in 5 s', spaced(12, () => 5000)],
    ['5 seconds lost', spaced(60, (i) => (i === 25 ? 5033 : 33))],
    ['equal times', spaced(60, (i) => (i % 4 === 0 ? 0 : 33))],
    ['small steps back', spaced(60, (i) => (i % 20 === 7 ? -40 : 33))],
  ])('is exact to the millisecond: %s', async (_title, captureMs) => {
    const { folder, document } = await record(captureMs)
    expect(await ptsMs(join(folder, 'stream.mp4'))).toEqual(captureMs.map((ms) => ms - BASE_MS))
    expect(document.pictures).toBe(captureMs.length)
    expect(document.integrity.equalTimes).toBe(captureMs.filter((ms, i) => ms === captureMs[i - 1]).length)
    expect(await verifyFolder(folder)).toEqual([])
  })

  it('says where pictures are missing and for how long', async () => {
    const { document } = await record(spaced(60, (i) => (i === 25 ? 5033 : 33)))
    expect(document.integrity.gaps).toEqual([{ part: 1, atMs: 24 * 33 + 5033, durationMs: 5033 }])
  })

  it.each([
    ['forward, on a keyframe', 30, 3_600_000],
    ['forward, within a group of pictures', 33, 3_600_000],
    ['back, by a reboot', 33, -4_000_000],
  ])('begins a new part when the clock jumps %s', async (_title, at, jumpMs) => {
    const { folder, document } = await record(spaced(60, (i) => (i === at ? jumpMs : 100)))
    const begins = Math.ceil(at / 10) * 10
    expect(document.parts.map(({ pictures }) => pictures)).toEqual([begins, 60 - begins])
    expect(document.pictures).toBe(60)
    expect(document.integrity.clockJumps).toEqual([expect.objectContaining({ part: 1, jumpMs })])
    expect(await ptsMs(join(folder, 'stream.2.mp4'))).toEqual(
      Array.from({ length: 60 - begins }, (_, i) => i * 100),
    )
    expect(await ptsMs(join(folder, 'stream.mp4'))).toEqual(Array.from({ length: begins }, (_, i) => i * 100))
    expect(await verifyFolder(folder)).toEqual([])
  })

  it('begins a new part when the picture size changes', async () => {
    const { folder, document } = await record(
      spaced(40, () => 100),
      { sizes: ['160x120', '120x160'] },
    )
    expect(document.parts).toMatchObject([
      { file: 'stream.mp4', width: 160, height: 120, pictures: 20 },
      { file: 'stream.2.mp4', width: 120, height: 160, pictures: 20 },
    ])
    const { streams } = await probe(join(folder, 'stream.2.mp4'))
    expect(streams[0]).toMatchObject({ width: 120, height: 160 })
    expect(await verifyFolder(folder)).toEqual([])
  })
})

describe('the integrity account', () => {
  it('counts what is missing, repeated, late and malformed, and keeps the rest', async () => {
    const { port, data, server } = await startServer()
    const phone = await TestPhone.connect(port)
    const [first, ...rest] = await testPictures(30)
    const { configuration, picture } = configurationApart(first!)
    phone.status('capture_started')
    phone.packet(0, configuration, 0)
    const order = [1, 2, 3, 6, 5, 7, 8, 8, 12]
    for (const [i, sequence] of order.entries())
      phone.packet(1000 + i * 100, [picture, ...rest][i]!, sequence)
    phone.binary(Buffer.alloc(15))
    phone.binary(Buffer.alloc(17))
    phone.packet(3000, Buffer.from('not H.264 at all'), 13)
    await phone.close()
    await server.close()
    const [folder] = await recordingsIn(data)
    const document = await documentIn(folder!)
    expect(document.state).toBe('closed')
    expect(document.pictures).toBe(order.length)
    expect(document.integrity).toMatchObject({
      packets: 11,
      malformed: 2,
      notH264: 1,
      configurationPackets: 1,
      missing: 4,
      repeated: 1,
      outOfOrder: 1,
    })
    expect(document.integrity.missingAt.map(({ sequence, count }) => [sequence, count])).toEqual([
      [4, 1],
      [9, 3],
    ])
    expect(document.errors.map(({ code }) => code)).toEqual([
      'PACKET_TOO_SHORT',
      'PACKET_LENGTH_MISMATCH',
      'H264_NO_NAL_UNIT',
    ])
  })

  it('keeps pictures before the first keyframe in the raw file only', async () => {
    const { port, data, server } = await startServer()
    const phone = await TestPhone.connect(port)
    const pictures = await testPictures(30)
    phone.status('capture_started')
    phone.packet(0, configurationApart(pictures[0]!).configuration)
    for (const [i, payload] of pictures.entries()) if (i >= 5) phone.packet(i * 100, payload)
    phone.status('capture_stopped')
    await phone.close()
    await server.close()
    const [folder] = await recordingsIn(data)
    const document = await documentIn(folder!)
    expect(document).toMatchObject({ pictures: 20, integrity: { picturesBeforeKeyframe: 5 } })
    expect(await ptsMs(join(folder!, 'stream.mp4'))).toEqual(Array.from({ length: 20 }, (_, i) => i * 100))
    expect((await rowsIn(folder!)).slice(0, 6).map((row) => row[3])).toEqual(['', '', '', '', '', '0'])
    const raw = await readFile(join(folder!, 'stream.h264'))
    expect(raw).toEqual(Buffer.concat(phone.sent.map(({ payload }) => payload)))
  })
})

describe('a recording', () => {
  it('takes the pictures that came before capture_started', async () => {
    const { port, data, server } = await startServer()
    const phone = await TestPhone.connect(port)
    const [first, ...rest] = await testPictures(30)
    const { configuration, picture } = configurationApart(first!)
    phone.packet(0, configuration)
    phone.packet(500, picture)
    phone.packet(600, rest[0]!)
    phone.status('capture_started')
    phone.packet(700, rest[1]!)
    phone.status('capture_stopped')
    phone.packet(800, rest[2]!)
    await phone.close()
    await server.close()
    const [folder, ...others] = await recordingsIn(data)
    expect(others).toEqual([])
    const document = await documentIn(folder!)
    expect(document).toMatchObject({
      state: 'closed',
      pictures: 3,
      keyframes: 1,
      camera: phone.id,
      take: null,
    })
    expect(document.device).toEqual({ model: 'Pixel 6a', address: '127.0.0.1', path: '/android-cam' })
  })

  it('ends when another begins, and two in one second get two folders', async () => {
    const { port, data, server } = await startServer()
    const phone = await TestPhone.connect(port)
    const [first, ...rest] = await testPictures(10)
    const { configuration, picture } = configurationApart(first!)
    for (let capture = 0; capture < 3; capture += 1) {
      phone.status('capture_started')
      phone.sequence = 0
      phone.packet(0, configuration)
      for (const [i, payload] of [picture, ...rest].entries()) phone.packet(9000 + i * 100, payload)
    }
    await phone.close()
    await server.close()
    const folders = await recordingsIn(data)
    expect(folders).toHaveLength(3)
    for (const folder of folders) {
      expect(await documentIn(folder)).toMatchObject({ state: 'closed', pictures: 10 })
      expect(await verifyFolder(folder)).toEqual([])
    }
  })

  it('splits captures rightly when the new one overtakes the status of the old', async () => {
    const { port, data, server } = await startServer()
    const phone = await TestPhone.connect(port)
    const [first, ...rest] = await testPictures(10)
    const { configuration, picture } = configurationApart(first!)
    const capture = () => {
      phone.sequence = 0
      phone.packet(0, configuration)
      for (const [i, payload] of [picture, ...rest].entries()) phone.packet(9000 + i * 100, payload)
    }
    capture()
    phone.status('capture_started')
    capture()
    phone.status('capture_stopped')
    phone.status('capture_started')
    await phone.close()
    await server.close()
    const documents = await Promise.all((await recordingsIn(data)).map(documentIn))
    expect(documents.map(({ pictures }) => pictures)).toEqual([10, 10])
  })

  it('keeps no raw file when told so, and has a thumbnail that is a picture', async () => {
    const { port, data, server } = await startServer({ raw: false })
    const phone = await TestPhone.connect(port)
    const pictures = await testPictures(30)
    phone.status('capture_started')
    for (const [i, payload] of pictures.entries()) phone.packet(i * 100, payload)
    phone.status('capture_stopped')
    await phone.close()
    await server.close()
    const [folder] = await recordingsIn(data)
    expect((await readdir(folder!)).sort()).toEqual([
      'frames.csv',
      'recording.json',
      'stream.mp4',
      'thumbnail.jpg',
    ])
    const { streams } = await probe(join(folder!, 'thumbnail.jpg'))
    expect(streams[0]).toMatchObject({ codec_name: 'mjpeg', width: 160, height: 120 })
    expect((await stat(join(folder!, 'stream.mp4'))).size).toBe((await documentIn(folder!)).parts[0]!.bytes)
  })

  it('is closed when the camera goes without a word', async () => {
    const { port, data, server } = await startServer()
    const phone = await TestPhone.connect(port)
    phone.status('capture_started')
    for (const [i, payload] of (await testPictures(30)).entries()) phone.packet(i * 100, payload)
    phone.socket.terminate()
    while (server.cameras().length > 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await server.close()
    const [folder] = await recordingsIn(data)
    expect(await documentIn(folder!)).toMatchObject({ state: 'closed' })
    expect(await verifyFolder(folder!)).toEqual([])
  })
})
