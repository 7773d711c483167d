/** What a start asks of the cameras; kept in this browser. */

import { signal } from '@preact/signals'
import { type BoardSettings, parseQuality, parseResolution } from '../../wire/board.ts'
import { kept } from '../kept.ts'

export interface TakeSettings {
  /** `phone`: as chosen on the phone. */
  ratio: 'phone' | '16:9' | '4:3' | '1:1'
  /** Whole Mbit/s, 1 to 200. */
  bitrateMbps: number
  /** Whole; 0: as many as the camera can. */
  fps: number
  /** Seconds before it starts; 0: at once. */
  countdown: number
  /** Of boards; what is left out stays as each was told last. */
  board: BoardSettings
}

export const RATIOS = ['phone', '16:9', '4:3', '1:1'] as const
export const BITRATE = { min: 1, max: 200 }
export const FPS = [10, 15, 20, 24, 25, 30, 50, 60, 120, 0] as const
export const COUNTDOWNS = [0, 3, 5, 10] as const
const FIRST: TakeSettings = { ratio: 'phone', bitrateMbps: 4, fps: 30, countdown: 0, board: {} }

const store = kept('take')

export const takeSettings = signal<TakeSettings>(readSettings(store.read()))

export function changeSettings(change: Partial<TakeSettings>): void {
  takeSettings.value = { ...takeSettings.peek(), ...change }
  store.write(JSON.stringify(takeSettings.peek()))
}

/** What was kept, as far as it is allowed. */
export function readSettings(text: string | null): TakeSettings {
  let read: Partial<TakeSettings>
  try {
    read = { ...JSON.parse(text ?? '{}') }
  } catch {
    read = {}
  }
  const oneOf = <T>(value: unknown, allowed: readonly T[], otherwise: T) =>
    allowed.includes(value as T) ? (value as T) : otherwise
  const bitrate = Number(read.bitrateMbps)
  return {
    ratio: oneOf(read.ratio, RATIOS, FIRST.ratio),
    bitrateMbps: isBitrate(bitrate) ? bitrate : FIRST.bitrateMbps,
    fps: oneOf<number>(read.fps, FPS, FIRST.fps),
    countdown: oneOf<number>(read.countdown, COUNTDOWNS, FIRST.countdown),
    board: {
      resolution: parseResolution(String(read.board?.resolution)),
      quality: parseQuality(String(read.board?.quality)),
    },
  }
}

export function isBitrate(mbps: number): boolean {
  return Number.isInteger(mbps) && mbps >= BITRATE.min && mbps <= BITRATE.max
}
