import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  annexB,
  CONFIGURATION,
  hex,
  KEYFRAME,
  nalUnit,
  PPS,
  SPS_64X48,
  u,
  ue,
} from '../../test/support/h264.ts'
import { AccessUnitSplitter, configurationOf, splitAccessUnits } from './split.ts'

const STREAMS = fileURLToPath(new URL('../../../shared/conformance/', import.meta.url))
const names = existsSync(STREAMS) ? readdirSync(STREAMS).filter((name) => !name.endsWith('.md')) : []

const AUD = hex('09f0')
const SEI = hex('0605010080')
const FILLER = hex('0cffff80')
const CONTENT = '1010010110100101'
/** SPS 0: 4 bits of frame_num, picture order by frame_num (type 2) or of 4 bits (type 0). */
const sps = (options: { fields?: boolean; orderType?: 0 | 2 } = {}) =>
  nalUnit(
    0x67,
    u(8, 66) + u(8, 0xc0) + u(8, 10) + ue(0) + ue(0),
    options.orderType === 0 ? ue(0) + ue(0) : ue(2),
    `${ue(1)}0${ue(7)}${ue(7)}`,
    options.fields ? '001000' : '1000',
  )
/** PPS 0 of SPS 0. */
const pps = (redundant: '0' | '1' = '0') =>
  nalUnit(0x68, `${ue(0)}${ue(0)}00${ue(0)}${ue(0)}${ue(0)}000`, `${ue(0).repeat(3)}00${redundant}`)
/** Slices of streams with these sets. */
const idrSlice = (firstMacroblock: number, idrPictureId = 0) =>
  nalUnit(0x65, ue(firstMacroblock), ue(7), ue(0), u(4, 0), ue(idrPictureId), CONTENT)
const deltaSlice = (firstMacroblock: number, frameNumber: number, rest = '') =>
  nalUnit(0x41, ue(firstMacroblock), ue(5), ue(0), u(4, frameNumber), rest, CONTENT)

function joined(units: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(units.flatMap((unit) => [...unit]))
}

/** Splits these access units joined, and expects them back. */
function expectBack(...units: Uint8Array[]): void {
  expect(splitAccessUnits(joined(units))).toEqual(units)
}

describe('splitAccessUnits', () => {
  const head = [sps(), pps()]

  it('begins an access unit at each picture', () => {
    expectBack(annexB(...head, idrSlice(0)), annexB(deltaSlice(0, 1)), annexB(deltaSlice(0, 2)))
  })

  it('keeps the slices of one picture together, in any order of macroblocks', () => {
    expectBack(
      annexB(...head, idrSlice(0), idrSlice(20), idrSlice(40)),
      annexB(deltaSlice(40, 1), deltaSlice(0, 1), deltaSlice(20, 1)),
      annexB(deltaSlice(0, 2), deltaSlice(20, 2)),
    )
  })

  it('tells pictures apart by frame_num alone when the first slice of one is lost', () => {
    expectBack(annexB(...head, idrSlice(0)), annexB(deltaSlice(0, 1)), annexB(deltaSlice(20, 2)))
  })

  it.each([
    ['an access unit delimiter', AUD],
    ['SEI', SEI],
    ['an SPS', sps()],
    ['a PPS', pps()],
    ['a prefix NAL unit', hex('6e408080')],
  ])('begins an access unit at %s behind a slice', (_title, unit) => {
    expectBack(annexB(...head, idrSlice(0)), annexB(unit, deltaSlice(0, 1)))
  })

  it('keeps filler and trailing zeros with the picture before', () => {
    expectBack(annexB(...head, idrSlice(0), FILLER), annexB(deltaSlice(0, 1)))
    expectBack(Uint8Array.from([...annexB(...head, idrSlice(0)), 0, 0, 0]), annexB(deltaSlice(0, 1)))
  })

  it('takes a zero before a three-byte start code as part of it', () => {
    const short = (...units: Uint8Array[]) => joined(units.map((unit) => Uint8Array.from([0, 0, 1, ...unit])))
    expectBack(short(...head, idrSlice(0)), short(deltaSlice(0, 1)), annexB(deltaSlice(0, 2)))
  })

  it('separates key pictures of encoders that give all of them one idr_pic_id', () => {
    expectBack(annexB(...head, idrSlice(0)), annexB(idrSlice(0)), annexB(idrSlice(0), idrSlice(20)))
    expectBack(annexB(...head, idrSlice(20)), annexB(idrSlice(20, 1)))
  })

  it('separates pictures by their order count', () => {
    const order = (value: number) => u(4, value)
    const idr = nalUnit(0x65, ue(0), ue(7), ue(0), u(4, 0), ue(0), order(0), CONTENT)
    const b = (at: number) => nalUnit(0x01, ue(20), ue(6), ue(0), u(4, 2), order(at), CONTENT)
    expectBack(annexB(sps({ orderType: 0 }), pps(), idr), annexB(b(2)), annexB(b(4)))
  })

  it('keeps both fields of a frame together', () => {
    const fieldHead = [sps({ fields: true }), pps()]
    const idrField = nalUnit(0x65, ue(0), ue(7), ue(0), u(4, 0), '10', ue(0), CONTENT)
    const field = (frame: number, flags: '10' | '11') => deltaSlice(0, frame, flags)
    expectBack(
      annexB(...fieldHead, idrField, field(0, '11')),
      annexB(field(1, '10'), field(1, '11')),
      annexB(field(2, '11'), field(2, '10')),
    )
  })

  it('keeps redundant slices with the picture that they repeat', () => {
    const slice = (frame: number, redundant: number) => deltaSlice(0, frame, ue(redundant))
    const idr = nalUnit(0x65, ue(0), ue(7), ue(0), u(4, 0), ue(0), ue(0), CONTENT)
    expectBack(annexB(sps(), pps('1'), idr), annexB(slice(1, 0), slice(1, 1)), annexB(slice(2, 0)))
  })

  it('separates by the first macroblock when it knows no parameter sets', () => {
    expectBack(annexB(deltaSlice(0, 1), deltaSlice(20, 1)), annexB(deltaSlice(0, 1)))
  })

  it.each(['', '00', '0000', '000001', '00000001', 'ffff', '0000000167'])(
    'gives %j back as it is',
    (text) => {
      expect(joined(splitAccessUnits(hex(text)))).toEqual(hex(text))
    },
  )
})

