/** Figures for people, in the language that is shown. */

import { languageTag } from './texts.ts'

/** `0:42`, `12:05`, `1:02:03`; whole seconds, cut off. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** `820 KB`, `4.2 MB`, `118 GB`: decimal, as file managers and disks count. */
export function bytesText(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  const value = bytes / 1000 ** power
  return new Intl.NumberFormat(languageTag(), {
    style: 'unit',
    unit: units[power]!,
    maximumFractionDigits: power > 1 && value < 100 ? 1 : 0,
  }).format(value)
}

/** `1,800` */
export function countText(count: number): string {
  return new Intl.NumberFormat(languageTag()).format(count)
}

/** `21.5`, `0.00001`, `1e+21`: a measured number, to six digits. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(6)))
}

/** `17:04:09`, by the viewer's clock. */
export function timeText(atMs: number): string {
  return new Intl.DateTimeFormat(languageTag(), { timeStyle: 'medium', hourCycle: 'h23' }).format(atMs)
}

/** `20261125_170409`, by the viewer's clock: for names of files, as folders of recordings have it. */
export function stampText(atMs: number): string {
  const date = new Date(atMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`
  return `${day}_${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`
}

/** `Wednesday, 25 November 2026` */
export function dayText(atMs: number): string {
  return new Intl.DateTimeFormat(languageTag(), { dateStyle: 'full' }).format(atMs)
}
