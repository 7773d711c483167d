/** How long the disk lasts, in words. */

import { computed } from '@preact/signals'
import type { DiskView } from '../../wire/api/events.ts'
import { disk, isRecording } from '../api/room.ts'
import { texts } from '../texts.ts'
import { chosen } from './chosen.ts'
import { takeSettings } from './take-settings.ts'

const t = texts(
  {
    minutes: (count: number) => `${count} min`,
    hours: (hours: number, minutes: number) => (minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`),
    days: (count: number) => `${count} days`,
  },
  {
    minutes: (count) => `${count} 分钟`,
    hours: (hours, minutes) => (minutes === 0 ? `${hours} 小时` : `${hours} 小时 ${minutes} 分`),
    days: (count) => `${count} 天`,
  },
)

/** In minutes, at what is recorded, else at what this page's next start would ask; null when nothing is. */
export const minutesLeft = computed(() => {
  const now = disk.value
  if (!now || isRecording.value) return now?.minutesLeft ?? null
  return minutesAt(now, chosen.value.length * takeSettings.value.bitrateMbps)
})

/** @param mbps - Asked of all cameras together, in place of what the server reckons with. */
export function minutesAt({ minutesLeft, askedMbps }: DiskView, mbps: number): number | null {
  return minutesLeft === null || mbps === 0 ? null : (minutesLeft * askedMbps) / mbps
}

/** From an hour on in steps, in minutes; from this many hours on whole ones. */
const STEP_MINUTES = 5
const EXACT_HOURS = 10

/** No more exactly than it can be known: `42 min`, `5 h 10 min`, `22 h`, `12 days`. Cut off. */
export function lastingText(minutes: number): string {
  const whole = Math.max(0, Math.floor(minutes))
  if (whole < 60) return t().minutes(whole)
  const hours = Math.floor(whole / 60)
  if (hours < 48) return t().hours(hours, hours < EXACT_HOURS ? (whole % 60) - (whole % STEP_MINUTES) : 0)
  return t().days(Math.floor(whole / 60 / 24))
}
