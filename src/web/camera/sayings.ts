/** What the page says of its state: one headline that is read from afar, and sentences below it. Pure. */

import { isBatteryLow } from '../low-battery.ts'
import type { SourceState } from './source.ts'
import type { CameraState } from './worker-messages.ts'

export interface Battery {
  /** From 0 to 1. */
  level: number
  isCharging: boolean
}

export type Headline =
  | {
      kind: 'asking' | 'connecting' | 'ready' | 'replaced' | 'refused' | 'no-picture' | 'not-filming'
    }
  | { kind: 'begins'; inMs: number }
  | { kind: 'recording'; forMs: number }

/** A waiting below this is the way's own: the disk is written once a second, in ms. */
const USUAL_WAIT_MS = 3000

/**
 * A capture without pictures is no recording: what is said then is that nothing is filmed. One that the server does not let in
 * goes on, and is said to.
 *
 * @param nowMs - By this device's clock.
 */
export function headlineOf(source: SourceState, camera: CameraState, nowMs: number): Headline {
  const { link, capture, notice } = camera
  if (link === 'replaced') return { kind: link }
  const isWithout = isClosed(source) || notice === 'encoder-failed' || notice === 'no-frames'
  if (capture && isWithout) return { kind: 'not-filming' }
  if (capture && capture.beginsAtMs !== null && capture.beginsAtMs > nowMs)
    return { kind: 'begins', inMs: capture.beginsAtMs - nowMs }
  if (capture)
    return { kind: 'recording', forMs: Math.max(0, nowMs - (capture.beginsAtMs ?? capture.startedAtMs)) }
  if (link === 'refused') return { kind: link }
  if (source === 'asking') return { kind: 'asking' }
  if (source !== 'open') return { kind: 'no-picture' }
  return { kind: link === 'open' ? 'ready' : 'connecting' }
}

/** Nothing is opened anew by itself: `asking` passes, as when another lens is opened. */
function isClosed(source: SourceState): boolean {
  return source !== 'open' && source !== 'asking'
}

export type Saying = { level: 'plain' | 'amber' | 'red' } & (
  | { key: 'away' | 'catchingUp' | 'shutOut' | 'waits'; seconds: number }
  | { key: 'left' | 'dropped'; count: number }
  | { key: 'batteryLow'; percent: number }
  | {
      key:
        | NonNullable<CameraState['notice']>
        | 'lookingForServer'
        | 'memoryOnly'
        | 'strained'
        | 'sleepy'
        | 'seen'
    }
)

export interface Told {
  camera: CameraState
  battery: Battery | null
  isStrained: boolean
  isAwake: boolean
  /** The camera is open. */
  isOpen: boolean
  /** For how long the server was not reached, ms; 0 while it is. */
  awayMs: number
}

/** How long a connection may take before it is a remark, in ms. */
const SLOW_MS = 4000

/** The gravest first. */
export function sayingsOf({ camera, battery, isStrained, isAwake, isOpen, awayMs }: Told): Saying[] {
  const { link, capture, waitingMs, dropped, notice, leftCaptures } = camera
  const seconds = Math.floor(waitingMs / 1000)
  const isAway = link === 'connecting'
  const isRefused = link === 'refused'
  const list: (Saying | false)[] = [
    notice === 'encoder-failed' && { level: 'red', key: notice },
    notice === 'no-frames' && isOpen && { level: 'red', key: notice },
    notice === 'storage-full' && { level: 'red', key: notice },
    dropped > 0 && { level: 'red', key: 'dropped', count: dropped },
    isAway && (capture !== null || seconds > 0) && awayMs > 0 && { level: 'amber', key: 'away', seconds },
    isRefused && capture !== null && { level: 'amber', key: 'shutOut', seconds },
    isRefused && capture === null && seconds > 0 && { level: 'amber', key: 'waits', seconds },
    isAway &&
      capture === null &&
      seconds === 0 &&
      awayMs > SLOW_MS && { level: 'amber', key: 'lookingForServer' },
    link === 'open' && waitingMs > USUAL_WAIT_MS && { level: 'amber', key: 'catchingUp', seconds },
    camera.isMemoryOnly && waitingMs > USUAL_WAIT_MS && { level: 'amber', key: 'memoryOnly' },
    link === 'open' &&
      leftCaptures > 0 &&
      waitingMs > USUAL_WAIT_MS && { level: 'plain', key: 'left', count: leftCaptures },
    notice === 'storage-nearly-full' && { level: 'amber', key: notice },
    notice === 'bitrate-lowered' && { level: 'amber', key: notice },
    battery !== null &&
      isBatteryLow(battery.level, battery.isCharging) && {
        level: 'amber',
        key: 'batteryLow',
        percent: Math.round(battery.level * 100),
      },
    isStrained && { level: 'amber', key: 'strained' },
    capture !== null && !isAwake && { level: 'amber', key: 'sleepy' },
    camera.isSeen && { level: 'plain', key: 'seen' },
  ]
  return list.filter((one) => one !== false)
}
