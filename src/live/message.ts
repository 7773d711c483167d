/** What viewers are sent: the layout stands in src/wire/api/events.ts and docs/live.md. Pure. */

import type { AccessUnit } from '../h264/access-unit.ts'
import { NAL } from '../h264/annexb.ts'
import type { DecoderConfiguration } from '../h264/parameter-sets.ts'
import { LIVE_HEADER_BYTES, LIVE_KEYFRAME, LIVE_SKIPPED } from '../wire/api/events.ts'

/** Ahead of each NAL unit (H.264 Annex B). */
const START_CODE = Uint8Array.of(0, 0, 0, 1)
const NOTHING = new Uint8Array()

/** One picture on its way to viewers. */
export interface LivePicture {
  sequence: number
  captureMs: number
  /** Wall clock, ms since 1970. */
  arrivalMs: number
  unit: AccessUnit
  /** Parameter sets that the access unit lacks, as Annex B; empty when it lacks none. */
  sets: Uint8Array
}

/** The size of a picture's message. */
export function messageBytes({ unit, sets }: LivePicture): number {
  return LIVE_HEADER_BYTES + sets.length + unit.bytes.length
}

/** Writes a picture's message. @param target - As long as `messageBytes` says. */
export function writeMessage(
  target: Buffer,
  { sequence, captureMs, arrivalMs, unit, sets }: LivePicture,
): void {
  target.writeUInt32BE((unit.keyframe ? LIVE_KEYFRAME : 0) * 2 ** 24, 0)
  target.writeUInt32BE(sequence, 4)
  target.writeDoubleBE(captureMs, 8)
  target.writeDoubleBE(arrivalMs, 16)
  // An access unit delimiter stays the first unit (7.4.1.2.3).
  const cut = sets.length > 0 && typeAt(unit, 0) === NAL.aud ? unit.units[1]! : 0
  if (cut > 0) target.set(unit.bytes.subarray(0, cut), LIVE_HEADER_BYTES)
  target.set(sets, LIVE_HEADER_BYTES + cut)
  target.set(cut > 0 ? unit.bytes.subarray(cut) : unit.bytes, LIVE_HEADER_BYTES + cut + sets.length)
}

/** The same message, for a viewer that was not sent what came before it. */
export function afterSkipped(message: Buffer): Buffer {
  const copy = Buffer.from(message)
  copy[0]! |= LIVE_SKIPPED
  return copy
}

/** The parameter sets that a keyframe must be given, as Annex B: all, unless it brings as many itself. */
export function setsFor(unit: AccessUnit, { spsUnits, ppsUnits }: DecoderConfiguration): Uint8Array {
  if (unit.parameterSets) {
    let [sps, pps] = [0, 0]
    for (let i = 0; i < unit.units.length; i += 2) {
      const type = typeAt(unit, i)
      if (type === NAL.sps) sps += 1
      else if (type === NAL.pps) pps += 1
    }
    if (sps >= spsUnits.length && pps >= ppsUnits.length) return NOTHING
  }
  return Buffer.concat([...spsUnits, ...ppsUnits].flatMap((set) => [START_CODE, set]))
}

function typeAt({ bytes, units }: AccessUnit, i: number): number {
  return bytes[units[i]!]! & 31
}
