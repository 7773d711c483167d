import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex } from '../../test/support/h264.ts'
import { GrownFile, memoryReader, scanAll, trackOf } from '../../test/support/mp4.ts'
import { ProtocolError } from '../errors.ts'
import { box } from './boxes.ts'
import { nextFragment, type ReadAt, readFinalCounts, scanFragments, scanHead } from './scan.ts'

/** Three fragments, the second with B-pictures; seven samples, three of them keyframes. */
const FRAGMENTS = [
  [0, 9000],
  [18_000, 36_000, 27_000],
  [45_000, 54_000],
]

/** Offsets at which a scan of the file, cut at `end`, found fragments to end; undefined when the head is refused. */
async function endsWithin(bytes: Uint8Array, end: number): Promise<number[] | undefined> {
  const read = memoryReader(bytes, end)
  try {
    return (await scanAll(read)).fragments.map(({ endOffset }) => endOffset)
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
    expect((error as ProtocolError).code).toBe('MP4_INVALID')
    return undefined
  }
}

/** Scans what may be anything: it ends, and refuses with nothing but a ProtocolError. */
async function scansOrRefuses(bytes: Uint8Array): Promise<void> {
  const read = memoryReader(bytes)
  try {
    const head = await scanHead(read)
    let last = 0
    for await (const { startOffset, endOffset, dataOffset, samples } of scanFragments(read, head)) {
      expect(startOffset).toBeGreaterThanOrEqual(last)
      expect(dataOffset).toBeGreaterThan(startOffset)
      expect(endOffset).toBeLessThanOrEqual(bytes.length)
      expect(samples.length).toBeGreaterThan(0)
      last = endOffset
    }
    if (head.finalMoovOffset !== undefined) await readFinalCounts(read, head.finalMoovOffset)
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
  }
}

describe('scanHead', () => {
  it('reads the track back as it was written', async () => {
    const { head } = await scanAll(memoryReader(new GrownFile(FRAGMENTS).bytes))
    expect(head.track).toEqual(trackOf())
    expect(head).toMatchObject({ ftypBytes: 36, finalMoovOffset: undefined })
  })

  it('reads where composition times begin', async () => {
    const { head } = await scanAll(memoryReader(new GrownFile(FRAGMENTS, { reorders: true }).bytes))
    expect(head.shiftTicks).toBe(90_000)
  })

  it('tells a closed file, and where its index begins', async () => {
    const file = new GrownFile(FRAGMENTS)
    const grownBytes = file.bytes.length
    file.close()
    expect((await scanHead(memoryReader(file.bytes))).finalMoovOffset).toBe(grownBytes)
  })

  it.each([
    ['an empty file', ''],
    ['another kind of file', 'RIFF\0\0\0\0WEBP, and more than sixteen bytes of it'],
    ['another MP4', '\0\0\0\x14ftypisom\0\0\0\0isom\0\0\0\x10skip\0\0\0\0\0\0\0\0'],
  ])('refuses %s', async (_title, text) => {
    const read = memoryReader(Buffer.from(text, 'latin1'))
    await expect(scanHead(read)).rejects.toMatchObject({ name: 'ProtocolError', code: 'MP4_INVALID' })
  })

  it('refuses a track header without content', async () => {
    const { bytes } = new GrownFile(FRAGMENTS)
    const at = Buffer.from(bytes).indexOf('tkhd') - 4
    // The header alone, and a free box over what was its content.
    bytes.set(hex('00000008 746b6864 00000060 66726565'), at)
    await expect(scanHead(memoryReader(bytes))).rejects.toMatchObject({ code: 'MP4_INVALID' })
  })
})

