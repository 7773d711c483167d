/**
 * What Rollcall says to ESP32 camera boards on `/esp`, and what it makes of their words. Plain text both ways; pictures are
 * whole JPEG images in binary messages.
 *
 * Pure; the browser imports it too. The protocol stands in docs/esp32.md.
 */

/** Names of the picture sizes that boards know, as their camera's driver calls them. */
export const RESOLUTIONS = [
  'QQVGA',
  'QCIF',
  'HQVGA',
  '240X240',
  'QVGA',
  'CIF',
  'HVGA',
  'VGA',
  'SVGA',
  'XGA',
  'HD',
  'SXGA',
  'UXGA',
  'FHD',
  'P_HD',
  'P_3MP',
  'QXGA',
] as const

export type Resolution = (typeof RESOLUTIONS)[number]

/** JPEG quality as boards have it: smaller is better. */
export const MIN_QUALITY = 1
export const MAX_QUALITY = 63

/** For messages on a value that is none of them. */
export const RESOLUTIONS_ALLOWED = `one of ${RESOLUTIONS.join(', ')}`
export const QUALITY_ALLOWED = `a whole number from ${MIN_QUALITY} to ${MAX_QUALITY} (smaller is better)`

/** Of a start; what is left out stays as the board has it. */
export interface BoardSettings {
  resolution?: Resolution | undefined
  quality?: number | undefined
}

/** A resolution in any case; undefined when it is none. */
export function parseResolution(word: string): Resolution | undefined {
  return RESOLUTIONS.find((name) => name === word.toUpperCase())
}

/** A quality; undefined when it is none. */
export function parseQuality(word: string): number | undefined {
  const value = /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN
  return value >= MIN_QUALITY && value <= MAX_QUALITY ? value : undefined
}

/** `start`, `start UXGA`, `start 12`, `start UXGA 12` */
export function boardStartText({ resolution, quality }: BoardSettings): string {
  return ['start', resolution, quality].filter((word) => word !== undefined).join(' ')
}

export const BOARD_STOP_TEXT = 'stop'

/** What a text to a board asks of it; undefined: nothing that changes whether it captures. */
export function boardAsked(text: string): ({ kind: 'start' } & BoardSettings) | { kind: 'stop' } | undefined {
  const [command, ...words] = text.trim().split(/\s+/)
  if (command?.toLowerCase() === 'stop') return { kind: 'stop' }
  if (command?.toLowerCase() !== 'start') return undefined
  const resolution = parseResolution(words[0] ?? '')
  return { kind: 'start', resolution, quality: parseQuality(words[resolution ? 1 : 0] ?? '') }
}

/** A status with one of these says that it does not capture. */
const IDLE =
  /未(?:采集|开始|启动|运行)|停止|空闲|\b(?:idle|stopped|not (?:capturing|running|started|streaming))\b/i

/** What a board means by its words; `about` when they name a command themselves. */
export interface BoardWords {
  /** `idle`: a status that says that it does not capture. `other`: none of its words. */
  kind: 'ack' | 'status' | 'idle' | 'error' | 'other'
  about: 'start' | 'stop' | undefined
}

/** Reads a text from a board. The texts are for people and differ: only their beginning and a few words count. */
export function readBoardWords(text: string): BoardWords {
  const word = /^\s*(ACK|STATUS|ERROR)\b/i.exec(text)?.[1]?.toLowerCase()
  const isIdle = word === 'status' && IDLE.test(text)
  const kind = isIdle ? 'idle' : ((word ?? 'other') as BoardWords['kind'])
  const [isStart, isStop] = [/\bstart|开始|启动/i.test(text), /\bstop|停止/i.test(text)]
  return { kind, about: isStart === isStop ? undefined : isStart ? 'start' : 'stop' }
}

/** A text that was sent to a board, or came from it. */
export interface BoardLine {
  /** ms since 1970. */
  atMs: number
  direction: 'to' | 'from'
  text: string
}
