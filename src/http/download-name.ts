/** Names for people under which files are saved. Pure. */

import { isoWithZone } from '../time.ts'
import type { RecordingSummary } from '../wire/api/recordings.ts'

/** Windows refuses these, and every system reads some of them otherwise; marks of direction can hide an ending. */
const REFUSED = /[<>:"/\\|?*\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const MAX_CHARS = 80

/** `Cello solo 2026-11-24 13.49.02.mp4`: title, or name of the camera, then its start in local time, then the file's ending. */
export function downloadName(recording: RecordingSummary, file: string): string {
  const { title, cameraName, camera, model, startedAtMs } = recording
  const what = titleText(title ?? cameraName ?? model ?? camera) || camera
  return `${what} ${timeText(startedAtMs)}${endingOf(file)}`
}

/** A text of people as part of a file's name. */
export function titleText(text: string): string {
  const safe = text.replaceAll(REFUSED, ' ').replaceAll(/\s+/g, ' ').trim().replace(/^\.+/, '')
  return [...safe].slice(0, MAX_CHARS).join('').trim()
}

/** `2026-11-24 13.49.02`, local time. */
export function timeText(ms: number): string {
  return isoWithZone(ms).slice(0, 19).replace('T', ' ').replaceAll(':', '.')
}

/** ` part 2.mp4`, ` frames.csv`: what tells the files of one recording apart. */
function endingOf(file: string): string {
  const part = /^stream\.(\d+)\.mp4$/.exec(file)
  if (part) return ` part ${part[1]}.mp4`
  if (file.startsWith('stream.')) return file.slice('stream'.length)
  if (file === 'thumbnail.jpg') return '.jpg'
  return ` ${file}`
}