describe('scanFragments', () => {
  it('gives every sample of a growing file with its place, size and time', async () => {
    const file = new GrownFile(FRAGMENTS)
    const { head, fragments } = await scanAll(memoryReader(file.bytes))
    expect(fragments.map(({ endOffset }) => endOffset)).toEqual(file.ends)
    expect(fragments.map(({ startOffset }) => startOffset)).toEqual([
      head.fragmentsOffset,
      ...file.ends.slice(0, -1),
    ])
    const samples = fragments.flatMap(({ samples }) => samples)
    expect(samples.map(({ compositionTicks }) => compositionTicks - head.shiftTicks)).toEqual(
      FRAGMENTS.flat(),
    )
    expect(samples.flatMap(({ keyframe }, i) => (keyframe ? [i] : []))).toEqual([0, 2, 5])
    for (const { dataOffset, endOffset, samples } of fragments)
      expect(endOffset - dataOffset).toBe(samples.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))
  })

  it.each(['growing', 'closed'])(
    'gives exactly the whole fragments of a %s file cut at any byte',
    async (state) => {
      const file = new GrownFile(FRAGMENTS, { reorders: true })
      const { head } = await scanAll(memoryReader(file.bytes))
      if (state === 'closed') file.close()
      for (let cut = 0; cut <= file.bytes.length; cut += 1) {
        const expected = cut < head.fragmentsOffset ? undefined : file.ends.filter((end) => end <= cut)
        expect(await endsWithin(file.bytes, cut)).toEqual(expected)
      }
    },
  )

  it('stops where zeros begin, as a file system may leave them after a power cut', async () => {
    const file = new GrownFile(FRAGMENTS)
    file.bytes.fill(0, file.ends[1])
    expect(await endsWithin(file.bytes, file.bytes.length)).toEqual(file.ends.slice(0, 2))
  })

  it('reads or refuses a file with any byte changed, growing or closed', async () => {
    for (const close of [false, true]) {
      const file = new GrownFile(FRAGMENTS)
      if (close) file.close()
      for (let at = 0; at < file.bytes.length; at += 1)
        for (const value of [0, 8, 0xff]) await scansOrRefuses(file.bytes.with(at, value))
    }
  })

  it('reads or refuses a file with many bytes changed', async () => {
    const file = new GrownFile(FRAGMENTS)
    file.close()
    const changes = fc.array(fc.tuple(fc.nat(file.bytes.length - 1), fc.nat(255)), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(changes, async (changes) => {
        const bytes = file.bytes.slice()
        for (const [at, value] of changes) bytes[at] = value
        await scansOrRefuses(bytes)
      }),
      { seed: 11, numRuns: 2000 },
    )
  })

  it('reads or refuses any bytes behind a good head', async () => {
    const file = new GrownFile([[0]])
    const { head } = await scanAll(memoryReader(file.bytes))
    const good = file.bytes.subarray(0, head.fragmentsOffset)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (rest) =>
        scansOrRefuses(Uint8Array.from([...good, ...rest])),
      ),
      { seed: 12, numRuns: 500 },
    )
  })
})

describe('nextFragment', () => {
  const nested = (type: string, ...content: Uint8Array[]) => Buffer.from(box(type, ...content))

  it('finds what is a fragment among bytes that look like one, and reads little of them', async () => {
    const file = new GrownFile(FRAGMENTS)
    const { head, fragments } = await scanAll(memoryReader(file.bytes))
    const good = Buffer.from(file.bytes).subarray(fragments[1]!.startOffset)
    const lies = [
      // A fragment by its boxes, which have no fields.
      Buffer.concat([
        nested('moof', nested('traf', nested('tfdt'), nested('trun'))),
        nested('mdat', new Uint8Array(4)),
      ]),
      Buffer.concat([nested('moof', nested('mfhd'), nested('traf', nested('tfdt'))), nested('mdat')]),
      // Each as large as a moof may be.
      Buffer.concat(Array.from({ length: 500 }, () => hex('03ffffff 6d6f6f66 00000010 6d666864'))),
    ]
    let readBytes = 0
    const bytes = Buffer.concat([...lies, good])
    const read: ReadAt = async (offset, length) => {
      const found = bytes.subarray(offset, offset + length)
      readBytes += found.length
      return found
    }
    const at = bytes.length - good.length
    expect(await nextFragment(read, head, 0)).toBe(at)
    expect(readBytes).toBeLessThan(2 * bytes.length + 500 * 100)
    expect(await nextFragment(read, head, at + 1)).toBe(
      at + fragments[2]!.startOffset - fragments[1]!.startOffset,
    )
    expect(await nextFragment(memoryReader(Buffer.concat(lies)), head, 0)).toBeUndefined()
  })
})

describe('readFinalCounts', () => {
  const closed = (fragments: number[][]) => {
    const file = new GrownFile(fragments)
    const offset = file.bytes.length
    file.close()
    return { offset, bytes: file.bytes }
  }

  it('counts samples and keyframes', async () => {
    const { bytes, offset } = closed(FRAGMENTS)
    expect(await readFinalCounts(memoryReader(bytes), offset)).toEqual({ samples: 7, keyframes: 3 })
  })

  it('counts every sample as a keyframe when the index lists none', async () => {
    const { bytes, offset } = closed([[0], [9000]])
    expect(await readFinalCounts(memoryReader(bytes), offset)).toEqual({ samples: 2, keyframes: 2 })
  })

  it('refuses an index that is cut off', async () => {
    const { bytes, offset } = closed(FRAGMENTS)
    for (const cut of [offset, offset + 4])
      await expect(readFinalCounts(memoryReader(bytes, cut), offset)).rejects.toMatchObject({
        code: 'MP4_INVALID',
      })
  })
})
