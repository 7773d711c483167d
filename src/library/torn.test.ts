import { describe, expect, it } from 'vitest'
import type { ScannedFragment } from '../mp4/scan.ts'
import { LastFragments } from './torn.ts'

const SECTOR_BYTES = 512
const SAMPLE_BYTES = 4 * SECTOR_BYTES
const FRAGMENTS = 3

/** Fragments of one sample each, side by side: a length, and bytes that are not zero. */
function part(): { bytes: Buffer; fragments: ScannedFragment[] } {
  const bytes = Buffer.alloc(FRAGMENTS * SAMPLE_BYTES, 0xaa)
  const fragments = Array.from({ length: FRAGMENTS }, (_, i) => {
    const startOffset = i * SAMPLE_BYTES
    bytes.writeUInt32BE(SAMPLE_BYTES - 4, startOffset)
    const sample = { decodeTicks: i, compositionTicks: i, sizeBytes: SAMPLE_BYTES, keyframe: true }
    return { startOffset, endOffset: startOffset + SAMPLE_BYTES, dataOffset: startOffset, samples: [sample] }
  })
  return { bytes, fragments }
}

async function tornIn({ bytes, fragments }: ReturnType<typeof part>): Promise<number[]> {
  const last = new LastFragments()
  for (const fragment of fragments) last.add(fragment)
  const offsets: number[] = []
  const read = async (offset: number, length: number) => bytes.subarray(offset, offset + length)
  for await (const { startOffset } of last.torn(read, 'h264')) offsets.push(startOffset)
  return offsets
}

describe('a fragment', () => {
  it('is whole when its lengths add up and no sector of it is zeros', async () => {
    expect(await tornIn(part())).toEqual([])
  })

  it.each([0, 1, 2, 3])('is torn when sector %i of it is zeros', async (sector) => {
    const torn = part()
    torn.bytes.fill(0, SAMPLE_BYTES + sector * SECTOR_BYTES, SAMPLE_BYTES + (sector + 1) * SECTOR_BYTES)
    expect(await tornIn(torn)).toEqual([SAMPLE_BYTES])
  })

  it('is torn when the lengths of a sample do not add up', async () => {
    const torn = part()
    torn.bytes.writeUInt32BE(SAMPLE_BYTES, 2 * SAMPLE_BYTES)
    expect(await tornIn(torn)).toEqual([2 * SAMPLE_BYTES])
  })

  it('is whole with zeros that fill no sector of the file', async () => {
    const whole = part()
    whole.bytes.fill(0, SAMPLE_BYTES + SECTOR_BYTES + 1, SAMPLE_BYTES + 3 * SECTOR_BYTES - 1)
    expect(await tornIn(whole)).toEqual([])
  })
})
