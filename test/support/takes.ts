/** Takes with cameras that are told by hand what to answer. */

import { vi } from 'vitest'
import type { Outcome, TakeCamera } from '../../src/recording/asked.ts'
import { Takes } from '../../src/recording/take.ts'
import type { Clock } from '../../src/time.ts'
import { startCaptureText } from '../../src/wire/messages.ts'

export const CONFIRM_MS = 5000
export const REQUEST = { bitrateMbps: 4, fps: 10 }
export const START_TEXT = startCaptureText(REQUEST)
/** Local time, as take ids carry it. */
export const NOON_MS = new Date(2026, 10, 24, 12, 0, 0).getTime()

export const NOBODY: Outcome = { confirmed: [], already: [], refused: [], failed: [], silent: [], away: [] }

export class FakeCamera implements TakeCamera {
  readonly id: string
  isRecording = false
  isLasting = false
  isAway = false
  readonly received: string[] = []
  /** How the connection takes what is sent. */
  delivery: 'works' | 'dead' | 'hangs' = 'works'

  constructor(id: string) {
    this.id = id
  }

  send(text: string): Promise<void> {
    this.received.push(text)
    if (this.delivery === 'dead') return Promise.reject(new Error('the connection is closing'))
    return this.delivery === 'hangs' ? new Promise(() => {}) : Promise.resolve()
  }
}

/** What the clocks say. */
export const time = { wallMs: NOON_MS, monotonicMs: 0 }
export const clock: Clock = { wallMs: () => time.wallMs, monotonicMs: () => time.monotonicMs }

/** Takes with cameras that have connected before. */
export function room(ids: readonly string[], options: { joinRunningTake?: boolean } = {}) {
  const { joinRunningTake = true } = options
  const takes = new Takes({ clock, confirmMs: CONFIRM_MS, joinRunningTake, takenOver: REQUEST })
  const cameras = ids.map((id) => new FakeCamera(id))
  for (const camera of cameras) takes.connected(camera)
  /** The camera says that it captures, or that it does not. */
  const says = (camera: FakeCamera, status: 'capture_started' | 'capture_stopped') => {
    takes.status(camera.id, { status })
    camera.isRecording = status === 'capture_started'
  }
  return { takes, cameras, says }
}

/** Clocks stand where they began, and timers go by hand. */
export function stillTime(): () => void {
  time.wallMs = NOON_MS
  time.monotonicMs = 0
  vi.useFakeTimers()
  return () => vi.useRealTimers()
}
