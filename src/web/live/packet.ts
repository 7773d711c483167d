/** Binary messages of `WS /live/:camera`, read. The layout stands in src/wire/api/events.ts. Pure. */

import type { LIVE_HEADER_BYTES, LIVE_KEYFRAME, LIVE_SKIPPED } from '../../wire/api/events.ts'

// The types hold them to the contract; its values would bring zod into the page.
const HEADER_BYTES: typeof LIVE_HEADER_BYTES = 24
const KEYFRAME: typeof LIVE_KEYFRAME = 1
const SKIPPED: typeof LIVE_SKIPPED = 2

export interface LivePacket {
  isKeyframe: boolean
  /** The server left pictures out before this one. */
  isAfterSkip: boolean
  /** The camera's, uint32. */
  sequence: number
  /** On the camera's clock. */
  captureMs: number
  /** Wall clock of the server, ms since 1970. */
  arrivalMs: number
  /** Annex B; lies in the message's own memory. */
  picture: Uint8Array
}

/** undefined for what is too short to be one. */
export function readLivePacket(message: ArrayBuffer): LivePacket | undefined {
  if (message.byteLength <= HEADER_BYTES) return undefined
  const view = new DataView(message)
  const flags = view.getUint8(0)
  return {
    isKeyframe: (flags & KEYFRAME) !== 0,
    isAfterSkip: (flags & SKIPPED) !== 0,
    sequence: view.getUint32(4),
    captureMs: view.getFloat64(8),
    arrivalMs: view.getFloat64(16),
    picture: new Uint8Array(message, HEADER_BYTES),
  }
}
