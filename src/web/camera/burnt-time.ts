/** The time as it is written into pictures, by the clock on the wall where the phone is. Pure. */

/**
 * Two lines, `Time: 10:45:13` and `2026-11-26 UTC+08:00`: the second that it is, the day as ISO 8601 has it, and how far that
 * clock is ahead of UTC.
 *
 * @param ms - Since 1970.
 * @param aheadMinutes - Of UTC; as this device has it at that time where it is left out.
 */
export function burntTime(ms: number, aheadMinutes = -new Date(ms).getTimezoneOffset()): [string, string] {
  const [day, time] = new Date(Math.floor(ms) + aheadMinutes * 60_000).toISOString().split('T')
  const minutes = Math.abs(aheadMinutes)
  const zone = [Math.floor(minutes / 60), minutes % 60]
    .map((value) => String(value).padStart(2, '0'))
    .join(':')
  return [`Time: ${time!.slice(0, 8)}`, `${day} UTC${aheadMinutes < 0 ? '-' : '+'}${zone}`]
}
