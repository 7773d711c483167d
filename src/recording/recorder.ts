/**
 * Opens and closes one camera's recordings as the camera says, and holds what comes too early.
 *
 * The status texts come from another thread of the phone than the pictures: a capture's configuration packet and first
 * pictures may arrive before `capture_started`, even before the `capture_stopped` of the capture before.
 */

import type { ProtocolError, StorageError } from '../errors.ts'
import { type AccessUnit, readAccessUnit } from '../h264/access-unit.ts'
import { ParameterSets } from '../h264/parameter-sets.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../time.ts'
import type { FramePacket } from '../wire/frame-packet.ts'
import type { RecordingDocument } from './document.ts'
import { type Arrived, EarlyHold } from './early-hold.ts'
import type { FilesEvents, RecordingFiles } from './files.ts'
import type { BlockPool } from './payload-blocks.ts'
import type { Places } from './places.ts'
import { Recording } from './recording.ts'

/** A camera whose last unrecorded packet is younger than this still sends, in ms: some send one picture a second. */
const STILL_SENDS_MS = 3000
/** recording.json is written at most this often for new parts, in ms. */
const SAVE_MS = 1000

export interface RecorderOptions {
  /** What recording.json says of the camera. */
  camera: string
  device: () => RecordingDocument['device']
  /** The take that a recording of this camera belongs to, when it begins. */
  take: () => string | undefined
  /** Makes a folder. */
  openFiles: (startedAtMs: number, events: FilesEvents) => RecordingFiles
  /** Stops and resumes reading from the camera while the disk is behind. */
  setPaused: (paused: boolean) => void
  /** All recorders share them. */
  places: Places
  clock: Clock
  log: Log
  fragmentMs: number
  maxGapMs: number
  /** Shared by all recorders. */
  blocks: BlockPool
  maxQueuedBytes: number
  earlyHoldMs: number
  earlyHoldBytes: number
}

interface Open {
  recording: Recording
  id: Promise<string | undefined>
  /** The folder's name, once it is known. */
  name: string | undefined
  failure: StorageError | undefined
  /** Times that the camera had to wait for the disk. */
  diskWaits: number
  /** recording.json does not tell of the latest part. */
  isUnsaved: boolean
  /** When it was last told of one, by the monotonic clock, in ms. */
  savedMs: number
}

