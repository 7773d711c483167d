/**
 * Opens and closes one camera's recordings as the camera says, and holds what comes too early.
 *
 * The status texts come from another thread of the phone than the pictures: a capture's configuration packet and first
 * pictures may arrive before `capture_started`, even before the `capture_stopped` of the capture before.
 */

import type { ProtocolError, StorageError } from '../errors.ts'
import { readAccessUnit } from '../h264/access-unit.ts'
import { ParameterSets } from '../h264/parameter-sets.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../time.ts'
import type { FramePacket } from '../wire/frame-packet.ts'
import type { RecordingDocument } from './document.ts'
import type { RecordingFiles } from './files.ts'
import { Recording } from './recording.ts'

export interface RecorderOptions {
  /** What recording.json says of the camera. */
  camera: string
  device: () => RecordingDocument['device']
  /** The take that a recording of this camera belongs to, when it begins. */
  take: () => string | undefined
  /** Makes a folder; `onFailure` is called once when its disk fails. */
  openFiles: (startedAtMs: number, onFailure: (error: StorageError) => void) => RecordingFiles
  /** Stops and resumes reading from the camera while the disk is behind. */
  setPaused: (paused: boolean) => void
  clock: Clock
  log: Log
  fragmentMs: number
  maxGapMs: number
  maxQueuedBytes: number
  earlyHoldMs: number
  earlyHoldBytes: number
}

interface Held {
  packet: FramePacket
  arrivalMonotonicMs: number
}

interface Open {
  recording: Recording
  id: Promise<string | undefined>
  /** The folder's name, once it is known. */
  name: string | undefined
  failure: StorageError | undefined
}

export class Recorder {
  readonly #options: RecorderOptions
  readonly #sets = new ParameterSets()
  #open: Open | undefined
  #held: Held[] = []
  #heldBytes = 0
  #lastSequence = -1
  #dropped = 0
  #droppedBurst = 0
  #paused = false
  readonly #closing = new Set<Promise<void>>()

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  /** The folder of the open recording, once it is made. */
  get recordingId(): string | undefined {
    return this.#open?.name
  }

  get isRecording(): boolean {
    return this.#open !== undefined
  }

  /** Pictures that came while there was no recording to take them. */
  get droppedPictures(): number {
    return this.#dropped
  }

  status(): ReturnType<Recording['status']> | undefined {
    return this.#open?.recording.status()
  }

  packet(packet: FramePacket, arrivalMonotonicMs: number): void {
    // Behind a held configuration packet, a key picture that repeats the sets is of the same capture.
    const mayBePicture = this.#open !== undefined && this.#held.length === 0
    const isConfiguration = this.#mayBeginCapture(packet) && beginsCapture(packet.payload, mayBePicture)
    if (isConfiguration || this.#held.length > 0) this.#hold({ packet, arrivalMonotonicMs }, isConfiguration)
    else if (this.#open) this.#record(this.#open, packet, arrivalMonotonicMs)
    else this.#drop(1)
  }

  malformed(error: ProtocolError): void {
    this.#open?.recording.malformed(error)
  }

  /** The camera says that it captures. */
  captureStarted(): void {
    const held = this.#takeHeld()
    this.#end('the camera began another capture')
    this.#endBurst()
    const { clock, log, camera, fragmentMs, maxGapMs } = this.#options
    const startedAtMs = clock.wallMs()
    const files = this.#options.openFiles(startedAtMs, (failure) => this.#fail(open, failure))
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
    })
    const open: Open = { recording, id: Promise.resolve(undefined), name: undefined, failure: undefined }
    open.id = files.id.then(
      (id) => {
        open.name = id
        recording.save(id)
        log.info({ camera, recording: id }, 'recording')
        return id
      },
      () => undefined,
    )
    this.#open = open
    this.#lastSequence = -1
    for (const { packet, arrivalMonotonicMs } of held) this.#record(open, packet, arrivalMonotonicMs)
  }

  /** The camera says that it captures no more. */
  captureStopped(): void {
    this.#end('the camera stopped')
  }

