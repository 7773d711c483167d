/** Times, sizes and counts as people read them, in both languages. Pure: what is now is given. */

export type Language = 'en' | 'zh'

const LOCALE = { en: 'en-GB', zh: 'zh-CN' } as const
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const
const DAY_MS = 86_400_000

/** A length or a place in a film: 00:41, 1:02:03. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return seconds < 3600 ? minutes : `${Math.floor(seconds / 3600)}:${minutes}`
}

/** A short span: 340 ms, 1.2 s, 75 s. */
export function formatSpan(ms: number, language: Language): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ${language === 'zh' ? '毫秒' : 'ms'}`
  const seconds = (ms / 1000).toFixed(ms < 9950 ? 1 : 0)
  return `${seconds} ${language === 'zh' ? '秒' : 's'}`
}

/** In decimal units, as disks are sold: 1.2 GB. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`
}

/** 1,800. */
export function formatCount(count: number, language: Language): string {
  return new Intl.NumberFormat(LOCALE[language]).format(count)
}

/** The local time of day: 13:49. */
export function formatTime(atMs: number, language: Language): string {
  return new Intl.DateTimeFormat(LOCALE[language], {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(atMs)
}

/** The local day: Today, Yesterday, Tue 24 November, with the year when it is another. */
export function formatDay(atMs: number, nowMs: number, language: Language): string {
  const daysAgo = Math.round((startOfDay(nowMs) - startOfDay(atMs)) / DAY_MS)
  if (daysAgo === 0) return language === 'zh' ? '今天' : 'Today'
  if (daysAgo === 1) return language === 'zh' ? '昨天' : 'Yesterday'
  const isThisYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear()
  return new Intl.DateTimeFormat(LOCALE[language], {
    weekday: 'short',
    day: 'numeric',
    month: 'long',
    ...(!isThisYear && { year: 'numeric' as const }),
  }).format(atMs)
}

/** Day and time: Today 13:49. */
export function formatMoment(atMs: number, nowMs: number, language: Language): string {
  return `${formatDay(atMs, nowMs, language)} ${formatTime(atMs, language)}`
}

/** The first moment of a local day, ms since 1970. */
export function startOfDay(atMs: number): number {
  const date = new Date(atMs)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}
