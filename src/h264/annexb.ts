/**
 * Annex B byte streams: where the NAL units lie (H.264 Annex B, B.1).
 *
 * Pure: no I/O, and no copies.
 */

/** `nal_unit_type` values that Rollcall looks at (H.264 table 7-1). */
export const NAL = { slice: 1, partitionA: 2, idr: 5, sei: 6, sps: 7, pps: 8, aud: 9, filler: 12 } as const

/**
 * Finds the NAL units of a byte stream.
 *
 * Three- and four-byte start codes both count; zeros behind a NAL unit (trailing_zero_8bits) belong to none.
 *
 * @returns Flat pairs `[start, end, start, end, …]` of byte offsets, end exclusive, without start codes.
 *   Empty units are left out.
 */
export function findNalUnits(stream: Uint8Array): number[] {
  const units: number[] = []
  let start = -1
  // Bytes of 1 are rare, and the engine finds them several times faster than a loop over all bytes would.
  for (let one = stream.indexOf(1, 2); one >= 0; one = stream.indexOf(1, one + 1)) {
    if (stream[one - 1] !== 0 || stream[one - 2] !== 0) continue
    if (start >= 0) pushUnit(units, stream, start, one - 2)
    start = one + 1
  }
  if (start >= 0) pushUnit(units, stream, start, stream.length)
  return units
}

function pushUnit(units: number[], stream: Uint8Array, start: number, end: number): void {
  let last = end
  while (last > start && stream[last - 1] === 0) last -= 1
  if (last > start) units.push(start, last)
}
