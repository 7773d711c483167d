/** Files beyond 4 GiB, which lie sparse on the disk, and recordings of a million pictures. */

import { constants, mkdir, open, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EncodedPacketSink, FilePathSource, Input, MP4 } from 'mediabunny'
import { createFile, type MP4BoxBuffer } from 'mp4box'
import { describe, expect, it } from 'vitest'
import { readAccessUnit } from '../src/h264/access-unit.ts'
import { ParameterSets } from '../src/h264/parameter-sets.ts'
import { recoverFolder } from '../src/library/recover.ts'
import { SampleTable } from '../src/mp4/sample-table.ts'
import { ftyp, h264Track } from '../src/mp4/track.ts'
import { type Finish, finishFile, Mp4Writer } from '../src/mp4/writer.ts'
import { frameMd5, probeEntries, testPictures } from './support/ffmpeg.ts'
import { temporaryFolder } from './support/folders.ts'
import { sampleOf } from './support/h264.ts'
import { trackOf } from './support/mp4.ts'

const MIB = 2 ** 20
const FOUR_GIB = 4096 * MIB
const TICKS_PER_MS = 90
const INTERVAL_MS = 100
const LENGTH_BYTES = 4
/** A NAL unit of filler data (H.264 7.3.2.7): its header, and what decoders skip. */
const FILLER = 12

/** An MP4 that is written to the disk as it grows, but for what is left out of its samples: there it has holes. */
class SparseFile {
  readonly path: string
  readonly writer: Mp4Writer

  constructor(path: string, writer: Mp4Writer) {
    this.path = path
    this.writer = writer
  }

  /** Ends the fragment; the last `holeBytes` of it were not among its pieces. */
  async endFragment(nextTicks: number, holeBytes = 0): Promise<void> {
    const bytes = Buffer.concat(this.writer.endFragment(nextTicks))
    const { sizeBytes } = this.writer
    await this.#write(sizeBytes - holeBytes - bytes.length, bytes)
    await truncate(this.path, sizeBytes)
  }

  async close(): Promise<Finish> {
    const { sizeBytes } = this.writer
    const finish = this.writer.finish(INTERVAL_MS * TICKS_PER_MS)
    await this.#write(sizeBytes, Buffer.concat(finish.append))
    await this.#write(finish.patch.offset, finish.patch.bytes)
    return finish
  }

  async #write(offset: number, bytes: Uint8Array): Promise<void> {
    const handle = await open(this.path, constants.O_RDWR | constants.O_CREAT)
    await handle.write(bytes, 0, bytes.length, offset)
    await handle.close()
  }
}

/** What mp4box says of a file of which it is given the head and the index alone. */
async function indexWithMp4box(path: string, indexOffset: number) {
  const file = createFile()
  const handle = await open(path, 'r')
  const { size } = await handle.stat()
  for (const [offset, length] of [
    [0, 64],
    [indexOffset, size - indexOffset],
  ] as const) {
    const bytes = new Uint8Array(length)
    await handle.read(bytes, 0, length, offset)
    const buffer = bytes.buffer as MP4BoxBuffer
    buffer.fileStart = offset
    file.appendBuffer(buffer, offset > 0)
  }
  await handle.close()
  return file.getInfo().tracks[0]!
}

