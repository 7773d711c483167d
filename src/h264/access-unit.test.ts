import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  annexB,
  CONFIGURATION,
  DELTA,
  hex,
  KEYFRAME,
  KEYFRAME_WITH_SETS,
  PPS,
  SPS_64X48,
  slice,
} from '../../test/support/h264.ts'
import { ProtocolError } from '../errors.ts'
import { pictureParameterSetId, readAccessUnit } from './access-unit.ts'

const DELIMITER = hex('09f0')
const FILLER = hex('0cffffff80')
/** recovery_frame_cnt 0, exact_match 1: payload type 6, one byte. */
const RECOVERY_POINT = hex('060601c480')
/** user_data_unregistered of 258 bytes (size 255 + 3), with a 6 in every place, and a recovery point behind it. */
const LONG_SEI = hex(`0605ff03${'06'.repeat(258)}`)

const read = (...units: Uint8Array[]) => readAccessUnit(annexB(...units))

describe('readAccessUnit', () => {
  it.each([
    ['an IDR picture', KEYFRAME, { picture: true, keyframe: true, parameterSets: false }],
    ['a picture that refers to others', DELTA, { picture: true, keyframe: false, parameterSets: false }],
    ['configuration alone', CONFIGURATION, { picture: false, keyframe: false, parameterSets: true }],
    ['an SPS alone', annexB(SPS_64X48), { picture: false, keyframe: false, parameterSets: true }],
    ['a PPS alone', annexB(PPS), { picture: false, keyframe: false, parameterSets: true }],
    [
      'a key picture with its sets',
      KEYFRAME_WITH_SETS,
      { picture: true, keyframe: true, parameterSets: true },
    ],
    ['a delimiter alone', annexB(DELIMITER), { picture: false, keyframe: false, parameterSets: false }],
    ['filler alone', annexB(FILLER), { picture: false, keyframe: false, parameterSets: false }],
    ['data partition A', annexB(hex('42e0')), { picture: true, keyframe: false, parameterSets: false }],
  ])('tells %s', (_title, payload, expected) => {
    expect(readAccessUnit(payload)).toMatchObject(expected)
  })

  it('sees through delimiter, SEI and filler, and counts several slices as one picture', () => {
    const unit = read(DELIMITER, LONG_SEI, slice('idr'), slice('idr'), FILLER)
    expect(unit).toMatchObject({ picture: true, keyframe: true })
    expect(unit.units).toHaveLength(10)
  })

  it('takes a picture at a recovery point as a keyframe', () => {
    expect(read(RECOVERY_POINT, slice('delta')).keyframe).toBe(true)
    expect(read(hex('0601020000 0601c4 80'), slice('delta')).keyframe).toBe(true)
  })

  it('finds a recovery point behind a long message', () => {
    const sei = Uint8Array.from([...LONG_SEI, ...hex('0601c480')])
    expect(read(sei, slice('delta')).keyframe).toBe(true)
  })

  it.each([
    ['another message', hex('060104aabbccdd80')],
    ['a 6 within another message', hex('060504 06060606 80')],
    ['a type of 255 + 6', hex('06ff0601c480')],
    ['a message cut short', hex('0605ff')],
    ['no message', hex('0680')],
  ])('takes a picture behind an SEI with %s as no keyframe', (_title, sei) => {
    expect(read(sei, slice('delta')).keyframe).toBe(false)
  })

  it('does not make a recovery point without a picture a keyframe', () => {
    expect(read(RECOVERY_POINT)).toMatchObject({ picture: false, keyframe: false })
  })

  it('keeps the bytes as they came', () => {
    const unit = readAccessUnit(KEYFRAME_WITH_SETS)
    expect(unit.bytes).toBe(KEYFRAME_WITH_SETS)
  })

  it.each(['', '00000001', '6588', '00000000'])('refuses a payload without a unit: %s', (payload) => {
    const bytes = hex(payload)
    expect(() => readAccessUnit(bytes)).toThrow(
      expect.objectContaining({
        code: 'H264_NO_NAL_UNIT',
        message: `a payload is H.264 Annex B with at least one NAL unit; got ${bytes.length} bytes without any`,
      }),
    )
  })

  it('reads or refuses any bytes, and any SEI', () => {
    const bytes = fc.array(fc.constantFrom(0, 0, 1, 2, 3, 5, 6, 6, 255), { maxLength: 40 })
    const payloads = fc
      .tuple(fc.constantFrom('', '00000106', '000001'), bytes)
      .map(([start, rest]) => Uint8Array.from([...hex(start), ...rest]))
    fc.assert(
      fc.property(payloads, (payload) => {
        try {
          pictureParameterSetId(readAccessUnit(payload))
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { seed: 8, numRuns: 3000 },
    )
  })
})

describe('pictureParameterSetId', () => {
  it.each([0, 1, 7, 255])('reads it from the first slice: %i', (pps) => {
    expect(pictureParameterSetId(read(SPS_64X48, PPS, slice('idr', { pps }), slice('idr')))).toBe(pps)
  })

  it('does not know it when there is no slice', () => {
    expect(pictureParameterSetId(readAccessUnit(CONFIGURATION))).toBeUndefined()
  })

  it('does not know it when the slice header is cut short', () => {
    expect(pictureParameterSetId(read(hex('65')))).toBeUndefined()
    expect(pictureParameterSetId(read(hex('6580')))).toBeUndefined()
  })
})
