/** How long ago something was, by a clock that may be set in between. Pure; times in ms. */

/** Ten years: more is no message of the protocol, and a phone may have begun with a clock that stood at 1970. */
const MOST_MS = 3.2e11

/** @param thenMs - By this device's clock then; `nowMs`: by what it says now. */
export function agoOf(thenMs: number, nowMs: number): number {
  return Math.min(MOST_MS, Math.max(0, nowMs - thenMs))
}
