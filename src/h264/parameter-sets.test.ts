import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  annexB,
  CONFIGURATION,
  hex,
  KEYFRAME,
  PPS,
  SPS_64X48,
  SPS_96X64,
  slice,
  smallPps,
  smallSps,
} from '../../test/support/h264.ts'
import { ProtocolError } from '../errors.ts'
import { readAccessUnit } from './access-unit.ts'
import { ParameterSets } from './parameter-sets.ts'

const read = (...units: Uint8Array[]) => readAccessUnit(annexB(...units))
const keyframe = (pps: number) => read(slice('idr', { pps }))

/** Sets that already know these units. */
function knowing(...units: Uint8Array[]): ParameterSets {
  const sets = new ParameterSets()
  sets.add(read(...units))
  return sets
}

describe('ParameterSets', () => {
  it('gives the configuration of a picture once both of its sets are known', () => {
    const sets = new ParameterSets()
    const picture = readAccessUnit(KEYFRAME)
    expect(sets.configurationFor(picture)).toBeUndefined()
    sets.add(read(PPS))
    expect(sets.configurationFor(picture)).toBeUndefined()
    sets.add(read(SPS_64X48))
    expect(sets.configurationFor(picture)).toMatchObject({
      sps: { width: 64, height: 48 },
      spsUnits: [SPS_64X48],
      ppsUnits: [PPS],
    })
  })

  it('says whether the sets changed', () => {
    const sets = new ParameterSets()
    expect(sets.add(readAccessUnit(CONFIGURATION))).toBe(true)
    expect(sets.add(readAccessUnit(CONFIGURATION))).toBe(false)
    expect(sets.add(read(SPS_96X64))).toBe(true)
    expect(sets.add(readAccessUnit(CONFIGURATION))).toBe(true)
  })

  it('says that nothing changed for a picture alone', () => {
    expect(knowing(SPS_64X48, PPS).add(readAccessUnit(KEYFRAME))).toBe(false)
  })

  it('keeps the newest SPS of an id', () => {
    const sets = knowing(SPS_64X48, PPS)
    sets.add(read(SPS_96X64))
    expect(sets.configurationFor(keyframe(0))).toMatchObject({ sps: { width: 96 }, spsUnits: [SPS_96X64] })
  })

  it('keeps the last of two sets with one id in one access unit', () => {
    const sets = knowing(SPS_64X48, SPS_96X64, PPS)
    expect(sets.configurationFor(keyframe(0))).toMatchObject({ sps: { width: 96 }, spsUnits: [SPS_96X64] })
  })

  it('says that nothing changed when a stale set is followed by the one it knows', () => {
    const sets = knowing(SPS_96X64, PPS)
    expect(sets.add(read(SPS_64X48, SPS_96X64, PPS))).toBe(false)
    expect(sets.configurationFor(keyframe(0))?.sps.width).toBe(96)
  })

  it('finds the size by way of the PPS that the first slice names', () => {
    const sets = knowing(smallSps(0, 4, 3), smallSps(1, 6, 4), smallPps(0, 1), smallPps(1, 0))
    expect(sets.configurationFor(keyframe(0))?.sps).toMatchObject({ id: 1, width: 96, height: 64 })
    expect(sets.configurationFor(keyframe(1))?.sps).toMatchObject({ id: 0, width: 64, height: 48 })
    expect(sets.configurationFor(keyframe(2))).toBeUndefined()
  })

  it('follows a PPS that moves to another SPS', () => {
    const sets = knowing(smallSps(0, 4, 3), smallSps(1, 6, 4), smallPps(0, 0))
    expect(sets.add(read(smallPps(0, 1)))).toBe(true)
    expect(sets.configurationFor(keyframe(0))?.sps.width).toBe(96)
  })

  it('gives all sets by ascending id, whatever order they came in', () => {
    const units = [smallSps(7, 4, 3), smallSps(0, 6, 4), smallPps(12, 7), smallPps(3, 0)]
    expect(knowing(...units).configurationFor(keyframe(12))).toMatchObject({
      spsUnits: [units[1], units[0]],
      ppsUnits: [units[3], units[2]],
    })
  })

  it('does not know the configuration of what is no picture', () => {
    expect(knowing(SPS_64X48, PPS).configurationFor(readAccessUnit(CONFIGURATION))).toBeUndefined()
  })

  it('copies the bytes: the message that they came in may be used again', () => {
    const message = annexB(SPS_64X48, PPS)
    const sets = new ParameterSets()
    sets.add(readAccessUnit(message))
    message.fill(0xff)
    expect(sets.configurationFor(keyframe(0))?.spsUnits).toEqual([SPS_64X48])
  })

  it.each([
    ['H264_SPS_INVALID', hex('67')],
    ['H264_PPS_INVALID', hex('68')],
  ])('refuses a set that cannot be read with %s, and takes the units behind it', (code, bad) => {
    const sets = new ParameterSets()
    expect(() => sets.add(read(bad, SPS_64X48, PPS))).toThrow(expect.objectContaining({ code }))
    expect(sets.configurationFor(keyframe(0))?.sps.width).toBe(64)
  })

  it('takes or refuses any sets, and still knows what it knew of other ids', () => {
    const header = fc.constantFrom(0x67, 0x68)
    const unit = fc
      .tuple(header, fc.uint8Array({ maxLength: 40 }))
      .map(([first, rest]) => Uint8Array.of(first, ...rest))
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 4 }), (units) => {
        const sets = knowing(smallSps(31, 4, 3), smallPps(255, 31))
        try {
          sets.add(read(...units))
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
        sets.configurationFor(keyframe(0))
        sets.add(read(smallSps(31, 4, 3), smallPps(255, 31)))
        expect(sets.configurationFor(keyframe(255))?.sps).toMatchObject({ width: 64, height: 48 })
      }),
      { seed: 18, numRuns: 1500 },
    )
  })
})

it('keeps sets whose memory is used again, a Buffer too', () => {
  const sets = new ParameterSets()
  const memory = Buffer.from(CONFIGURATION)
  sets.add(readAccessUnit(memory))
  memory.fill(0)
  const { spsUnits, ppsUnits } = sets.configurationFor(readAccessUnit(KEYFRAME))!
  expect([spsUnits, ppsUnits]).toEqual([[SPS_64X48], [PPS]])
})

it('takes no more sets than a keyframe can carry, and lets known ones be replaced', () => {
  const large = (id: number, tag: number) => {
    const unit = new Uint8Array(30_000).fill(tag)
    unit.set(smallPps(id, 0))
    return unit
  }
  const sets = knowing(SPS_64X48, large(1, 2), large(2, 2))
  expect(() => sets.add(read(large(3, 2)))).toThrow(/at most 65536 bytes together; got 90000/)
  expect(sets.add(read(large(2, 3)))).toBe(true)
  expect(sets.units()).toEqual([SPS_64X48, large(1, 2), large(2, 3)])
})