  /** The connection has ended: what is held belongs to the open recording. */
  disconnected(): void {
    const held = this.#takeHeld()
    if (this.#open)
      for (const { packet, arrivalMonotonicMs } of held) this.#record(this.#open, packet, arrivalMonotonicMs)
    else this.#drop(held.length)
    this.#end('the connection ended')
    this.#endBurst()
  }

  /** Call a few times a second. */
  tick(): void {
    const now = this.#options.clock.monotonicMs()
    if (this.#held[0] && now - this.#held[0].arrivalMonotonicMs > this.#options.earlyHoldMs) this.#release()
    this.#open?.recording.tick(now)
    if (this.#paused && this.#queuedBytes() < this.#options.maxQueuedBytes / 2) this.#setPaused(false)
  }

  /** Closes the open recording and resolves once every one is on the disk. */
  async close(): Promise<void> {
    this.#end('the server is closing')
    while (this.#closing.size > 0) await Promise.all(this.#closing)
  }

  #record(open: Open, packet: FramePacket, arrivalMonotonicMs: number): void {
    this.#lastSequence = packet.sequence
    const { log, camera } = this.#options
    const news = open.recording.push(packet, arrivalMonotonicMs)
    if (news === 'part') {
      log.debug({ camera, recording: open.name }, 'a new part begins')
      // A crash finds the codec and the configuration packets counted.
      open.id.then((id) => id !== undefined && this.#open === open && open.recording.save(id))
    }
    if (this.#queuedBytes() > this.#options.maxQueuedBytes) this.#setPaused(true)
  }

  /** Only a sequence number that goes back can begin another capture within a recording. */
  #mayBeginCapture({ sequence }: FramePacket): boolean {
    return !this.#open || sequence <= this.#lastSequence
  }

  #hold(held: Held, isConfiguration: boolean): void {
    if (isConfiguration) this.#release()
    this.#held.push(held)
    this.#heldBytes += held.packet.payload.length
    const ageMs = held.arrivalMonotonicMs - this.#held[0]!.arrivalMonotonicMs
    if (ageMs > this.#options.earlyHoldMs || this.#heldBytes > this.#options.earlyHoldBytes) this.#release()
  }

  /** No `capture_started` came: what is held goes on in the open recording, or nowhere. */
  #release(): void {
    const held = this.#takeHeld()
    if (!this.#open) {
      this.#drop(held.length)
      // Its parameter sets may be the only ones: a capture_started that comes late needs them.
      if (held[0]) this.#learn(held[0].packet.payload)
    } else
      for (const { packet, arrivalMonotonicMs } of held) this.#record(this.#open, packet, arrivalMonotonicMs)
  }

  #learn(payload: Uint8Array): void {
    try {
      this.#sets.add(readAccessUnit(payload))
    } catch {
      // Sets that cannot be read are dropped like the rest.
    }
  }

  #takeHeld(): Held[] {
    const held = this.#held
    this.#held = []
    this.#heldBytes = 0
    return held
  }

  #end(reason: string): void {
    const open = this.#open
    if (!open) return
    this.#open = undefined
    const done = this.#finish(open, reason).finally(() => this.#closing.delete(done))
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
    }
    log.info({ ...figures, reason }, state === 'failed' ? 'recording failed' : 'recording closed')
  }

  #fail(open: Open, failure: StorageError): void {
    const { log, camera } = this.#options
    open.failure = failure
    log.error({ camera, code: failure.code, err: failure }, 'the recording ends: %s', failure.message)
    if (this.#open === open) this.#end('the disk failed')
  }

  #drop(pictures: number): void {
    if (pictures === 0) return
    const { log, camera } = this.#options
    if (this.#droppedBurst === 0)
      log.warn({ camera }, 'pictures come, but the camera did not say capture_started: dropped')
    this.#dropped += pictures
    this.#droppedBurst += pictures
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

  #setPaused(paused: boolean): void {
    if (paused === this.#paused) return
    this.#paused = paused
    this.#options.setPaused(paused)
    const { log, camera } = this.#options
    if (paused) log.warn({ camera }, 'the disk is behind: the camera has to wait')
    else log.info({ camera }, 'the disk has caught up')
  }
}

/**
 * Whether a capture may begin here: at a configuration packet; when nothing else is known, also at a picture that
 * carries its own parameter sets, for encoders that send them so.
 */
function beginsCapture(payload: Uint8Array, mayBePicture: boolean): boolean {
  try {
    const unit = readAccessUnit(payload)
    return unit.parameterSets && (!unit.picture || mayBePicture)
  } catch {
    return false
  }
}
