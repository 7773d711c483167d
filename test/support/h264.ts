/** H.264 units for tests of parsers: written bit by bit, or made by libx264 and pasted. Shares no code with Rollcall. */

/** Bytes of a hex literal; spaces are for the reader. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
}

/** The hex literal of bytes. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** `ffmpeg -f lavfi -i testsrc2=size=64x48 -c:v libx264 -profile:v baseline`: SPS 0, and its PPS 0. */
export const SPS_64X48 = hex('6742c00ada11ec0440000003004000000c83c489a8')
export const PPS = hex('68ce0fc8')
/** The same with size=96x64. */
export const SPS_96X64 = hex('6742c00ada189b011000000300100000030320f1226a')

/** Annex B: a four-byte start code before each unit. */
export function annexB(...units: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(units.flatMap((unit) => [0, 0, 0, 1, ...unit]))
}

/** The NAL units of an Annex B payload, without start codes and trailing zeros. */
export function unitsOf(payload: Uint8Array): Uint8Array[] {
  const text = Buffer.from(payload).toString('latin1')
  const units = text.split('\0\0\x01').slice(1)
  return units.map((unit) => Uint8Array.from(Buffer.from(unit.replace(/\0+$/, ''), 'latin1')))
}

/** What an MP4 sample holds of a payload: all but SPS and PPS, a four-byte length before each unit (14496-15, 5.3). */
export function sampleOf(payload: Uint8Array): Buffer {
  const kept = unitsOf(payload).filter((unit) => ![7, 8].includes(unit[0]! & 31))
  return Buffer.concat(
    kept.flatMap((unit) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(unit.length)
      return [length, unit]
    }),
  )
}

/** u(n) as a string of bits. */
export function u(bits: number, value: number): string {
  return value.toString(2).padStart(bits, '0')
}

/** ue(v) as a string of bits. */
export function ue(value: number): string {
  const code = (value + 1).toString(2)
  return '0'.repeat(code.length - 1) + code
}

/** se(v) as a string of bits. */
export function se(value: number): string {
  return ue(value > 0 ? 2 * value - 1 : -2 * value)
}

/** A NAL unit: header byte, bits, rbsp_trailing_bits, with emulation prevention. */
export function nalUnit(header: number, ...bits: readonly string[]): Uint8Array {
  const text = `${bits.join('')}1`
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8, '0')
  const unit = [header]
  for (const byte of padded.match(/.{8}/g)!.map((octet) => Number.parseInt(octet, 2))) {
    if (byte <= 3 && unit.at(-1) === 0 && unit.at(-2) === 0) unit.push(3)
    unit.push(byte)
  }
  return Uint8Array.from(unit)
}

/** SPS `id` of a baseline stream of `width` by `height` macroblocks, and PPS `id` that names SPS `spsId`. */
export function smallSps(id: number, width: number, height: number): Uint8Array {
  const size = ue(width - 1) + ue(height - 1)
  // frame_num, pic_order_cnt_type 2, 1 reference, no gaps; frames only, no 8x8 inference, no crop, no VUI.
  return nalUnit(0x67, u(8, 66), u(8, 0xc0), u(8, 10), ue(id), ue(0), ue(2), ue(1), '0', size, '1000')
}

export function smallPps(id: number, spsId: number): Uint8Array {
  return nalUnit(0x68, ue(id), ue(spsId), '00')
}

/** A slice's first fields (first macroblock, I or P, PPS) and as many bytes of content as asked; it does not decode. */
export function slice(kind: 'idr' | 'delta', options: { pps?: number; bytes?: number } = {}): Uint8Array {
  const content = '10100101'.repeat(options.bytes ?? 4)
  return nalUnit(
    kind === 'idr' ? 0x65 : 0x41,
    ue(0),
    ue(kind === 'idr' ? 7 : 5),
    ue(options.pps ?? 0),
    content,
  )
}

/** A payload as a phone sends it. */
export const CONFIGURATION = annexB(SPS_64X48, PPS)
export const KEYFRAME = annexB(slice('idr'))
export const DELTA = annexB(slice('delta'))
/** A key picture of an encoder that repeats its parameter sets. */
export const KEYFRAME_WITH_SETS = annexB(SPS_64X48, PPS, slice('idr'))
