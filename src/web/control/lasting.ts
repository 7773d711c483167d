/** How long the disk lasts, in words. */

import { texts } from '../texts.ts'

const t = texts(
  {
    minutes: (count: number) => `${count} min`,
    hours: (hours: number, minutes: number) => `${hours} h ${minutes} min`,
    days: (count: number) => `${count} days`,
  },
  {
    minutes: (count) => `${count} 分钟`,
    hours: (hours, minutes) => `${hours} 小时 ${minutes} 分`,
    days: (count) => `${count} 天`,
  },
)

/** `42 min`, `5 h 10 min`, `12 days` */
export function lastingText(minutes: number): string {
  const whole = Math.max(0, Math.floor(minutes))
  if (whole < 60) return t().minutes(whole)
  if (whole < 48 * 60) return t().hours(Math.floor(whole / 60), whole % 60)
  return t().days(Math.floor(whole / 60 / 24))
}
