import { describe, expect, it } from 'vitest'
import { encodeFramePacket } from '../../wire/frame-packet.ts'
import { readRecords, recordHeader } from './record.ts'

const packets = [0, 1, 2].map((sequence) =>
  encodeFramePacket({
    captureMs: 1_764_100_000_000_000 + sequence,
    sequence,
    payload: new Uint8Array(900).fill(sequence + 250),
  }),
)
const file = new Uint8Array(packets.flatMap((message, i) => [...recordHeader(message, i === 0), ...message]))

describe('stored packets', () => {
  it('read back as they were written', () => {
    const read = readRecords(file)
    expect(read.map(({ sequence, isKeyframe }) => [sequence, isKeyframe])).toEqual([
      [0, true],
      [1, false],
      [2, false],
    ])
    expect(read[2]!.captureUs).toBe(1_764_100_000_000_002)
    expect(read.map(({ message }) => message)).toEqual(packets)
  })

  it('read up to where the file is torn', () => {
    const each = file.length / 3
    for (let length = 0; length < file.length; length += 13)
      expect(readRecords(file.subarray(0, length))).toHaveLength(Math.floor(length / each))
    const flipped = file.slice()
    flipped[each + 50]! ^= 1
    expect(readRecords(flipped)).toHaveLength(1)
    expect(readRecords(new Uint8Array(file.length))).toEqual([])
  })
})
