/** What a recorder needs, and what it is told of a capture that the phone keeps. */

import type { Log } from '../log.ts'
import type { Clock } from '../time.ts'
import type { RecordingDocument } from './document.ts'
import type { EarlyBudget } from './early-hold.ts'
import type { FilesEvents, RecordingFiles, SharedDisk } from './files.ts'
import type { BlockPool } from './payload-blocks.ts'
import type { Places } from './places.ts'

export interface RecorderOptions {
  /** What recording.json says of the camera. */
  camera: string
  /** What its payloads hold. */
  format: 'h264' | 'jpeg'
  device: () => RecordingDocument['device']
  /** The take that a recording of this camera belongs to, when it begins. */
  take: () => string | undefined
  /** Makes a folder. */
  openFiles: (
    startedAtMs: number,
    events: FilesEvents,
    /** Goes on with this folder and this part instead. */
    begun?: { id: string; part: number },
  ) => RecordingFiles
  disk: SharedDisk
  /** Stops and resumes reading from the camera while the disk is behind. */
  setPaused: (paused: boolean) => void
  /** Of protocol 2: every packet of the open capture below this number is on the disk. */
  onSynced?: (capture: string, sequence: number) => void
  /** The same: the disk did not take all of it. */
  onUnsaved?: (capture: string) => void
  /** A recording is on the disk, as well as it can be. */
  onClosed?: () => void
  /** All recorders share them. */
  places: Places
  clock: Clock
  log: Log
  fragmentMs: number
  syncIntervalMs: number
  maxGapMs: number
  /** Shared by all recorders. */
  blocks: BlockPool
  maxQueuedBytes: number
  /** Of all recordings together. */
  maxQueuedTotalBytes: number
  earlyHoldMs: number
  earlyHoldBytes: number
  /** Shared by all recorders. */
  earlyBudget?: EarlyBudget
}

/** A capture whose packets the phone keeps until they are on the disk (protocol 2). */
export interface KeptCapture {
  id: string
  /** The first packet that will come. */
  from: number
  take: string | undefined
  /** When it began, by the wall clock and by the monotonic one, in ms. */
  startedAtMs: number
  startedMonotonicMs: number
}
