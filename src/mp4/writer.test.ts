import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex, toHex } from '../../test/support/h264.ts'
import { GrownFile, memoryReader, readWithMp4box, sample, scanAll, trackOf } from '../../test/support/mp4.ts'
import { byteLength } from './boxes.ts'
import { TICKS_PER_MS } from './track.ts'
import { Mp4Writer, PLACEHOLDER_BYTES } from './writer.ts'

const ms = (...times: number[]) => times.map((time) => time * TICKS_PER_MS)
const REGULAR = [ms(0, 100, 233), ms(333, 5333), ms(5433)]
/** Two groups of pictures as an encoder with two B-pictures sends them: I P B B, twice. */
const REORDERED = [ms(0, 300, 100, 200), ms(400, 700, 500, 600)]

const isAscending = (values: readonly number[]) =>
  values.every((value, i) => i === 0 || value > values[i - 1]!)

/** Presentation and decode times as scanning the growing file tells them. */
async function scannedTimes(file: GrownFile) {
  const { head, fragments } = await scanAll(memoryReader(file.bytes))
  const samples = fragments.flatMap(({ samples }) => samples)
  return {
    presentationTicks: samples.map(({ compositionTicks }) => compositionTicks - head.shiftTicks),
    decodeTicks: samples.map(({ decodeTicks }) => decodeTicks),
  }
}

describe('a growing file', () => {
  it('begins with ftyp, the placeholder and moov, and gives nothing before its first fragment ends', () => {
    const writer = new Mp4Writer(trackOf(), false)
    writer.add(sample(0, true))
    expect(writer.sizeBytes).toBe(0)
    const bytes = Buffer.concat(writer.endFragment())
    expect(toHex(bytes.subarray(0, 36))).toBe(
      toHex(hex('00000024 66747970 69736f6d 00000200 69736f6d 69736f35 69736f36 61766331 6d703431')),
    )
    expect(toHex(bytes.subarray(36, 36 + PLACEHOLDER_BYTES))).toBe('00000010667265650000000000000000')
    expect(bytes.toString('latin1', 56, 60)).toBe('moov')
    expect(bytes.length).toBe(writer.sizeBytes)
  })

  it('writes a fragment byte for byte as the standard says', () => {
    const writer = new Mp4Writer(trackOf(), false)
    writer.add(sample(0, true))
    writer.endFragment(9000)
    writer.add(sample(9000, true, 0xbb))
    writer.add(sample(18_090, false, 0xcc))
    const fragment = Buffer.concat(writer.endFragment(27_090))
    const moof = [
      '0000006c 6d6f6f66 00000010 6d666864 00000000 00000002',
      '00000054 74726166 00000010 74666864 00020000 00000001',
      '00000014 74666474 01000000 0000000000002328',
      '00000028 7472756e 01000305 00000002 00000074 02000000 00002382 00000005 00002328 00000005',
    ]
    expect(toHex(fragment)).toBe(toHex(hex(`${moof.join('')} 00000012 6d646174 00000001bb 00000001cc`)))
  })

  it('is empty for a fragment without samples', () => {
    expect(new Mp4Writer(trackOf(), false).endFragment()).toEqual([])
  })

  it('has exact times, whatever the interval', async () => {
    expect((await scannedTimes(new GrownFile(REGULAR))).presentationTicks).toEqual(REGULAR.flat())
    expect(readWithMp4box(new GrownFile(REGULAR).bytes).presentationTicks).toEqual(REGULAR.flat())
  })

  it.each([false, true])('has exact times with B-pictures, announced: %s', async (reorders) => {
    const file = new GrownFile(REORDERED, { reorders })
    expect((await scannedTimes(file)).presentationTicks).toEqual(REORDERED.flat())
    const read = readWithMp4box(file.bytes)
    expect(read.presentationTicks).toEqual(REORDERED.flat())
    expect(isAscending(read.decodeTicks)).toBe(true)
  })

  it('gives positive offsets only, from the first fragment on, when the stream announces reordering', async () => {
    const { fragments } = await scanAll(
      memoryReader(new GrownFile([ms(0), ...REORDERED.slice(1)], { reorders: true }).bytes),
    )
    const samples = fragments.flatMap(({ samples }) => samples)
    expect(samples.every(({ compositionTicks, decodeTicks }) => compositionTicks >= decodeTicks)).toBe(true)
  })
})

