import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex, toHex } from '../../test/support/h264.ts'
import { concat } from './boxes.ts'
import { SampleTable, type TableSample } from './sample-table.ts'

/** A chunk: where it begins, and its samples. */
type Chunk = readonly [offsetBytes: number, samples: readonly TableSample[]]

function tableOf(chunks: readonly Chunk[]): SampleTable {
  const table = new SampleTable()
  for (const [offset, samples] of chunks) {
    table.beginChunk(offset)
    for (const sample of samples) table.add(sample)
  }
  return table
}

/** The boxes by type, as hex of what lies behind size and type. */
function boxesOf(table: SampleTable, lastDurationTicks = 50): Record<string, string> {
  const bytes = concat(...table.finish(lastDurationTicks).parts)
  const view = new DataView(bytes.buffer)
  const boxes: Record<string, string> = {}
  for (let at = 0; at < bytes.length; at += view.getUint32(at)) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    boxes[type] = toHex(bytes.subarray(at + 8, at + view.getUint32(at)))
  }
  return boxes
}

function sample(decodeTicks: number, options: Partial<TableSample> = {}): TableSample {
  return { decodeTicks, compositionTicks: decodeTicks, sizeBytes: 16, keyframe: false, ...options }
}

const clean = (text: string) => toHex(hex(text))

describe('the boxes of a small table', () => {
  const [a, b, c, d] = [
    sample(0, { sizeBytes: 10, keyframe: true }),
    sample(100, { sizeBytes: 11 }),
    sample(200, { sizeBytes: 12, keyframe: true }),
    sample(350, { sizeBytes: 13 }),
  ] as const
  const boxes = boxesOf(
    tableOf([
      [0x100, [a, b]],
      [0x200, [c, d]],
    ]),
  )

  it('come in the order of the standard, without ctts while nothing is reordered', () => {
    expect(Object.keys(boxes)).toEqual(['stts', 'stss', 'stsc', 'stsz', 'stco'])
  })

  it('stts counts equal durations together', () => {
    expect(boxes.stts).toBe(clean('00000000 00000003 00000002 00000064 00000001 00000096 00000001 00000032'))
  })

  it('stss numbers keyframes from 1', () => {
    expect(boxes.stss).toBe(clean('00000000 00000002 00000001 00000003'))
  })

  it('stsc counts chunks of equally many samples together', () => {
    expect(boxes.stsc).toBe(clean('00000000 00000001 00000001 00000002 00000001'))
  })

  it('stsz lists every size', () => {
    expect(boxes.stsz).toBe(clean('00000000 00000000 00000004 0000000a 0000000b 0000000c 0000000d'))
  })

  it('stco lists where the chunks begin', () => {
    expect(boxes.stco).toBe(clean('00000000 00000002 00000100 00000200'))
  })
})

