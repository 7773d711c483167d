/**
 * Frame packets: the binary messages of the phone protocol, version 1.
 *
 * Pure; the browser imports it too. The layout stands in docs/protocol.md.
 */

import { ProtocolError } from '../errors.ts'

/** uint64 capture time in ms, uint32 sequence number, uint32 payload length; all big-endian. */
export const FRAME_PACKET_HEADER_BYTES = 16

/** One encoder output buffer as a phone sent it. */
export interface FramePacket {
  /** Capture time in ms on the phone's own clock, since its boot. */
  captureMs: number
  /** uint32; wraps. */
  sequence: number
  /** H.264 Annex B; a view into the message, not a copy. */
  payload: Uint8Array
}

/**
 * Reads one frame packet.
 *
 * @param message - One whole binary message.
 * @throws {ProtocolError} `PACKET_TOO_SHORT`, `PACKET_LENGTH_MISMATCH` or `CAPTURE_TIME_INVALID`.
 */
export function parseFramePacket(message: Uint8Array): FramePacket {
  const size = message.byteLength
  if (size < FRAME_PACKET_HEADER_BYTES)
    throw new ProtocolError(
      'PACKET_TOO_SHORT',
      `a frame packet has a header of ${FRAME_PACKET_HEADER_BYTES} bytes; got ${size} bytes in all`,
    )
  const announced = uint32(message, 12)
  if (announced !== size - FRAME_PACKET_HEADER_BYTES)
    throw new ProtocolError(
      'PACKET_LENGTH_MISMATCH',
      `the header announces ${announced} bytes of payload; got ${size - FRAME_PACKET_HEADER_BYTES}`,
    )
  const captureMs = uint32(message, 0) * 2 ** 32 + uint32(message, 4)
  if (!Number.isSafeInteger(captureMs))
    throw new ProtocolError('CAPTURE_TIME_INVALID', `a capture time is at most 2^53 - 1 ms; got ${captureMs}`)
  return { captureMs, sequence: uint32(message, 8), payload: message.subarray(FRAME_PACKET_HEADER_BYTES) }
}

/** Writes one frame packet; the inverse of `parseFramePacket`. `captureMs` is a safe integer, `sequence` a uint32. */
export function encodeFramePacket({ captureMs, sequence, payload }: FramePacket): Uint8Array {
  const message = new Uint8Array(FRAME_PACKET_HEADER_BYTES + payload.byteLength)
  const view = new DataView(message.buffer)
  view.setUint32(0, Math.floor(captureMs / 2 ** 32))
  view.setUint32(4, captureMs % 2 ** 32)
  view.setUint32(8, sequence)
  view.setUint32(12, payload.byteLength)
  message.set(payload, FRAME_PACKET_HEADER_BYTES)
  return message
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