describe('a closed file', () => {
  it.each([
    ['regular', REGULAR],
    ['reordered', REORDERED],
    ['a single picture', [ms(0)]],
  ])('has the same times as the growing one: %s', async (_title, fragments) => {
    const file = new GrownFile(fragments)
    const growing = await scannedTimes(file)
    file.close()
    const closed = readWithMp4box(file.bytes)
    expect(closed.presentationTicks).toEqual(growing.presentationTicks)
    expect(closed.decodeTicks).toEqual(growing.decodeTicks)
    expect(closed.movie.isFragmented).toBe(false)
  })

  it('points at the samples where they lie', () => {
    const writer = new GrownFile([ms(0, 100), ms(200, 300, 400)])
    writer.close()
    const { offsets, sizes, keyframes } = readWithMp4box(writer.bytes)
    for (const [i, offset] of offsets.entries())
      expect(toHex(writer.bytes.subarray(offset, offset + sizes[i]!))).toBe('00000001aa')
    expect(keyframes).toEqual([0, 2])
  })

  it('becomes ordinary by 16 bytes: the header of an mdat up to the index', () => {
    const file = new GrownFile(REGULAR)
    const grownBytes = file.bytes.length
    const { append, patch } = file.close()
    expect(patch.offset).toBe(36)
    const size = (grownBytes - 36).toString(16).padStart(16, '0')
    expect(toHex(patch.bytes)).toBe(`000000016d646174${size}`)
    expect(file.bytes.length).toBe(grownBytes + byteLength(append))
    expect(Buffer.from(file.bytes).toString('latin1', grownBytes + 4, grownBytes + 8)).toBe('moov')
  })

  it('still holds its fragments for a scan', async () => {
    const file = new GrownFile(REORDERED)
    const before = await scanAll(memoryReader(file.bytes))
    file.close()
    const after = await scanAll(memoryReader(file.bytes))
    expect(after.fragments).toEqual(before.fragments)
  })

  it('lasts until the end of the picture that is shown last', () => {
    expect(new GrownFile(REORDERED).close(9000).durationTicks).toBe(800 * TICKS_PER_MS)
    const file = new GrownFile(REGULAR)
    expect(file.close(4500).durationTicks).toBe(5483 * TICKS_PER_MS)
    const { movie, track } = readWithMp4box(file.bytes)
    expect([movie.duration, movie.timescale]).toEqual([5483 * TICKS_PER_MS, 90_000])
    expect(track.duration).toBe(5483 * TICKS_PER_MS)
  })

  it('has no edit list while nothing is reordered, even if the stream announced it', () => {
    const file = new GrownFile(REGULAR, { reorders: true })
    file.close()
    expect(readWithMp4box(file.bytes).track.edits).toBeUndefined()
  })

  it('says codec, size and when it was made', () => {
    const file = new GrownFile(REGULAR)
    file.close()
    const { movie, track } = readWithMp4box(file.bytes)
    expect(track).toMatchObject({ codec: 'avc1.42c00a', track_width: 64, track_height: 48 })
    expect(movie.created).toEqual(new Date('2026-11-24T13:49:02Z'))
  })

  it('says sample aspect ratio and colour when the SPS does', () => {
    const text = (sps: string) => toHex(new GrownFile([ms(0)], { sps: hex(sps) }).bytes)
    const bt709 = text('6764000aacd9447b016a020202800000030080000019078912cb')
    expect(bt709).toContain(toHex(hex('00000013 636f6c72 6e636c78 0001 0001 0001 00')))
    expect(bt709).not.toContain(toHex(hex('70617370')))
    const wide = text('674d401eeca05a09360820000003002000000641e2c5b2c0')
    expect(wide).toContain(toHex(hex('00000010 70617370 00000010 0000000b')))
    expect(wide).not.toContain(toHex(hex('636f6c72')))
  })
})

describe('times of any stream', () => {
  /** Fragments of pictures about 33 ms apart, each up to half a second early or late. */
  const jittered = fc
    .array(fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 8 }), {
      minLength: 1,
      maxLength: 8,
    })
    .map((jitter) => {
      let i = -1
      return jitter.map((fragment) => fragment.map((by) => ((i += 1) === 0 ? 0 : i * 33 + by) * TICKS_PER_MS))
    })

  it('come back exactly, growing and closed, and decode times always ascend', async () => {
    await fc.assert(
      fc.asyncProperty(jittered, fc.boolean(), async (fragments, reorders) => {
        const file = new GrownFile(fragments, { reorders })
        const growing = await scannedTimes(file)
        expect(growing.presentationTicks).toEqual(fragments.flat())
        expect(isAscending(growing.decodeTicks)).toBe(true)
        file.close()
        const closed = readWithMp4box(file.bytes)
        expect(closed.presentationTicks).toEqual(fragments.flat())
        expect(closed.decodeTicks).toEqual(growing.decodeTicks)
      }),
      { seed: 10, numRuns: 200 },
    )
  })
})
