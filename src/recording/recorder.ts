/**
 * Opens and closes one camera's recordings as the camera says, and holds what comes too early.
 *
 * The status texts come from another thread of the phone than the pictures: a capture's configuration packet and first
 * pictures may arrive before `capture_started`, even before the `capture_stopped` of the capture before.
 */

import type { ProtocolError, StorageError } from '../errors.ts'
import type { PayloadReading } from '../h264/access-unit.ts'
import type { FramePacket } from '../wire/frame-packet.ts'
import { Backpressure } from './backpressure.ts'
import type { Codec, Configuration } from './codec.ts'
import { type Arrived, EarlyHold } from './early-hold.ts'
import type { FilesEvents } from './files.ts'
import { H264Codec } from './h264-codec.ts'
import { JpegCodec, MAX_AWAY_MS } from './jpeg-codec.ts'
import { OpenRecording } from './open-recording.ts'
import type { KeptCapture, RecorderOptions } from './recorder-options.ts'
import { Recording } from './recording.ts'
import type { BegunRecording, RecordingStatus } from './recording-facts.ts'
import { Suspension } from './suspension.ts'
import { addTotals, noTotals, type Totals } from './totals.ts'
import { Unclaimed } from './unclaimed.ts'

/** A camera whose last unrecorded packet is younger than this still sends, in ms: some send one picture a second. */
const STILL_SENDS_MS = 3000
/** After a recording that nothing came for, the next folder is made at once only after so long, in ms: else by a packet. */
const EMPTY_PAUSE_MS = 1000
/** A camera that finds no place is told of at most this often, in ms: it may try a hundred times a second. */
const TURNED_AWAY_MS = 10_000
/** Ahead of each NAL unit (H.264 Annex B). */
const START_CODE = Uint8Array.of(0, 0, 0, 1)

