/** What a recording is made of, what it goes on from, and what it tells. */

import type { IntegrityAccount } from './account.ts'
import type { Codec } from './codec.ts'
import type { RecordingDocument } from './document.ts'
import type { RecordingFiles } from './files.ts'
import type { BegunPart, Part } from './part.ts'
import type { BlockPool } from './payload-blocks.ts'

export interface RecordingOptions {
  files: RecordingFiles
  /** The camera's; it outlives the recording. */
  codec: Codec
  /** Shared by all recordings. */
  blocks: BlockPool
  camera: string
  /** Asked for each recording.json: a person may name the camera meanwhile. */
  device: () => RecordingDocument['device']
  take: string | undefined
  /** Of protocol 2: the capture that the phone keeps until it is on the disk, and the first packet of it that is in here. */
  capture?: { id: string; from: number } | undefined
  /** Wall clock at the start in ms; every later time is this plus monotonic time. */
  startedAtMs: number
  startedMonotonicMs: number
  /** A picture waits at most this long, in ms, before it is given to the disk. */
  fragmentMs: number
  /** A picture is on the disk for certain at most this long, in ms, after it came, if the disk keeps up. */
  syncIntervalMs: number
  maxGapMs: number
  /** Pictures that came while the disk let no recording be open, ahead of this one. */
  droppedBefore?: number
}

/** A recording that an earlier process began, as its files tell it. */
export interface BegunRecording {
  /** recording.json. */
  document: RecordingDocument
  /** Those that are closed, and what the last one goes on from. */
  ended: EndedPart[]
  part: BegunPart
  account: IntegrityAccount
  /** The number behind that of the last picture, and its capture time. */
  next: number
  lastCaptureMs: number
  /** Payload bytes so far. */
  bytes: number
  capture: { firstMs: number; lastMs: number }
  arrival: { firstMs: number; lastMs: number }
}

/** A part that is closed. */
export type EndedPart = Pick<Part, 'document' | 'format'>

/** A recording so far. Counts of packets and pictures, but for: */
export interface RecordingStatus {
  pictures: number
  /** Of payloads. */
  bytes: number
  missing: number
  malformed: number
  /** From the arrival of the first picture to that of the last, in ms. */
  spanMs: number
  late: number
  repeated: number
  notH264: number
  beforeKeyframe: number
}
