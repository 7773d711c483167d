/** Who this camera is: an id that lasts, the name that its holder gave, the device's model. */

import { signal } from '@preact/signals'
import { kept } from '../kept.ts'

/** Neither 0 and o nor 1 and l: ids are read aloud. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz23456789'
const ID = /^phone-[a-z2-9]{8}$/
/** As protocol 2 has it. */
export const MAX_NAME = 60

const idStore = kept('camera-id')
const nameStore = kept('camera-name')

/** As the holder calls it; empty while nobody did. Set it with `setOwnName`. */
export const ownName = signal(nameStore.read() ?? '')

export function setOwnName(name: string): void {
  const trimmed = name.trim().slice(0, MAX_NAME)
  nameStore.write(trimmed)
  ownName.value = trimmed
}

/** Whether this phone was a camera before: it may still keep pictures. */
export function wasCameraBefore(): boolean {
  return ID.test(idStore.read() ?? '')
}

/** Made once, and the same on every visit. */
export function lastingId(): string {
  const known = idStore.read()
  if (known !== null && ID.test(known)) return known
  const random = crypto.getRandomValues(new Uint8Array(8))
  const made = `phone-${Array.from(random, (byte) => LETTERS[byte % LETTERS.length]).join('')}`
  idStore.write(made)
  return made
}

/** What Chromium tells of itself; no standard, so TypeScript does not know it. */
interface UserAgentData {
  brands?: { brand: string; version: string }[]
  platform?: string
  getHighEntropyValues?: (hints: string[]) => Promise<{ model?: string }>
}

/** `Pixel 6a, Chrome 146`: as much of it as the browser tells. */
export async function modelHere(): Promise<string> {
  const { userAgent } = navigator
  const data = (navigator as { userAgentData?: UserAgentData }).userAgentData
  const told = await data?.getHighEntropyValues?.(['model']).catch(() => undefined)
  return modelOf(userAgent, told?.model ?? '', data?.platform ?? '')
}

/** Pure. `model` and `platform` may be empty. */
export function modelOf(userAgent: string, model: string, platform: string): string {
  const device =
    model ||
    /\b(iPhone|iPad)\b/.exec(userAgent)?.[1] ||
    /Android [^;)]*; ([^;)]{2,40}?)(?: Build[^;)]*)?[;)]/.exec(userAgent)?.[1] ||
    platform ||
    /\b(Android|Macintosh|Windows|CrOS|Linux)\b/.exec(userAgent)?.[1] ||
    ''
  return [device, browserOf(userAgent)].filter(Boolean).join(', ')
}

const BROWSERS: [RegExp, string][] = [
  [/\bEdgA?\/(\d+)/, 'Edge'],
  [/\bSamsungBrowser\/(\d+)/, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS)\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+)[\d.]* .*Safari\//, 'Safari'],
]

function browserOf(userAgent: string): string {
  for (const [pattern, name] of BROWSERS) {
    const match = pattern.exec(userAgent)
    if (match) return `${name} ${match[1]}`
  }
  return ''
}
