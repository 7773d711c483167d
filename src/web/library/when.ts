/** Days, times of day, spans and places in a film, in the language that is shown. */

import { language, languageTag } from '../texts.ts'

const DAY_MS = 86_400_000

/** The first moment of a local day, ms since 1970. */
export function startOfDay(atMs: number): number {
  const date = new Date(atMs)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}

/** Today, Yesterday, Fri, November 20; with the year when it is another. */
export function dayName(atMs: number, nowMs: number): string {
  const daysAgo = Math.round((startOfDay(nowMs) - startOfDay(atMs)) / DAY_MS)
  const isChinese = language.value === 'zh'
  if (daysAgo === 0) return isChinese ? '今天' : 'Today'
  if (daysAgo === 1) return isChinese ? '昨天' : 'Yesterday'
  const isThisYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear()
  return new Intl.DateTimeFormat(languageTag(), {
    weekday: 'short',
    day: 'numeric',
    month: 'long',
    ...(!isThisYear && { year: 'numeric' as const }),
  }).format(atMs)
}

/** `17:04`, by the viewer's clock. */
export function shortTime(atMs: number): string {
  return new Intl.DateTimeFormat(languageTag(), {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(atMs)
}

/** `340 ms`, `1.2 s`, `75 s` */
export function spanText(ms: number): string {
  const isChinese = language.value === 'zh'
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ${isChinese ? '毫秒' : 'ms'}`
  return `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} ${isChinese ? '秒' : 's'}`
}

/** A place in a film: `00:41`, `1:02:03`. */
export function placeText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return seconds < 3600 ? minutes : `${Math.floor(seconds / 3600)}:${minutes}`
}
