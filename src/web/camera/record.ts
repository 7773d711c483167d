/**
 * How a packet stands in the phone's own store: 4 bytes that say where one begins and whether it is a keyframe's, 4 bytes of
 * checksum over the packet, then the frame packet, which tells its own length. Big-endian. Pure.
 */

import { FRAME_PACKET_HEADER_BYTES, parseFramePacket } from '../../wire/frame-packet.ts'

export const RECORD_HEADER_BYTES = 8
const MARK = 0x524b_4300
const KEYFRAME = 1
/** Adler-32 (RFC 1950, 8.2). */
const MODULUS = 65_521
/** Sums of so many bytes stay below 2^32. */
const CHUNK = 3800

export interface StoredPacket {
  sequence: number
  captureUs: number
  isKeyframe: boolean
  /** A view into the file. */
  message: Uint8Array
}

/** What stands before the packet. */
export function recordHeader(message: Uint8Array, isKeyframe: boolean): Uint8Array {
  const header = new Uint8Array(RECORD_HEADER_BYTES)
  const view = new DataView(header.buffer)
  view.setUint32(0, MARK | (isKeyframe ? KEYFRAME : 0))
  view.setUint32(4, checksum(message))
  return header
}

/** Reads a file up to its end, or to where it is torn. Never throws. */
export function readRecords(file: Uint8Array): StoredPacket[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const packets: StoredPacket[] = []
  let at = 0
  while (at + RECORD_HEADER_BYTES + FRAME_PACKET_HEADER_BYTES <= file.byteLength) {
    const mark = view.getUint32(at)
    const sum = view.getUint32(at + 4)
    at += RECORD_HEADER_BYTES
    const end = at + FRAME_PACKET_HEADER_BYTES + view.getUint32(at + 12)
    if ((mark & ~KEYFRAME) !== MARK || end > file.byteLength) break
    const message = file.subarray(at, end)
    if (checksum(message) !== sum) break
    const { sequence, captureMs: captureUs } = parseFramePacket(message)
    packets.push({ sequence, captureUs, isKeyframe: (mark & KEYFRAME) !== 0, message })
    at = end
  }
  return packets
}

function checksum(bytes: Uint8Array): number {
  let [a, b] = [1, 0]
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const end = Math.min(at + CHUNK, bytes.length)
    for (let i = at; i < end; i += 1) {
      a += bytes[i]!
      b += a
    }
    a %= MODULUS
    b %= MODULUS
  }
  return ((b << 16) | a) >>> 0
}
