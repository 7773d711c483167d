import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex, nalUnit, PPS, SPS_64X48, se, smallPps, u, ue } from '../../test/support/h264.ts'
import { ProtocolError } from '../errors.ts'
import { codecString, parsePps, parseSps, profileName } from './sps.ts'

/** Made by libx264 with `ffmpeg -f lavfi -i testsrc2=size=…`; the values beside them are those of ffprobe. */
const REAL = {
  baseline: '6742c00ada11ec0440000003004000000c83c489a8',
  high1080p: '67640028acd940780227e5c044000003000400000300c83c60c658',
  tableSar: '674d401eeca05a09360820000003002000000641e2c5b2c0',
  ownSar: '674d400aeca23dff80128011880000030008000003019078912cb0',
  bt709: '6764000aacd9447b016a020202800000030080000019078912cb',
  fullRange: '6764000aacd9447b016c800000030080000019078912cb',
  interlaced1080: '67640028acd94078044fde0220000003002000000643e2c5b2c0',
  high422WithHrd: '677a0009b6cd945279a3f01100000300010000030032602001e840007a12930c01e244b2c0',
  high444: '67f4000a919b28afc5f808800000030080000019078912cb',
} as const

/** A High SPS of 64x48 written by hand, with other bits in the places that are named. */
function handmade(bits: { chroma?: string; scaling?: string; order?: string; crop?: string; vui?: string }) {
  const { chroma = ue(1) + ue(0) + ue(0), scaling = '0', order = ue(2), crop = '0', vui = '0' } = bits
  const size = ue(3) + ue(2)
  const head = [u(8, 100), u(8, 0), u(8, 30), ue(0), chroma, '0', scaling]
  return nalUnit(0x67, ...head, ue(0), order, ue(1), '0', size, '1', '1', crop, vui)
}

function refusal(read: () => unknown): ProtocolError {
  try {
    read()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
  throw new Error('it was taken')
}

/** A reader may refuse bytes, but only as the peer's fault. */
function readsOrRefuses(read: () => unknown, code: string): void {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
    expect((error as ProtocolError).code).toBe(code)
  }
}