describe('a file beyond 4 GiB', () => {
  const BEFORE = 10
  const HUGE = 5
  const TOTAL = BEFORE + HUGE + 20
  /** ffmpeg takes no larger samples than 2^30 - 1 bytes. */
  const HOLE_BYTES = 900 * MIB

  /** Ten pictures, five of 900 MiB each, and twenty behind them; real ones, and in between they are padded. */
  async function grown() {
    const units = await testPictures(TOTAL, '160x120', 5)
    const sets = new ParameterSets()
    const first = readAccessUnit(units[0]!)
    sets.add(first)
    const folder = join(await temporaryFolder(), '192.0.2.7_40000_20261124_120000')
    await mkdir(folder)
    const track = h264Track(sets.configurationFor(first)!, Date.UTC(2026, 10, 24))
    const file = new SparseFile(join(folder, 'stream.mp4'), new Mp4Writer(track, false))
    for (const [i, unit] of units.entries()) {
      const bytes = sampleOf(unit)
      const isHuge = i >= BEFORE && i < BEFORE + HUGE
      const pieces: Uint8Array[] = [bytes]
      if (isHuge) {
        const header = Buffer.alloc(LENGTH_BYTES + 1, FILLER)
        header.writeUInt32BE(1 + HOLE_BYTES)
        pieces.push(header)
      }
      const holeBytes = isHuge ? HOLE_BYTES : 0
      const sizeBytes = holeBytes + pieces.reduce((sum, piece) => sum + piece.length, 0)
      const presentationTicks = i * INTERVAL_MS * TICKS_PER_MS
      file.writer.add({ presentationTicks, keyframe: i % 5 === 0, pieces, sizeBytes })
      if (isHuge || i % 5 === 4)
        await file.endFragment(presentationTicks + INTERVAL_MS * TICKS_PER_MS, holeBytes)
    }
    return { file, folder, units }
  }

  it('is read exactly, pictures on both sides', async () => {
    const { file, units } = await grown()
    const { patch, append } = await file.close()
    expect(Buffer.from(patch.bytes).readBigUInt64BE(8)).toBeGreaterThan(BigInt(FOUR_GIB))
    expect(Buffer.concat(append).includes('co64')).toBe(true)

    using input = new Input({ source: new FilePathSource(file.path), formats: [MP4] })
    const sink = new EncodedPacketSink((await input.getPrimaryVideoTrack())!)
    const times: number[] = []
    for await (const packet of sink.packets(undefined, undefined, { metadataOnly: true }))
      times.push(Math.round(packet.timestamp * 1000))
    expect(times).toEqual(units.map((_, i) => i * INTERVAL_MS))
    for (const i of [0, 3, 9, 15, 16, 34]) {
      const { data } = (await sink.getPacket((i * INTERVAL_MS) / 1000))!
      expect(sampleOf(units[i]!).equals(data), `picture ${i}`).toBe(true)
    }

    // Readers go back to some keyframe before the time that they are asked for.
    const seconds = ((TOTAL - 5) * INTERVAL_MS) / 1000
    const packets = await probeEntries(file.path, 'packet=pts_time,pos,size', [
      '-read_intervals',
      `${seconds}%`,
    ])
    const tail = -packets.length
    expect(packets.length).toBeGreaterThanOrEqual(5)
    expect(packets.map(({ pts_time }) => Math.round(Number(pts_time) * 1000))).toEqual(times.slice(tail))
    expect(packets.map(({ size }) => Number(size))).toEqual(
      units.slice(tail).map((unit) => sampleOf(unit).length),
    )
    expect(Number(packets[0]!.pos)).toBeGreaterThan(FOUR_GIB)
    const whole = join(await temporaryFolder(), 'whole.h264')
    await writeFile(whole, Buffer.concat(units))
    expect(await frameMd5(file.path, '-ss', String(seconds))).toEqual(
      (await frameMd5(whole, '-f', 'h264')).slice(-5),
    )

    const track = await indexWithMp4box(file.path, file.writer.sizeBytes)
    expect(track).toMatchObject({
      nb_samples: units.length,
      duration: units.length * INTERVAL_MS * TICKS_PER_MS,
    })
  })

  it('is recovered as it would have been closed', async () => {
    const { file, folder, units } = await grown()
    const { append, patch } = file.writer.finish(INTERVAL_MS * TICKS_PER_MS)
    const { document, cutBytes } = await recoverFolder(folder, 10_000)
    expect({ pictures: document.pictures, cutBytes }).toEqual({ pictures: units.length, cutBytes: 0 })
    const handle = await open(file.path, 'r')
    const index = Buffer.alloc(document.parts[0]!.bytes - file.writer.sizeBytes)
    await handle.read(index, 0, index.length, file.writer.sizeBytes)
    const header = Buffer.alloc(patch.bytes.length)
    await handle.read(header, 0, header.length, patch.offset)
    await handle.close()
    expect(index.equals(Buffer.concat(append))).toBe(true)
    expect(header.equals(patch.bytes)).toBe(true)
  })
})

describe('a recording of a million pictures', () => {
  const PICTURES = 1_000_000
  const PER_FRAGMENT = 15
  const PICTURE_BYTES = 20_000
  const HEADER_BYTES = 300

  it('holds little memory, closes by its index alone, and counts every picture', async () => {
    // 10 fps from a 30 fps camera, the clock rounded to ms: intervals keep changing.
    const ticksOf = (i: number) => Math.round(i * 111.111 + (i % 3) * 11) * TICKS_PER_MS
    const table = new SampleTable()
    let offset = 1000
    for (let i = 0; i < PICTURES; i += 1) {
      if (i % PER_FRAGMENT === 0) table.beginChunk((offset += HEADER_BYTES))
      const [decodeTicks, sizeBytes] = [ticksOf(i), PICTURE_BYTES + (i % 1000)]
      table.add({ decodeTicks, compositionTicks: decodeTicks, sizeBytes, keyframe: i % PER_FRAGMENT === 0 })
      offset += sizeBytes
    }
    expect(table.memoryBytes / PICTURES).toBeLessThan(64)
    const head = ftyp(trackOf())
    const { append, patch, durationTicks } = finishFile(trackOf(), table, {
      ftypBytes: head.length,
      sizeBytes: offset,
      shiftTicks: 0,
      lastDurationTicks: INTERVAL_MS * TICKS_PER_MS,
    })
    expect(durationTicks).toBe(ticksOf(PICTURES - 1) + INTERVAL_MS * TICKS_PER_MS)
    const index = Buffer.concat(append)
    expect(index.length / PICTURES).toBeLessThan(24)
    // Written as it lies in memory, not built anew.
    expect(append.length).toBeLessThan(500)
    expect(patch.bytes).toHaveLength(16)

    const path = join(await temporaryFolder(), 'long.mp4')
    await writeFile(path, head)
    const handle = await open(path, 'r+')
    await handle.write(patch.bytes, 0, patch.bytes.length, patch.offset)
    await handle.write(index, 0, index.length, offset)
    await handle.close()
    const [stream] = await probeEntries(path, 'stream=nb_frames,duration')
    expect(stream).toEqual({ nb_frames: String(PICTURES), duration: (durationTicks / 90_000).toFixed(6) })
    const track = await indexWithMp4box(path, offset)
    expect(track).toMatchObject({ nb_samples: PICTURES, duration: durationTicks })
    using input = new Input({ source: new FilePathSource(path), formats: [MP4] })
    const sink = new EncodedPacketSink((await input.getPrimaryVideoTrack())!)
    for (const i of [0, 1, 123_456, PICTURES - 1]) {
      const packet = (await sink.getPacket(ticksOf(i) / 90_000, { metadataOnly: true }))!
      expect(Math.round(packet.timestamp * 90_000)).toBe(ticksOf(i))
      expect(packet).toMatchObject({
        byteLength: PICTURE_BYTES + (i % 1000),
        sequenceNumber: expect.any(Number),
      })
    }
  })
})
