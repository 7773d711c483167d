import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex, toHex } from '../../test/support/h264.ts'
import { findNalUnits } from './annexb.ts'

/** The units as hex. */
function unitsOf(stream: Uint8Array): string[] {
  const units = findNalUnits(stream)
  return units.flatMap((start, i) => (i % 2 === 0 ? [toHex(stream.subarray(start, units[i + 1]))] : []))
}

/** What B.1 says, with strings: no offsets, no speed. */
function naiveUnitsOf(stream: Uint8Array): string[] {
  const [, ...pieces] = Buffer.from(stream).toString('latin1').split('\0\0\x01')
  const units = pieces.map((piece) => piece.replace(/\0+$/, '')).filter((piece) => piece !== '')
  return units.map((unit) => Buffer.from(unit, 'latin1').toString('hex'))
}

/** Streams where zeros and ones are frequent, so that start codes and almost-start codes abound. */
const streams = fc
  .array(fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 3, 0x65, 0xff), { maxLength: 40 })
  .map((bytes) => Uint8Array.from(bytes))

describe('findNalUnits', () => {
  it.each([
    ['three-byte start codes', '000001 67aa 000001 68bb', ['67aa', '68bb']],
    ['four-byte start codes', '00000001 67aa 00000001 68bb', ['67aa', '68bb']],
    ['both kinds', '00000001 67aa 000001 65bb 00000001 41', ['67aa', '65bb', '41']],
    ['zeros ahead of the first start code', '0000000000 000001 65aa', ['65aa']],
    ['bytes ahead of the first start code', 'ffee0100 000001 65aa', ['65aa']],
    ['zeros behind a unit', '000001 65aa 0000000000 000001 41bb 000000', ['65aa', '41bb']],
    ['units without a byte', '000001 000001 65aa 00000001 000001 000000', ['65aa']],
    ['a unit that begins with 1', '000001 0102 000001 01', ['0102', '01']],
    ['emulation prevention within a unit', '000001 65 000003 01 000003', ['6500000301000003']],
    ['single zeros and ones within a unit', '000001 65 0001 0100 01 00 02', ['6500010100010002']],
  ])('finds the units: %s', (_title, stream, units) => {
    expect(unitsOf(hex(stream))).toEqual(units)
  })

  it.each([
    ['nothing', ''],
    ['no start code', '65aabbcc'],
    ['zeros alone', '00000000'],
    ['half a start code', '0000'],
    ['a start code with nothing behind it', '00000001'],
    ['a one with a single zero before it', '0001 65aa'],
    ['a one at the very start', '01 65aa 01'],
  ])('finds none: %s', (_title, stream) => {
    expect(findNalUnits(hex(stream))).toEqual([])
  })

  it('gives offsets into the stream, start codes and trailing zeros left out', () => {
    expect(findNalUnits(hex('00000001 67aabb 00 000001 68'))).toEqual([4, 7, 11, 12])
  })

  it('finds the units of a view that begins within a larger buffer', () => {
    expect(unitsOf(hex('0000 000001 65aa 000001 41').subarray(3))).toEqual(['41'])
  })

  it('finds in a stream cut at any length the units of the whole, the last one perhaps shorter', () => {
    const stream = hex('00000001 6742c00a 00 000001 68ce0fc8 000001 65 000003 0001 0000 00000001 41aa0100')
    const whole = unitsOf(stream)
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const units = unitsOf(stream.subarray(0, cut))
      const last = units.pop() ?? ''
      expect(units).toEqual(whole.slice(0, units.length))
      expect(whole[units.length]!.startsWith(last)).toBe(true)
    }
  })

  it('keeps every unit where it was when more bytes follow', () => {
    fc.assert(
      fc.property(streams, fc.nat(40), (stream, cut) => {
        const whole = unitsOf(stream)
        const units = unitsOf(stream.subarray(0, cut))
        const last = units.pop()
        expect(units).toEqual(whole.slice(0, units.length))
        if (last !== undefined) expect(whole[units.length]!.startsWith(last)).toBe(true)
      }),
      { seed: 4, numRuns: 3000 },
    )
  })

  it('agrees with the definition read naively', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        expect(unitsOf(stream)).toEqual(naiveUnitsOf(stream))
      }),
      { seed: 5, numRuns: 5000 },
    )
  })
})
