/** stream.mp4, growing and closed, as mediabunny and mp4box read it: programs that we did not write. */

import { existsSync } from 'node:fs'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BufferSource, EncodedPacketSink, FilePathSource, Input, MP4, type Source } from 'mediabunny'
import { describe, expect, it } from 'vitest'
import { partFile } from '../src/recording/part.ts'
import { encodedPictures, orderedUnitsOf, probe } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { sampleOf, unitsOf } from './support/h264.ts'
import { readWithMp4box, scanFile } from './support/mp4.ts'
import { TestPhone } from './support/phone.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

const BASE_MS = 987_654_321
const TICKS_PER_MS = 90
const REORDERED = fileURLToPath(
  new URL('../../shared/conformance/Cisco_Men_whisper_640x320_CABAC_Bframe_9.264', import.meta.url),
)

interface Stream {
  units: Uint8Array[]
  /** For each unit its place in the order shown. */
  order: number[]
}

/** What a reader must say of a stream. */
interface Case {
  title: string
  make: () => Promise<Stream>
  /** From the first picture shown to the one at this place, in ms. */
  timeMs: (place: number) => number
  codec: RegExp
  size: [number, number]
  /** Width by height of a pixel; square when it is left out. */
  sar?: [number, number]
  colour?: { primaries: string; transfer: string; matrix: string; fullRange: boolean }
}

const regular = (place: number) => place * 40
const CASES: Case[] = [
  {
    title: 'a phone with irregular times and five seconds lost',
    make: () => encodedPictures(40, '160x120', ['-profile:v', 'baseline', '-g', '10', '-bf', '0']),
    timeMs: (place) => place * 100 + Math.floor(place / 3) * 33 + (place > 25 ? 5000 : 0),
    codec: /^avc1\.42c0/,
    size: [160, 120],
  },
  {
    title: 'B-pictures',
    make: () => encodedPictures(40, '160x120', ['-bf', '3', '-g', '12', '-x264-params', 'b-pyramid=normal']),
    timeMs: (place) => place * 33 + (place % 3),
    codec: /^avc1\.6400/,
    size: [160, 120],
  },
  {
    title: 'a cropped size, pixels that are not square, and colour',
    make: () =>
      encodedPictures(20, '100x62', [
        ...['-vf', 'setsar=4/3', '-profile:v', 'main', '-g', '10', '-bf', '0', '-x264-params'],
        'colorprim=bt709:transfer=iec61966-2-1:colormatrix=smpte170m:fullrange=on',
      ]),
    timeMs: regular,
    codec: /^avc1\.4d40/,
    size: [100, 62],
    sar: [4, 3],
    colour: { primaries: 'bt709', transfer: 'iec61966-2-1', matrix: 'smpte170m', fullRange: true },
  },
]
if (existsSync(REORDERED))
  CASES.push({
    title: 'the B-pictures of another encoder',
    make: () => orderedUnitsOf(REORDERED),
    timeMs: regular,
    codec: /^avc1\./,
    size: [640, 320],
  })
else console.info('no conformance streams beside the project: one reader test is left out')

/** Records streams one behind the other, and copies each stream.mp4 as it was before it was closed. */
async function record(streams: Stream[], timeMs: (place: number) => number) {
  const { port, data, server } = await startServer({ fragmentMs: 200, thumbnails: false })
  const phone = await TestPhone.connect(port)
  phone.status('capture_started')
  for (const [part, { units, order }] of streams.entries())
    for (const [i, unit] of units.entries()) phone.packet(BASE_MS + part * 5000 + timeMs(order[i]!), unit)
  await phone.acknowledged()
  const [folder] = await recordingsIn(data)
  const growing = join(await temporaryFolder(), 'growing.mp4')
  const last = join(folder!, partFile(streams.length))
  const count = streams.at(-1)!.units.length
  await until('every picture on the disk', async () => {
    const scanned = existsSync(last) && (await scanFile(last).catch(() => undefined))
    return scanned && scanned.samples === count
  })
  await copyFile(last, growing)
  phone.status('capture_stopped')
  await phone.acknowledged()
  await server.close()
  return { folder: folder!, growing, document: await documentIn(folder!) }
}

/** The times of a stream's pictures in ms, in decode order, the first keyframe at 0. */
function timesOf({ order }: Stream, timeMs: (place: number) => number): number[] {
  return order.map((place) => timeMs(place) - timeMs(order[0]!))
}

function keyframesOf({ units }: Stream): boolean[] {
  return units.map((unit) => unitsOf(unit).some((nal) => (nal[0]! & 31) === 5))
}

