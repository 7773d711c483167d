/**
 * What protocol 2 has besides its texts: names, and the mark in frame packets.
 *
 * Pure, and without a parser of texts: the camera page loads it on a phone. The rest stands in protocol2.ts.
 */

import type { FramePacket } from './frame-packet.ts'

/** WebSocket subprotocol (RFC 6455, 1.9) of version 2. */
export const SUBPROTOCOL_2 = 'rollcall.2'
/** Close code: another connection has said hello with the same id. */
export const REPLACED = 4409
/** First bit of a frame packet: for the live view alone, it comes again for the recording. */
const PREVIEW_BIT = 0x8000_0000

/** Whether a frame packet is for the live view alone. */
export function isPreview(message: Uint8Array): boolean {
  return message.length > 0 && (message[0]! & 0x80) !== 0
}

/** Marks an encoded frame packet as one for the live view alone; or takes the mark away, for reading it. */
export function setPreview(message: Uint8Array, preview: boolean): void {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const high = view.getUint32(0)
  view.setUint32(0, preview ? (high | PREVIEW_BIT) >>> 0 : (high & ~PREVIEW_BIT) >>> 0)
}

/** A packet of version 2 as version 1 has it: its capture time, µs on the wire, in ms with fractions. */
export function inMilliseconds(packet: FramePacket): FramePacket {
  return { ...packet, captureMs: packet.captureMs / 1000 }
}