export class Recorder {
  readonly #options: RecorderOptions
  readonly #codec: Codec
  readonly #early: EarlyHold
  readonly #suspension = new Suspension()
  readonly #unclaimed: Unclaimed
  readonly #backpressure: Backpressure
  #open: OpenRecording | undefined
  #lastSequence = -1
  /** When a recording last ended that nothing had come for. */
  #emptyEndedMs = Number.NEGATIVE_INFINITY
  /** The camera captures, and its next packet begins the recording. */
  #awaitsPacket = false
  /** The capture that runs found no place. */
  #isTurnedAway = false
  #turnedAwayToldMs = Number.NEGATIVE_INFINITY
  /** When the last packet came that no recording was open for. */
  #unrecordedMs = Number.NEGATIVE_INFINITY
  /** Of all recordings that have ended, and of what came without one. */
  readonly #totals = noTotals()
  readonly #closing = new Set<Promise<void>>()

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#codec = options.format === 'jpeg' ? new JpegCodec() : new H264Codec()
    const { earlyHoldMs: maxMs, earlyHoldBytes: maxBytes, earlyBudget: budget } = options
    this.#early = new EarlyHold({ maxMs, maxBytes, budget })
    this.#unclaimed = new Unclaimed(this.#codec, options.log, options.camera)
    this.#backpressure = new Backpressure(options)
  }

  /** The folder of the open recording, once it is made. */
  get recordingId(): string | undefined {
    return this.#open?.name
  }

  get isRecording(): boolean {
    return this.#open !== undefined
  }

  /** Why the camera streams and is not recorded, when the disk is to blame: it goes on by itself when it can. */
  get suspendedBy(): StorageError | undefined {
    return this.#suspension.cause
  }

  /** Whether a recording that the disk ended may be tried again: not at once, and ever later. */
  get mayTry(): boolean {
    return this.#suspension.isDue(this.#options.clock.monotonicMs())
  }

  /** Bytes that ending the open recording now would write, besides what waits for the disk. */
  get endingBytes(): number {
    return this.#open?.recording.endingBytes ?? 0
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

  /** The take that the open recording belongs to. */
  get take(): string | undefined {
    return this.#open?.recording.take
  }

  /** When the open recording began, by the wall clock in ms. */
  get startedAtMs(): number | undefined {
    return this.#open?.recording.startedAtMs
  }

  /** In pixels, of the newest pictures. */
  get size(): { width: number; height: number } | undefined {
    return this.#codec.size
  }

  /** Another number after each picture. */
  get pictureMark(): number {
    const { pictures } = this.#unclaimed
    return this.#totals.pictures + pictures + this.#totals.diskRefused + (this.#open?.recording.pictures ?? 0)
  }

  /** Pictures that came while there was no recording to take them. */
  get droppedPictures(): number {
    return this.#unclaimed.pictures + this.#totals.diskRefused
  }

  /** What came since the camera connected, and what became of it. */
  totals(): Totals {
    const totals = { ...this.#totals }
    if (this.#open) addRecording(totals, this.#open.recording.status())
    totals.unrecorded = this.#unclaimed.pictures
    totals.pictures += totals.unrecorded
    totals.pausedMs = this.#backpressure.pausedMs
    return totals
  }

  status(): ReturnType<Recording['status']> | undefined {
    return this.#open?.recording.status()
  }

  /** A payload of this camera, to be looked through once for all who ask. */
  read(payload: Uint8Array): PayloadReading {
    return this.#codec.read(payload)
  }

  /** @param reading - Of the packet's payload, when others look through it too. */
  packet(packet: FramePacket, arrivalMonotonicMs: number, reading = this.read(packet.payload)): void {
    const arrived = { packet, reading, arrivalMonotonicMs }
    if (this.#awaitsPacket) this.#begin()
    this.#totals.packets += 1
    this.#totals.bytes += packet.payload.length
    if (!this.#open) this.#unrecordedMs = arrivalMonotonicMs
    const begins = this.#beginsCapture(arrived)
    if (begins) this.#release()
    if (begins || !this.#early.isEmpty) this.#early.push(arrived)
    else this.#take(arrived)
    if (this.#early.isOver(arrivalMonotonicMs)) this.#release()
  }

  malformed(error: ProtocolError): void {
    this.#totals.malformed += 1
    this.#open?.recording.malformed(error)
  }

  /** The camera says that it captures. */
  captureStarted(): void {
    const { disk } = this.#options
    const early = this.#early.take()
    this.#end('another capture began')
    this.#endSuspension()
    this.#unclaimed.endBurst()
    this.#lastSequence = -1
    this.#isTurnedAway = false
    const sinceEmptyMs = this.#options.clock.monotonicMs() - this.#emptyEndedMs
    if (disk.isFull) this.#suspend(disk.fullError())
    else if (early.length === 0 && sinceEmptyMs < EMPTY_PAUSE_MS) this.#awaitsPacket = true
    else this.#begin()
    for (const arrived of early) this.#take(arrived)
  }

  /**
   * Opens a recording of a capture that the phone keeps; false when there can be none.
   *
   * @param begun - Goes on with this one.
   */
  openCapture(capture: KeptCapture, begun?: BegunRecording): boolean {
    const { disk } = this.#options
    this.#end('another capture began')
    this.#endSuspension()
    this.#unclaimed.endBurst()
    this.#early.take()
    this.#lastSequence = -1
    return !disk.isFull && this.#begin(capture, begun) !== undefined
  }

  /** Ends the open recording in order while there is still space to; it goes on in a new one when there is again. */
  endBecause(cause: StorageError): void {
    if (!this.#open) return
    this.#open.cause = cause
    this.#suspend(cause)
    this.#end('disk is full')
  }

  /** The camera is called otherwise now: recording.json says so. */
  renamed(): void {
    const { name, recording } = this.#open ?? {}
    if (name !== undefined) recording?.save(name)
  }

  /** The operator wants it recorded: what the disk ended is tried again at the next keyframe. */
  hurry(): void {
    this.#suspension.hurry()
  }

  /**
   * The camera says that it captures no more.
   *
   * @param packets - Of protocol 2: how many the capture had in all, where it has said it.
   */
  captureStopped(packets = 0): void {
    this.#isTurnedAway = false
    this.#open?.recording.ends(packets)
    this.#end('camera stopped')
    this.#endSuspension()
  }

  /** The connection has ended: what is held belongs to the open recording. */
  disconnected(): void {
    this.#release()
    this.#end('connection ended')
    this.#endSuspension()
    this.#unclaimed.endBurst()
  }

  /** Call a few times a second. */
  tick(): void {
    const now = this.#options.clock.monotonicMs()
    if (this.#early.isOver(now)) this.#release()
    // Pictures that are held may yet belong to the burst.
    if (this.#early.isEmpty) this.#unclaimed.tick(now)
    this.#open?.recording.tick(now)
    this.#open?.tick(now)
    // Other recordings may have held this one back.
    this.#backpressure.written(this.#queuedBytes)
  }

  /** Closes the open recording and resolves once every one is on the disk. */
  async close(): Promise<void> {
    this.#end('server is closing')
    while (this.#closing.size > 0) await Promise.all(this.#closing)
  }

  /** Opens a recording, unless there are as many as are allowed. */
  #begin(capture?: KeptCapture, begun?: BegunRecording): OpenRecording | undefined {
    this.#awaitsPacket = false
    const { clock, log, camera, fragmentMs, syncIntervalMs, maxGapMs, blocks, places } = this.#options
    const wasTurnedAway = this.#isTurnedAway
    this.#isTurnedAway = !places.take()
    if (this.#isTurnedAway) {
      const code = 'TOO_MANY_RECORDINGS'
      const nowMs = clock.monotonicMs()
      if (wasTurnedAway || nowMs - this.#turnedAwayToldMs < TURNED_AWAY_MS) return undefined
      this.#turnedAwayToldMs = nowMs
      log.warn({ camera, code }, 'not recorded: there are as many recordings as are allowed (maxRecordings)')
      return undefined
    }
    const startedAtMs = capture?.startedAtMs ?? clock.wallMs()
    const droppedBefore = this.#suspension.droppedPictures
    const resumed = begun && { id: begun.document.id, part: begun.part.number }
    const openFiles = (events: FilesEvents) => this.#options.openFiles(startedAtMs, events, resumed)
    const files = openFiles({
      onFailure: (failure) => this.#fail(open, failure),
      onWritten: () => this.#backpressure.written(this.#queuedBytes),
      onSynced: (sequence) => {
        if (capture && this.#open === open) this.#options.onSynced?.(capture.id, sequence)
      },
    })
    const recording = new Recording(
      {
        files,
        codec: this.#codec,
        camera,
        device: this.#options.device,
        take: capture ? capture.take : this.#options.take(),
        capture: capture && { id: capture.id, from: capture.from },
        startedAtMs,
        startedMonotonicMs: capture?.startedMonotonicMs ?? clock.monotonicMs(),
        fragmentMs,
        syncIntervalMs,
        maxGapMs: this.#codec.hasClock ? maxGapMs : MAX_AWAY_MS,
        droppedBefore,
        blocks,
      },
      begun,
    )
    const open = new OpenRecording({ recording, id: files.id, camera, droppedBefore, log })
    this.#open = open
    this.#unrecordedMs = Number.NEGATIVE_INFINITY
    this.#suspension.opened(clock.monotonicMs())
    return open
  }

  #take(arrived: Arrived): void {
    if (this.#open) this.#record(this.#open, arrived)
    else if (this.#suspension.cause) this.#goOn(arrived)
    else this.#unclaimed.drop(arrived, this.#isTurnedAway)
  }

  #record(open: OpenRecording, { packet, reading, arrivalMonotonicMs }: Arrived): void {
    this.#lastSequence = packet.sequence
    const news = open.recording.push(packet, arrivalMonotonicMs, reading)
    if (news === 'part') open.partBegan(arrivalMonotonicMs)
    if (this.#backpressure.queued(this.#queuedBytes)) open.waits()
  }

  /** The disk ended the recording and the camera streams on: another begins at a keyframe, when the disk can take it. */
  #goOn(arrived: Arrived): void {
    const { packet, reading, arrivalMonotonicMs } = arrived
    this.#lastSequence = packet.sequence
    const unit = this.#unclaimed.learn(reading)
    if (!unit?.picture) return
    const isTime = this.#suspension.isDue(arrivalMonotonicMs) && this.#options.disk.hasRoom
    const configuration = isTime && unit.keyframe ? this.#codec.configurationFor(unit) : undefined
    const open = configuration && this.#begin()
    if (!open) {
      this.#suspension.droppedPictures += 1
      this.#totals.diskRefused += 1
      return
    }
    if (this.#codec.keepsRaw && !unit.parameterSets) open.recording.preface(annexB(configuration))
    this.#record(open, arrived)
  }

  /**
   * A capture begins with its parameter sets; within another one, or behind its early packets, only at a sequence
   * number that goes back. The sets of a key picture whose number repeats are those of an encoder that does not count.
   */
  #beginsCapture({ packet: { sequence }, reading }: Arrived): boolean {
    const captures = this.#open ?? this.#suspension.cause
    const last = this.#early.lastSequence ?? (captures && this.#lastSequence)
    if (last !== undefined && sequence > last) return false
    const unit = reading.unitIfAny
    return unit?.parameterSets === true && (sequence !== last || !unit.picture)
  }

  /** No `capture_started` came: what is held goes on in the open recording, or nowhere. */
  #release(): void {
    for (const arrived of this.#early.take()) this.#take(arrived)
  }

  #end(reason: string): void {
    this.#awaitsPacket = false
    const open = this.#open
    if (!open) return
    this.#open = undefined
    if (open.recording.status().bytes === 0) this.#emptyEndedMs = this.#options.clock.monotonicMs()
    addRecording(this.#totals, open.recording.status())
    this.#options.places.closing()
    const done = open.end(reason).then((document) => {
      const isClosed = document?.state === 'closed'
      this.#totals[isClosed ? 'closed' : 'failed'] += 1
      const { capture } = open.recording
      // Closed from its own bytes, a folder may lack what came last.
      if (isClosed && !document.integrity.droppedAtEnd && capture)
        this.#options.onSynced?.(capture.id, capture.next)
      else if (capture) this.#options.onUnsaved?.(capture.id)
      this.#options.onClosed?.()
      this.#closing.delete(done)
      this.#options.places.closed()
    })
    this.#closing.add(done)
    this.#backpressure.release()
  }

  #fail(open: OpenRecording, failure: StorageError): void {
    const { log, camera } = this.#options
    open.cause ??= failure
    log.error({ camera, code: failure.code }, 'the recording ends: %s', failure.message)
    if (this.#open !== open) return
    this.#suspend(failure, open.untoldPictures)
    this.#end(failure.code === 'DISK_FULL' ? 'disk is full' : 'disk failed')
  }

  #suspend(cause: StorageError, droppedPictures = 0): void {
    this.#suspension.begin(cause, this.#options.clock.monotonicMs(), droppedPictures)
  }

  #endSuspension(): void {
    const { log, camera } = this.#options
    const pictures = this.#suspension.end()
    if (pictures > 0) log.warn({ camera, pictures }, 'pictures came while the disk took none: not recorded')
  }

  get #queuedBytes(): number {
    return this.#open?.recording.queuedBytes ?? 0
  }
}

/** Packets and malformed messages are counted as they come, with a recording or without. */
function addRecording(totals: Totals, status: RecordingStatus): void {
  const { pictures, missing, late, repeated, notH264, beforeKeyframe, spanMs } = status
  const misses = missing + late
  addTotals(totals, {
    pictures,
    missing: misses,
    late,
    repeated,
    notH264,
    beforeKeyframe,
    recordedMs: spanMs,
  })
}

/** Parameter sets as a configuration packet holds them. */
function annexB({ units }: Configuration): Uint8Array {
  return Buffer.concat(units.flatMap((unit) => [START_CODE, unit]))
}