async function readWithMediabunny(source: Source) {
  using input = new Input({ source, formats: [MP4] })
  const track = (await input.getPrimaryVideoTrack())!
  const packets = []
  for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet)
  return {
    packets,
    codec: await track.getCodecParameterString(),
    size: [await track.getCodedWidth(), await track.getCodedHeight()],
    shownSize: [await track.getSquarePixelWidth(), await track.getSquarePixelHeight()],
    rotation: await track.getRotation(),
    colour: await track.getColorSpace(),
  }
}

describe.each(CASES)('$title', ({ make, timeMs, codec, size, sar = [1, 1], colour }) => {
  it('comes back from mediabunny and mp4box as it was sent, growing and closed', async () => {
    const stream = await make()
    const { folder, growing, document } = await record([stream], timeMs)
    const closed = join(folder, 'stream.mp4')
    const timesMs = timesOf(stream, timeMs)
    const keyframes = keyframesOf(stream)
    for (const file of [growing, closed]) {
      const bytes = await readFile(file)
      for (const source of [new FilePathSource(file), new BufferSource(bytes)]) {
        const read = await readWithMediabunny(source)
        expect(read.packets.map(({ timestamp }) => Math.round(timestamp * 1e6))).toEqual(
          timesMs.map((ms) => ms * 1000),
        )
        expect(read.packets.map(({ type }) => type === 'key')).toEqual(keyframes)
        for (const [i, { data }] of read.packets.entries())
          expect(sampleOf(stream.units[i]!).equals(data), `picture ${i}`).toBe(true)
        expect(read.codec).toMatch(codec)
        // RFC 6381 gives hex digits in either case.
        expect(read.codec?.toLowerCase()).toBe(document.codec!.toLowerCase())
        expect(read.size).toEqual(size)
        expect(read.shownSize).toEqual([Math.round((size[0] * sar[0]) / sar[1]), size[1]])
        expect(read.rotation).toBe(0)
        if (colour) expect(read.colour).toEqual(colour)
      }
      const { track, movie, presentationTicks, keyframes: syncs, sizes } = readWithMp4box(bytes)
      // Of a growing file mp4box adds up durations and leaves out each fragment's own decode time.
      if (file === closed) expect(presentationTicks).toEqual(timesMs.map((ms) => ms * TICKS_PER_MS))
      expect(syncs).toEqual(keyframes.flatMap((keyframe, i) => (keyframe ? [i] : [])))
      expect(sizes).toEqual(stream.units.map((unit) => sampleOf(unit).length))
      expect(track).toMatchObject({ video: { width: size[0], height: size[1] } })
      expect(track.codec.toLowerCase()).toBe(document.codec!.toLowerCase())
      expect(movie.created).toEqual(new Date(Math.floor(document.startedAtMs / 1000) * 1000))
    }
    const { streams, format } = await probe(closed)
    if (sar[0] !== sar[1]) expect(streams[0]).toMatchObject({ sample_aspect_ratio: sar.join(':') })
    expect(Date.parse((format.tags as unknown as Record<string, string>).creation_time!)).toBe(
      Math.floor(document.startedAtMs / 1000) * 1000,
    )
  })

  it('shows each picture until the next one', async () => {
    const stream = await make()
    const { folder, document } = await record([stream], timeMs)
    const file = join(folder, 'stream.mp4')
    const { packets } = await readWithMediabunny(new FilePathSource(file))
    const timesMs = timesOf(stream, timeMs)
    const sorted = timesMs.toSorted((a, b) => a - b)
    // The last one shown has no next one to tell its end.
    const shown = timesMs.flatMap((ms, i) => (ms < sorted.at(-1)! ? [{ ms, i }] : []))
    expect(shown.map(({ i }) => Math.round(packets[i]!.duration * 1000))).toEqual(
      shown.map(({ ms }) => sorted[sorted.indexOf(ms) + 1]! - ms),
    )
    const { format } = await probe(file)
    expect(Number(format.duration) * 1000).toBeCloseTo(document.durationMs, 2)
    expect(document.durationMs).toBeGreaterThan(sorted.at(-1)!)
  })
})

it('every part of a recording reads on its own', async () => {
  const streams = await Promise.all(
    ['160x120', '120x160'].map((size) => encodedPictures(15, size, ['-profile:v', 'baseline', '-g', '5'])),
  )
  const { folder, document } = await record(streams, regular)
  expect(document.parts).toHaveLength(2)
  for (const [i, { file, width, height, pictures }] of document.parts.entries()) {
    const read = await readWithMediabunny(new FilePathSource(join(folder, file)))
    expect(read.size).toEqual([width, height])
    expect(read.packets).toHaveLength(pictures)
    expect(read.packets.map(({ timestamp }) => Math.round(timestamp * 1000))).toEqual(
      timesOf(streams[i]!, regular),
    )
    const { track } = readWithMp4box(await readFile(join(folder, file)))
    expect(track.video).toEqual({ width, height })
  }
})
