/**
 * Whether bytes are one whole JPEG image, and its size. Pure: no clock, no I/O.
 *
 * ITU-T T.81 (09/92), Annex B.
 */

import { ProtocolError } from '../errors.ts'

/** Second bytes of markers, T.81 table B.1; the first is always 0xFF. */
const MARKER = 0xff
const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
/** Of the markers 0xC0 to 0xCF these begin no frame: DHT, JPG, DAC. */
const NO_FRAMES = new Set([0xc4, 0xc8, 0xcc])
/** Length, precision, height, width: B.2.2. */
const FRAME_BYTES = 7

/**
 * @returns The picture's size in pixels.
 * @throws {ProtocolError} `JPEG_INVALID`
 */
export function readJpeg(bytes: Uint8Array): { width: number; height: number } {
  if (bytes[0] !== MARKER || bytes[1] !== SOI) throw invalid('it does not begin with FF D8')
  if (bytes.at(-2) !== MARKER || bytes.at(-1) !== EOI) throw invalid('it does not end with FF D9')
  let at = 2
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== MARKER) throw invalid(`no marker at byte ${at}`)
    const marker = bytes[at + 1]!
    // Fill bytes may stand before any marker: B.1.1.2.
    if (marker === MARKER) {
      at += 1
      continue
    }
    if (marker === SOS || marker === EOI) break
    const length = bytes[at + 2]! * 256 + bytes[at + 3]!
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAMES.has(marker)) return frameSize(bytes, at + 2, length)
    at += 2 + length
  }
  throw invalid('it has no frame header')
}

function frameSize(bytes: Uint8Array, at: number, length: number): { width: number; height: number } {
  if (length < FRAME_BYTES || at + length > bytes.length) throw invalid('its frame header is cut')
  const height = bytes[at + 3]! * 256 + bytes[at + 4]!
  const width = bytes[at + 5]! * 256 + bytes[at + 6]!
  if (width === 0 || height === 0) throw invalid(`its size is ${width} × ${height}`)
  return { width, height }
}

function invalid(rule: string): ProtocolError {
  return new ProtocolError('JPEG_INVALID', `a message is no whole JPEG image: ${rule}`)
}