describe('AccessUnitSplitter', () => {
  const units = [
    annexB(sps(), pps(), SEI, idrSlice(0), idrSlice(20)),
    ...Array.from({ length: 12 }, (_, i) => annexB(AUD, deltaSlice(0, i + 1), deltaSlice(20, i + 1))),
    annexB(sps(), idrSlice(0)),
  ]
  const stream = joined(units)

  it('gives the same access units wherever the stream is cut in two', () => {
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const splitter = new AccessUnitSplitter()
      const pieces = [stream.subarray(0, cut), stream.subarray(cut)]
      expect([...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()]).toEqual(units)
    }
  })

  it('gives the same access units byte by byte, and serves for another stream after its end', () => {
    const splitter = new AccessUnitSplitter()
    for (let round = 0; round < 2; round += 1) {
      const got = [...stream].flatMap((byte) => splitter.push(Uint8Array.of(byte)))
      expect(got.length).toBeGreaterThan(units.length - 6)
      expect([...got, ...splitter.end()]).toEqual(units)
    }
  })

  it('gives any bytes back as they were, and the same access units however they are cut', () => {
    const unit = fc.oneof(
      fc.constantFrom(sps(), sps({ orderType: 0 }), sps({ fields: true }), pps(), pps('1'), AUD, SEI, FILLER),
      fc.tuple(fc.nat(30), fc.nat(15)).map(([macroblock, number]) => deltaSlice(macroblock, number)),
      fc.nat(30).map((macroblock) => idrSlice(macroblock)),
      fc.uint8Array({ maxLength: 30 }),
    )
    const mangled = fc
      .tuple(
        fc.array(unit, { maxLength: 12 }),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }),
      )
      .map(([list, changes]) => {
        const bytes = annexB(...list)
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        return bytes
      })
    fc.assert(
      fc.property(mangled, fc.array(fc.nat(300), { maxLength: 5 }), (bytes, cuts) => {
        const whole = splitAccessUnits(bytes)
        expect(joined(whole)).toEqual(bytes)
        const splitter = new AccessUnitSplitter()
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
        const got = places.slice(1).flatMap((end, i) => splitter.push(bytes.subarray(places[i], end)))
        expect([...got, ...splitter.end()]).toEqual(whole)
      }),
      { seed: 17, numRuns: 1500 },
    )
  })
})

describe('configurationOf', () => {
  it('splits the leading parameter sets off', () => {
    const all = annexB(SPS_64X48, PPS, idrSlice(0))
    expect(configurationOf(all)).toEqual({ configuration: CONFIGURATION, picture: annexB(idrSlice(0)) })
  })

  it('takes an access unit delimiter along, and leaves SEI with the picture', () => {
    expect(configurationOf(annexB(AUD, SPS_64X48, PPS, SEI, idrSlice(0)))).toEqual({
      configuration: annexB(AUD, SPS_64X48, PPS),
      picture: annexB(SEI, idrSlice(0)),
    })
  })

  it('finds none in a picture without', () => {
    const empty = new Uint8Array()
    expect(configurationOf(KEYFRAME)).toEqual({ configuration: empty, picture: KEYFRAME })
    expect(configurationOf(annexB(AUD, idrSlice(0)))).toMatchObject({ configuration: empty })
    expect(configurationOf(CONFIGURATION)).toEqual({ configuration: CONFIGURATION, picture: empty })
  })
})

// Every stream here is coded in frames, so the pairing of fields makes no difference to ffprobe: none differs.
describe.skipIf(names.length === 0)(
  'streams of ../shared/conformance (skipped where it is not there)',
  () => {
    it.each(names)('cuts %s where ffprobe does', async (name) => {
      const file = STREAMS + name
      const { stdout } = await promisify(execFile)(
        'ffprobe',
        ['-v', 'quiet', '-f', 'h264', '-show_entries', 'packet=pos', '-of', 'csv=p=0', file],
        { maxBuffer: 1 << 24 },
      )
      const stream = new Uint8Array(readFileSync(file))
      const splitter = new AccessUnitSplitter()
      const units: Uint8Array[] = []
      for (let at = 0; at < stream.length; at += 1009)
        units.push(...splitter.push(stream.subarray(at, at + 1009)))
      units.push(...splitter.end())

      expect(Buffer.concat(units).equals(stream)).toBe(true)
      let at = 0
      const starts = units.map((unit) => (at += unit.length) - unit.length)
      expect(starts).toEqual(
        stdout
          .trim()
          .split('\n')
          .map((line) => Number.parseInt(line, 10)),
      )
    })
  },
)
