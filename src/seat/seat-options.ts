/** What a seat needs of the server. */

import type { Config } from '../config.ts'
import type { AnyCamera } from '../ingest/camera.ts'
import type { DiskSpace } from '../library/disk-space.ts'
import type { Hub } from '../live/hub.ts'
import type { Log } from '../log.ts'
import type { Operation } from '../operation.ts'
import type { EarlyBudget } from '../recording/early-hold.ts'
import type { BlockPool } from '../recording/payload-blocks.ts'
import type { Places } from '../recording/places.ts'
import type { KeptCapture } from '../recording/recorder-options.ts'
import type { Takes } from '../recording/take.ts'
import type { Clock } from '../time.ts'
import type { Known } from './captures.ts'

export interface SeatOptions {
  camera: AnyCamera
  config: Config
  clock: Clock
  log: Log
  takes: Takes
  operation: Operation
  /** The four that all seats share. */
  earlyBudget: EarlyBudget
  disk: DiskSpace
  places: Places
  blocks: BlockPool
  /** Those who watch the camera. */
  hub: Hub
  /** stream.mp4 of this folder holds its first picture. */
  onThumbnail: (folder: string) => void
  /** recording.json of this folder was written. */
  onSaved: (folder: string) => void
  /** As a person named it; asked when a recording begins. */
  name: () => string | null
  /** Of protocol 2: looks on the disk for a capture that an earlier process had. */
  findCapture: (capture: KeptCapture) => Promise<Known | undefined>
  /** The device has said what it is. */
  onIntroduced: () => void
  /** The connection has ended; resolves once its recordings are on the disk. */
  onLeft: (left: { closed: Promise<void>; fellOutOfTake: boolean }) => void
}
