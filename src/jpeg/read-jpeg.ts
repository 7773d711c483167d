/**
 * Whether some bytes are one whole JPEG picture, and how large it is (ITU-T T.81, Annex B). Pure.
 *
 * Looks at the frame of it alone: the markers at both ends and the segments up to the first that tells the size. What the
 * coded picture holds is for who shows it.
 */

import { ProtocolError } from '../errors.ts'

/** Markers (Table B.1), without the 0xFF ahead of them. */
const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const TEM = 0x01
/** SOF0 to SOF15 lie in this range, and with them DHT, JPG and DAC, which are none. */
const FIRST_SOF = 0xc0
const LAST_SOF = 0xcf
const NO_SOF = new Set([0xc4, 0xc8, 0xcc])
/** RST0 to RST7, SOI and EOI: markers without a segment, with no place ahead of the frame header. */
const FIRST_RST = 0xd0
/** SOI, a frame header of one component and EOI: nothing shorter has a size. */
const LEAST_BYTES = 17
/** Each side, in pixels: the largest camera of a board has 2592. A few bytes may tell of 65535, and whoever shows it makes room. */
const MAX_SIDE = 4096
/** Of a frame header: its length, the sample precision, number of lines, samples a line (B.2.2). */
const SOF_BYTES = 8

export interface JpegSize {
  /** In pixels, 1 to 4096. */
  width: number
  height: number
}

/**
 * Reads the size of a picture.
 *
 * Zeros behind the end marker are let through: drivers that hand out the whole buffer of a transfer pad it so, and every reader
 * ignores them. Anything else there means that two pictures ran together.
 *
 * @throws {ProtocolError} `JPEG_INVALID` with the rule that is broken.
 */
export function readJpeg(bytes: Uint8Array): JpegSize {
  if (bytes.length < LEAST_BYTES) throw invalid(`has at least ${LEAST_BYTES} bytes; got ${bytes.length}`)
  if (bytes[0] !== 0xff || bytes[1] !== SOI) throw invalid('begins with its start marker FF D8')
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end -= 1
  if (bytes[end - 2] !== 0xff || bytes[end - 1] !== EOI) throw invalid('ends with its end marker FF D9')
  return sizeOf(bytes, end - 2)
}

/** Walks the segments (B.1.1.4) up to the first frame header. */
function sizeOf(bytes: Uint8Array, end: number): JpegSize {
  const u16 = (at: number) => (bytes[at]! << 8) | bytes[at + 1]!
  let at = 2
  while (at < end) {
    if (bytes[at] !== 0xff) throw invalid(`has a marker at byte ${at}; got ${bytes[at]}`)
    // Any number of fill bytes may stand ahead of a marker (B.1.1.2).
    while (at < end && bytes[at] === 0xff) at += 1
    const marker = bytes[at]!
    at += 1
    if (marker === TEM) continue
    if (marker === SOS || (marker >= FIRST_RST && marker <= EOI) || marker === 0)
      throw invalid(`has a frame header ahead of marker FF ${marker.toString(16).padStart(2, '0')}`)
    const length = at + 2 <= end ? u16(at) : 0
    if (length < 2 || at + length > end) throw invalid(`has whole segments; that at byte ${at} is cut`)
    if (marker >= FIRST_SOF && marker <= LAST_SOF && !NO_SOF.has(marker)) {
      const [width, height] = length < SOF_BYTES ? [0, 0] : [u16(at + 5), u16(at + 3)]
      if (width === 0 || height === 0) throw invalid(`has a size; got ${width}x${height}`)
      if (Math.max(width, height) > MAX_SIDE)
        throw invalid(`has at most ${MAX_SIDE}x${MAX_SIDE} pixels; got ${width}x${height}`)
      return { width, height }
    }
    at += length
  }
  throw invalid('has a frame header')
}

function invalid(rule: string): ProtocolError {
  return new ProtocolError('JPEG_INVALID', `a JPEG picture ${rule}`)
}
