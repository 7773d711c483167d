/** What every simulated device has, whatever its kind: all that a run needs of it. */

import type { Totals } from './table.ts'

/** A phone with the Android app, an ESP32 camera, or the board that sends random numbers. */
export const DEVICE_KINDS = ['phone', 'esp', 'number'] as const
export type DeviceKind = (typeof DEVICE_KINDS)[number]

export interface Device {
  /** Not between a cut and its next connection. */
  readonly isConnected: boolean
  /** Whether it sends now. */
  readonly capturing: boolean
  /** Bytes that wait for the network. */
  readonly queuedBytes: number
  /** What it sent so far. */
  readonly totals: Totals
  /** The most that something of its latest capture was sent after its time, in ms. */
  readonly maxLateMs: number
  /** Resolves when its last connection is over. */
  readonly gone: Promise<void>
  /**
   * Connects, and says what its kind says first. Returns quietly if it is stopped meanwhile.
   *
   * @throws {RequestError} `SERVER_UNREACHABLE` naming `--url` when no server answers, or it refuses.
   */
  connect(): Promise<void>
  /** Sends what is left and ends the connection. May be called twice. */
  stop(): Promise<void>
}