export class Recorder {
  readonly #options: RecorderOptions
  readonly #sets = new ParameterSets()
  readonly #early: EarlyHold
  #open: Open | undefined
  #lastSequence = -1
  #dropped = 0
  #droppedBurst = 0
  /** The capture that runs found no place. */
  #isTurnedAway = false
  /** When the last packet came that no recording was open for. */
  #unrecordedMs = Number.NEGATIVE_INFINITY
  #paused = false
  readonly #closing = new Set<Promise<void>>()

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#early = new EarlyHold({ maxMs: options.earlyHoldMs, maxBytes: options.earlyHoldBytes })
  }

  /** The folder of the open recording, once it is made. */
  get recordingId(): string | undefined {
    return this.#open?.name
  }

  get isRecording(): boolean {
    return this.#open !== undefined
  }

  /** Whether pictures come and no recording is open: none was announced, or the disk ended it. */
  get isUnrecorded(): boolean {
    const agoMs = this.#options.clock.monotonicMs() - this.#unrecordedMs
    return !this.isRecording && agoMs < STILL_SENDS_MS
  }

  /** Parts of the open recording. */
  get parts(): number {
    return this.#open?.recording.parts ?? 0
  }

  /** Pictures that came while there was no recording to take them. */
  get droppedPictures(): number {
    return this.#dropped
  }

  status(): ReturnType<Recording['status']> | undefined {
    return this.#open?.recording.status()
  }

  packet(packet: FramePacket, arrivalMonotonicMs: number): void {
    const arrived = { packet, arrivalMonotonicMs }
    if (!this.#open) this.#unrecordedMs = arrivalMonotonicMs
    const begins = this.#beginsCapture(packet)
    if (begins) this.#release()
    if (begins || !this.#early.isEmpty) this.#early.push(arrived)
    else if (this.#open) this.#record(this.#open, arrived)
    else this.#drop([arrived])
    if (this.#early.isOver(arrivalMonotonicMs)) this.#release()
  }

  malformed(error: ProtocolError): void {
    this.#open?.recording.malformed(error)
  }

  /** The camera says that it captures. */
  captureStarted(): void {
    const early = this.#early.take()
    this.#end('the camera began another capture')
    this.#endBurst()
    const { clock, log, camera, fragmentMs, maxGapMs, blocks, places } = this.#options
    this.#isTurnedAway = !places.take()
    if (this.#isTurnedAway) {
      const code = 'TOO_MANY_RECORDINGS'
      log.warn({ camera, code }, 'not recorded: there are as many recordings as are allowed (maxRecordings)')
      this.#drop(early)
      return
    }
    const startedAtMs = clock.wallMs()
    const files = this.#options.openFiles(startedAtMs, {
      onFailure: (failure) => this.#fail(open, failure),
      onWritten: () => this.#resumeIfWritten(),
    })
    const recording = new Recording({
      files,
      sets: this.#sets,
      camera,
      device: this.#options.device(),
      take: this.#options.take(),
      startedAtMs,
      startedMonotonicMs: clock.monotonicMs(),
      fragmentMs,
      maxGapMs,
      blocks,
    })
    const id = Promise.resolve(undefined)
    const open: Open = {
      recording,
      id,
      name: undefined,
      failure: undefined,
      diskWaits: 0,
      isUnsaved: false,
      savedMs: Number.NEGATIVE_INFINITY,
    }
    open.id = files.id.then(
      (id) => {
        open.name = id
        recording.save(id)
        log.info({ camera, recording: id }, 'records')
        return id
      },
      () => undefined,
    )
    this.#open = open
    this.#lastSequence = -1
    this.#unrecordedMs = Number.NEGATIVE_INFINITY
    for (const arrived of early) this.#record(open, arrived)
  }

  /** The camera says that it captures no more. */
  captureStopped(): void {
    this.#isTurnedAway = false
    this.#end('the camera stopped')
  }

  /** The connection has ended: what is held belongs to the open recording. */
  disconnected(): void {
    this.#release()
    this.#end('the connection ended')
    this.#endBurst()
  }

  /** Call a few times a second. */
  tick(): void {
    const now = this.#options.clock.monotonicMs()
    if (this.#early.isOver(now)) this.#release()
    this.#open?.recording.tick(now)
    if (this.#open) this.#saveNews(this.#open, now)
  }

  /** Closes the open recording and resolves once every one is on the disk. */
  async close(): Promise<void> {
    this.#end('the server is closing')
    while (this.#closing.size > 0) await Promise.all(this.#closing)
  }

  #record(open: Open, { packet, arrivalMonotonicMs }: Arrived): void {
    this.#lastSequence = packet.sequence
    const { log, camera } = this.#options
    const news = open.recording.push(packet, arrivalMonotonicMs)
    if (news === 'part') {
      log.debug({ camera, recording: open.name }, 'a new part begins')
      open.isUnsaved = true
      this.#saveNews(open, arrivalMonotonicMs)
    }
    if (this.#queuedBytes() > this.#options.maxQueuedBytes) this.#setPaused(true)
  }

  /** A crash finds the codec and the configuration packets counted; a camera of many parts makes no more of it. */
  #saveNews(open: Open, monotonicMs: number): void {
    if (!open.isUnsaved || monotonicMs - open.savedMs < SAVE_MS) return
    open.isUnsaved = false
    open.savedMs = monotonicMs
    open.id.then((id) => id !== undefined && this.#open === open && open.recording.save(id))
  }

  /**
   * A capture begins with its parameter sets; within another one, or behind its early packets, only at a sequence
   * number that goes back. The sets of a key picture whose number repeats are those of an encoder that does not count.
   */
  #beginsCapture({ sequence, payload }: FramePacket): boolean {
    const last = this.#early.lastSequence ?? (this.#open && this.#lastSequence)
    if (last !== undefined && sequence > last) return false
    const unit = accessUnitOf(payload)
    return unit?.parameterSets === true && (sequence !== last || !unit.picture)
  }

  /** No `capture_started` came: what is held goes on in the open recording, or nowhere. */
  #release(): void {
    const early = this.#early.take()
    if (this.#open) for (const arrived of early) this.#record(this.#open, arrived)
    else this.#drop(early)
  }

  #end(reason: string): void {
    const open = this.#open
    if (!open) return
    this.#open = undefined
    this.#options.places.closing()
    const done = this.#finish(open, reason).finally(() => {
      this.#closing.delete(done)
      this.#options.places.closed()
    })
    this.#closing.add(done)
    if (this.#paused) this.#setPaused(false)
  }

  async #finish(open: Open, reason: string): Promise<void> {
    const { log, camera } = this.#options
    const { recording } = open
    const id = await open.id
    const document = await recording.close(id, open.failure)
    if (!document) return
    const { pictures, durationMs, integrity, state } = document
    const figures = {
      camera,
      recording: id,
      pictures,
      seconds: durationMs / 1000,
      missing: integrity.missing,
      ...(open.diskWaits > 0 && { diskWaits: open.diskWaits }),
    }
    log.info({ ...figures, reason }, state === 'failed' ? 'recording failed' : 'recording closed')
  }

  #fail(open: Open, failure: StorageError): void {
    const { log, camera } = this.#options
    open.failure = failure
    log.error({ camera, code: failure.code, err: failure }, 'the recording ends: %s', failure.message)
    if (this.#open === open) this.#end('the disk failed')
  }

  #drop(packets: readonly Arrived[]): void {
    const { log, camera } = this.#options
    for (const { packet } of packets) {
      const unit = accessUnitOf(packet.payload)
      // They may be the only ones: a capture_started that comes late needs them.
      if (unit?.parameterSets) this.#learn(unit)
      if (!unit?.picture) continue
      if (this.#droppedBurst === 0 && !this.#isTurnedAway)
        log.warn({ camera }, 'pictures come, but the camera did not say capture_started: dropped')
      this.#dropped += 1
      this.#droppedBurst += 1
    }
  }

  #learn(unit: AccessUnit): void {
    try {
      this.#sets.add(unit)
    } catch {
      // Sets that cannot be read are dropped like the rest.
    }
  }

  #endBurst(): void {
    const { log, camera } = this.#options
    if (this.#droppedBurst > 1)
      log.info({ camera, pictures: this.#droppedBurst }, 'dropped pictures that no recording was open for')
    this.#droppedBurst = 0
  }

  #queuedBytes(): number {
    return this.#open?.recording.queuedBytes ?? 0
  }

  #resumeIfWritten(): void {
    if (this.#paused && this.#queuedBytes() < this.#options.maxQueuedBytes / 2) this.#setPaused(false)
  }

  #setPaused(paused: boolean): void {
    if (paused === this.#paused) return
    this.#paused = paused
    this.#options.setPaused(paused)
    const open = this.#open
    if (!paused || !open) return
    open.diskWaits += 1
    // The log needs the first; how often is told when the recording is closed.
    if (open.diskWaits === 1)
      this.#options.log.warn({ camera: this.#options.camera }, 'the disk is behind: the camera has to wait')
  }
}

function accessUnitOf(payload: Uint8Array): AccessUnit | undefined {
  try {
    return readAccessUnit(payload)
  } catch {
    return undefined
  }
}