describe('SampleTable', () => {
  it('leaves stss out when every sample is a keyframe', () => {
    const all = [0, 100].map((ticks) => sample(ticks, { keyframe: true }))
    expect(boxesOf(tableOf([[0, all]]))).not.toHaveProperty('stss')
  })

  it('keeps an empty stss when no sample is a keyframe', () => {
    expect(boxesOf(tableOf([[0, [sample(0)]]])).stss).toBe(clean('00000000 00000000'))
  })

  it('raises composition offsets until the least is 0, and says by how much', () => {
    const composed = [0, 300, 100, 200].map((ticks, i) => sample(i * 100, { compositionTicks: ticks }))
    expect(tableOf([[0, composed]]).finish(100)).toMatchObject({ raisedTicks: 100, mediaTicks: 400 })
    expect(boxesOf(tableOf([[0, composed]])).ctts).toBe(
      clean('00000000 00000003 00000001 00000064 00000001 0000012c 00000002 00000000'),
    )
  })

  it('lowers composition offsets by the room that all samples share', () => {
    const shifted = [0, 100].map((ticks) => sample(ticks, { compositionTicks: ticks + 90_000 }))
    expect(tableOf([[0, shifted]]).finish(100).raisedTicks).toBe(-90_000)
    expect(boxesOf(tableOf([[0, shifted]]))).not.toHaveProperty('ctts')
  })

  it('begins a run of stsc whenever the number of samples in a chunk changes', () => {
    const chunks = [2, 2, 1, 2].map(
      (count, i): Chunk => [i * 256, Array.from({ length: count }, (_, k) => sample(i * 10 + k))],
    )
    expect(boxesOf(tableOf(chunks)).stsc).toBe(
      clean(
        '00000000 00000003 00000001 00000002 00000001 00000003 00000001 00000001 00000004 00000002 00000001',
      ),
    )
  })

  it('keeps 32-bit chunk offsets up to the last byte below 4 GiB', () => {
    const boxes = boxesOf(tableOf([[2 ** 32 - 1, [sample(0)]]]))
    expect(boxes.stco).toBe(clean('00000000 00000001 ffffffff'))
    expect(boxes).not.toHaveProperty('co64')
  })

  it('turns to 64-bit chunk offsets at 4 GiB, earlier ones with them', () => {
    const boxes = boxesOf(
      tableOf([
        [0xfffffff0, [sample(0)]],
        [2 ** 32, [sample(100)]],
        [5 * 2 ** 40 + 3, [sample(200)]],
      ]),
    )
    expect(boxes.co64).toBe(clean('00000000 00000003 00000000fffffff0 0000000100000000 0000050000000003'))
    expect(boxes).not.toHaveProperty('stco')
  })

  it('is whole without a sample', () => {
    const table = new SampleTable()
    expect(table.finish(100)).toMatchObject({ mediaTicks: 0, raisedTicks: 0 })
    expect(boxesOf(new SampleTable())).toMatchObject({
      stts: clean('00000000 00000000'),
      stsz: '00'.repeat(12),
    })
  })

  it('measures media time from the first sample, the last one shown for as long as it is told', () => {
    expect(tableOf([[0, [sample(500), sample(800)]]]).finish(50).mediaTicks).toBe(350)
  })

  it('holds less than 64 bytes a picture, however irregular the times', () => {
    const count = 100_000
    const table = new SampleTable()
    for (let i = 0, ticks = 0; i < count; i += 1) {
      ticks += 3000 + (i % 7) * 90
      if (i % 10 === 0) table.beginChunk(i * 5000)
      table.add(sample(ticks, { compositionTicks: ticks + (i % 5) * 90, keyframe: true }))
    }
    expect(table.memoryBytes / count).toBeLessThan(64)
    expect(table.samples).toBe(count)
  })

  it('gives back every sample that it was given', () => {
    const samples = fc.record({
      duration: fc.oneof(fc.constant(3000), fc.integer({ min: 1, max: 10 ** 6 })),
      offset: fc.oneof(fc.constant(0), fc.integer({ min: -90_000, max: 90_000 })),
      sizeBytes: fc.nat(2 ** 32 - 1),
      keyframe: fc.boolean(),
    })
    const chunks = fc.array(fc.array(samples, { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 40,
    })
    fc.assert(
      fc.property(chunks, (content) => {
        let at = 0
        const placed = content.map((chunk, i): Chunk => {
          const placedSamples = chunk.map(({ duration, offset, ...rest }) => {
            const decodeTicks = at
            at += duration
            return { decodeTicks, compositionTicks: decodeTicks + offset, ...rest }
          })
          return [i * 1000, placedSamples]
        })
        const all = placed.flatMap(([, samples]) => samples)
        const { raisedTicks } = tableOf(placed).finish(1)
        expect(expand(boxesOf(tableOf(placed), 1), raisedTicks)).toEqual(all)
      }),
      { seed: 9, numRuns: 200 },
    )
  })
})

/** Samples as the boxes tell them (ISO/IEC 14496-12, 8.6 and 8.7). */
function expand(boxes: Record<string, string>, raisedTicks: number): TableSample[] {
  const words = (type: string) => (boxes[type]?.match(/.{8}/g) ?? []).map((word) => Number.parseInt(word, 16))
  const runs = (type: string) =>
    words(type).flatMap((count, i, all) =>
      i >= 2 && i % 2 === 0 ? Array.from({ length: count }, () => all[i + 1]!) : [],
    )
  const [durations, offsets, sizes] = [runs('stts'), runs('ctts'), words('stsz').slice(3)]
  const keyframes = boxes.stss === undefined ? undefined : new Set(words('stss').slice(2))
  let decodeTicks = 0
  return sizes.map((sizeBytes, i) => {
    const compositionTicks = decodeTicks + (offsets[i] ?? 0) - raisedTicks
    const expanded = { decodeTicks, compositionTicks, sizeBytes, keyframe: keyframes?.has(i + 1) ?? true }
    decodeTicks += durations[i]!
    return expanded
  })
}
