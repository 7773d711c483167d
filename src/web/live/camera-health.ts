/** How a camera is, from what the server says of it. Pure. */

import type { CameraView } from '../../wire/api/cameras.ts'

/** Pictures that come at all come more often than this, in ms. */
const SILENT_MS = 3000

/** What there is to say; `none`: it records and pictures come. */
export type CameraSaying =
  | 'none'
  | 'ready'
  | 'starting'
  | 'unrecorded'
  | 'silent'
  | 'disk-full'
  | 'disk-failed'
  | 'away'
  | 'gone'

export interface CameraHealth {
  level: 'good' | 'idle' | 'warning' | 'bad'
  saying: CameraSaying
  /** Since the last picture, ms, of one that should send them. */
  silentMs: number
}

/** @param nowMs - The server's wall clock. */
export function healthOf(camera: CameraView, nowMs: number): CameraHealth {
  const { state, lastPictureAtMs, recordingStartedAtMs } = camera
  const silentMs = Math.max(0, nowMs - (lastPictureAtMs ?? recordingStartedAtMs ?? nowMs))
  switch (state) {
    case 'gone':
      return { level: 'bad', saying: 'gone', silentMs }
    case 'away':
      return { level: 'warning', saying: 'away', silentMs }
    case 'disk full':
      return { level: 'bad', saying: 'disk-full', silentMs }
    case 'disk failed':
      return { level: 'bad', saying: 'disk-failed', silentMs }
    case 'starting':
      return { level: 'idle', saying: 'starting', silentMs }
    case 'ready':
      return { level: 'idle', saying: 'ready', silentMs }
    case 'recording':
      if (silentMs > SILENT_MS) return { level: 'bad', saying: 'silent', silentMs }
      return { level: 'good', saying: 'none', silentMs }
    case 'unrecorded':
      if (silentMs > SILENT_MS) return { level: 'idle', saying: 'ready', silentMs }
      return { level: 'warning', saying: 'unrecorded', silentMs }
  }
}