describe('parseSps', () => {
  it.each([
    [REAL.baseline, 'avc1.42C00A', 'Constrained Baseline', 64, 48, 0],
    [REAL.high1080p, 'avc1.640028', 'High', 1920, 1080, 2],
    [REAL.tableSar, 'avc1.4D401E', 'Main', 720, 576, 2],
    [REAL.interlaced1080, 'avc1.640028', 'High', 1920, 1080, 2],
    [REAL.high422WithHrd, 'avc1.7A0009', 'High 4:2:2', 70, 50, 2],
    [REAL.high444, 'avc1.F4000A', 'High 4:4:4 Predictive', 70, 48, 2],
  ])(
    'reads %s: codec, profile, size with cropping, reordering',
    (bytes, codec, profile, width, height, maxReorderPictures) => {
      const sps = parseSps(hex(bytes))
      expect(sps).toMatchObject({ id: 0, width, height, maxReorderPictures })
      expect(codecString(sps)).toBe(codec)
      expect(profileName(sps)).toBe(profile)
    },
  )

  it('reads chroma format and bit depths', () => {
    expect(parseSps(hex(REAL.baseline))).toMatchObject({
      chromaFormat: 1,
      bitDepthLuma: 8,
      bitDepthChroma: 8,
    })
    expect(parseSps(hex(REAL.high422WithHrd))).toMatchObject({
      chromaFormat: 2,
      bitDepthLuma: 10,
      bitDepthChroma: 10,
    })
    expect(parseSps(hex(REAL.high444)).chromaFormat).toBe(3)
  })

  it.each([
    [REAL.baseline, { width: 1, height: 1 }],
    [REAL.tableSar, { width: 16, height: 11 }],
    [REAL.ownSar, { width: 37, height: 35 }],
  ])('reads the sample aspect ratio of %s', (bytes, sar) => {
    expect(parseSps(hex(bytes)).sar).toEqual(sar)
  })

  it.each([
    [0, { width: 1, height: 1 }],
    [1, { width: 1, height: 1 }],
    [2, { width: 12, height: 11 }],
    [13, { width: 160, height: 99 }],
    [16, { width: 2, height: 1 }],
    [17, { width: 1, height: 1 }],
  ])('reads aspect_ratio_idc %i, reserved ones as square', (idc, sar) => {
    expect(parseSps(handmade({ vui: `11${u(8, idc)}` })).sar).toEqual(sar)
  })

  it('takes a sample aspect ratio of 0 as square', () => {
    expect(parseSps(handmade({ vui: `11${u(8, 255)}${u(16, 0)}${u(16, 7)}` })).sar).toEqual({
      width: 1,
      height: 1,
    })
  })

  it.each([
    [REAL.baseline, undefined],
    [REAL.bt709, { primaries: 1, transfer: 1, matrix: 1, fullRange: false }],
    [REAL.fullRange, { primaries: 2, transfer: 2, matrix: 2, fullRange: true }],
  ])('reads the colour description of %s', (bytes, colour) => {
    expect(parseSps(hex(bytes)).colour).toEqual(colour)
  })

  it('does not know the reordering when there is no VUI', () => {
    expect(parseSps(handmade({})).maxReorderPictures).toBeUndefined()
  })

  it.each([
    ['scaling lists', { scaling: `1${`1${se(-8)}`}1${se(0).repeat(16)}000000` }],
    ['picture order count type 0', { order: ue(0) + ue(2) }],
    ['picture order count type 1', { order: `${ue(1)}0${se(-2)}${se(1)}${ue(2)}${se(3)}${se(-3)}` }],
  ])('reads the size behind %s', (_title, bits) => {
    expect(parseSps(handmade(bits))).toMatchObject({ width: 64, height: 48 })
  })

  it.each([
    ['4:2:0, in steps of two pixels', ue(1), 58, 44],
    ['4:2:2, in steps of two columns and one line', ue(2), 58, 46],
    ['4:4:4, in steps of one pixel', `${ue(3)}0`, 61, 46],
    ['monochrome, in steps of one pixel', ue(0), 61, 46],
  ])('crops %s', (_title, chroma, width, height) => {
    const crop = `1${ue(1)}${ue(2)}${ue(0)}${ue(2)}`
    expect(parseSps(handmade({ chroma: chroma + ue(0) + ue(0), crop }))).toMatchObject({ width, height })
  })

  it.each([
    ['seq_parameter_set_id = 32', nalUnit(0x67, u(8, 66), u(8, 0), u(8, 30), ue(32))],
    ['chroma_format_idc = 4', handmade({ chroma: ue(4) })],
    ['bit_depth_luma_minus8 = 7', handmade({ chroma: ue(1) + ue(7) })],
    ['pic_order_cnt_type = 3', handmade({ order: ue(3) })],
    ['crops its picture to 0x48', handmade({ crop: `1${ue(16)}${ue(16)}${ue(0)}${ue(0)}` })],
    ['more than 32 leading zeros', nalUnit(0x67, u(8, 66), u(8, 0), u(8, 30), '0'.repeat(80))],
    ['of 1 bytes ends in the middle of a value', hex('67')],
  ])('refuses an SPS and says why: %s', (why, unit) => {
    const error = refusal(() => parseSps(unit))
    expect(error.code).toBe('H264_SPS_INVALID')
    expect(error.message).toContain(why)
  })

  it('keeps what it read of a VUI that is cut short', () => {
    const whole = hex(REAL.ownSar)
    expect(parseSps(whole.subarray(0, 17))).toMatchObject({
      width: 64,
      height: 48,
      sar: { width: 37, height: 35 },
    })
  })

  it.each(Object.entries(REAL))(
    'reads or refuses %s cut at any byte, with its size once it is there',
    (_name, bytes) => {
      const whole = hex(bytes)
      const { width, height } = parseSps(whole)
      for (let cut = 0; cut < whole.length; cut += 1)
        readsOrRefuses(() => {
          expect(parseSps(whole.subarray(0, cut))).toMatchObject({ width, height })
        }, 'H264_SPS_INVALID')
    },
  )

  it('reads or refuses any bytes', () => {
    const profiles = fc.constantFrom(66, 77, 100, 244)
    const units = fc
      .tuple(profiles, fc.uint8Array({ maxLength: 60 }))
      .map(([profile, bytes]) => Uint8Array.from([0x67, profile, ...bytes]))
    fc.assert(
      fc.property(units, (unit) => readsOrRefuses(() => parseSps(unit), 'H264_SPS_INVALID')),
      { seed: 6, numRuns: 5000 },
    )
  })

  it('reads or refuses a real SPS with any byte changed', () => {
    for (const real of Object.values(REAL).map(hex))
      for (let at = 1; at < real.length; at += 1)
        for (const value of [0, 1, 3, 0x80, 0xff])
          readsOrRefuses(() => parseSps(real.with(at, value)), 'H264_SPS_INVALID')
  })
})

describe('parsePps', () => {
  it('reads its id and that of its SPS', () => {
    expect(parsePps(PPS)).toEqual({ id: 0, spsId: 0 })
    expect(parsePps(smallPps(255, 31))).toEqual({ id: 255, spsId: 31 })
  })

  it.each([
    ['pic_parameter_set_id = 256', smallPps(256, 0)],
    ['seq_parameter_set_id = 32', smallPps(0, 32)],
    ['ends in the middle of a value', hex('68')],
  ])('refuses a PPS and says why: %s', (why, unit) => {
    const error = refusal(() => parsePps(unit))
    expect(error.code).toBe('H264_PPS_INVALID')
    expect(error.message).toContain(why)
  })

  it('reads or refuses any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (unit) =>
        readsOrRefuses(() => parsePps(unit), 'H264_PPS_INVALID'),
      ),
      { seed: 7, numRuns: 2000 },
    )
  })
})

describe('profileName', () => {
  it.each([
    [66, 0, 'Baseline'],
    [66, 0x40, 'Constrained Baseline'],
    [77, 0, 'Main'],
    [88, 0, 'Extended'],
    [100, 0, 'High'],
    [100, 0x0c, 'Constrained High'],
    [110, 0, 'High 10'],
    [118, 0, 'profile 118'],
  ])('names profile_idc %i with constraints %i', (profileIdc, constraints, name) => {
    expect(profileName({ ...parseSps(SPS_64X48), profileIdc, constraints })).toBe(name)
  })
})
