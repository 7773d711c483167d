/** The clock, injected so that tests own time. */

export interface Clock {
  /** Wall clock, ms since 1970-01-01T00:00Z. May step when the machine's clock is set. */
  wallMs(): number
  /** Monotonic clock in ms from an arbitrary zero; never steps. */
  monotonicMs(): number
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

/** How long something lasts, for people: `40 minutes`, `25 hours`, `3 days`; what is begun does not count. */
export function lastsText(minutes: number): string {
  if (minutes < 120) return `${Math.floor(minutes)} minute${Math.floor(minutes) === 1 ? '' : 's'}`
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / 60 / 24)} days`
}

const two = (value: number) => String(value).padStart(2, '0')

/** `YYYYMMDD_HHMMSS` in local time, as recordings' folders carry it. */
export function folderStamp(wallMs: number): string {
  const t = new Date(wallMs)
  const day = `${t.getFullYear()}${two(t.getMonth() + 1)}${two(t.getDate())}`
  return `${day}_${two(t.getHours())}${two(t.getMinutes())}${two(t.getSeconds())}`
}

/** ISO 8601 local time with milliseconds and zone offset: `2026-11-24T13:49:02.120+01:00`. */
export function isoWithZone(wallMs: number): string {
  const t = new Date(wallMs)
  const offsetMinutes = -t.getTimezoneOffset()
  const sign = offsetMinutes < 0 ? '-' : '+'
  const abs = Math.abs(offsetMinutes)
  const day = `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`
  const time = `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`
  const ms = String(t.getMilliseconds()).padStart(3, '0')
  return `${day}T${time}.${ms}${sign}${two(Math.floor(abs / 60))}:${two(abs % 60)}`
}
