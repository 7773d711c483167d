/**
 * One camera, start to stop: frame packets in, a folder of true files out.
 *
 * Pure but for `RecordingFiles`: the clock is given with every call.
 */

import { type ProtocolError, StorageError } from '../errors.ts'
import type { AccessUnit } from '../h264/access-unit.ts'
import { TICKS_PER_MS } from '../mp4/track.ts'
import type { FramePacket } from '../wire/frame-packet.ts'
import { IntegrityAccount, type Place } from './account.ts'
import type { Configuration } from './codec.ts'
import { makeDocument, type RecordingDocument } from './document.ts'
import { Part } from './part.ts'
import { appendPiece, PayloadBlocks } from './payload-blocks.ts'
import { estimateRate } from './rate.ts'
import type { BegunRecording, EndedPart, RecordingOptions, RecordingStatus } from './recording-facts.ts'
import type { Placement } from './timeline.ts'

/** A fragment is written early when it holds this many bytes, whatever its length. */
const MAX_FRAGMENT_BYTES = 4 * 1024 * 1024
/** A forced write begins after this share of `syncIntervalMs`: the rest is for `tick`, which is late, and the disk. */
const SYNC_SHARE = 0.8
/** Errors kept in recording.json. */
const MAX_ERRORS = 20

/** The first line of frames.csv. */
export const ROWS_HEADER = 'sequence,capture_ms,arrival_ms,media_ms,bytes,keyframe\n'

export class Recording {
  readonly #options: RecordingOptions
  readonly #account: IntegrityAccount
  readonly #blocks: PayloadBlocks
  readonly #ended: EndedPart[] = []
  #part: Part | undefined
  /** The camera's clock jumped within a group of pictures: the next keyframe begins a part. */
  #jumped = false
  #rows: string
  #rowsPictures = 0
  #raw: Uint8Array[] = []
  #waitingBytes = 0
  #waitingSinceMs: number | undefined
  #bytes = 0
  #pictures = 0
  #capture: { firstMs: number; lastMs: number } | undefined
  #arrival: { firstMs: number; lastMs: number } | undefined
  #lastCaptureMs = Number.NaN
  #thumbnailAsked = false
  #lastPacketMs: number
  #name: string | undefined
  /** The sequence number behind that of the latest packet. */
  #next = 0
  /** When a forced write was last asked for, by the monotonic clock, in ms. */
  #syncedMs: number
  readonly #errors: RecordingDocument['errors'] = []

  /** @param begun - Goes on with this one. */
  constructor(options: RecordingOptions, begun?: BegunRecording) {
    this.#options = options
    this.#account = begun?.account ?? new IntegrityAccount(options.capture?.from)
    this.#rows = begun ? '' : ROWS_HEADER
    this.#blocks = new PayloadBlocks(options.blocks)
    this.#lastPacketMs = options.startedAtMs
    this.#syncedMs = options.startedMonotonicMs
    if (options.droppedBefore) this.#account.figures.droppedBefore = options.droppedBefore
    this.#device()
    if (begun) this.#goOn(begun)
  }

  get queuedBytes(): number {
    return this.#options.files.queuedBytes
  }

  /** Bytes that ending it now would write, besides what waits for the disk. */
  get endingBytes(): number {
    // Gathered pictures go into stream.h264 and the MP4.
    return (this.#part?.writer.table.memoryBytes ?? 0) + 2 * this.#waitingBytes
  }

  /** Pictures so far. */
  get pictures(): number {
    return this.#pictures
  }

  get startedAtMs(): number {
    return this.#options.startedAtMs
  }

  get take(): string | undefined {
    return this.#options.take
  }

  /** Of protocol 2: the capture, and the number behind the last packet that came or was given up. */
  get capture(): RecordingDocument['capture'] {
    const { capture } = this.#options
    return capture && { ...capture, next: Math.max(capture.from, this.#next) }
  }

  get parts(): number {
    return this.#ended.length + (this.#part ? 1 : 0)
  }

  /** Writes recording.json as it stands, so that a crash finds what the files alone do not tell. */
  save(id: string): void {
    this.#options.files.save(this.document(id, 'recording'))
  }

  /** Of protocol 2: the capture had so many packets in all. */
  ends(packets: number): void {
    if (packets <= this.#next) return
    this.#account.ends(packets, this.#place())
    this.#next = packets
  }

  /** A binary message was no frame packet. */
  malformed(error: ProtocolError): void {
    this.#account.figures.malformed += 1
    this.#note(error)
  }

  /** Takes configuration that the camera sent before the recording began, so that stream.h264 can be read by itself. */
  preface(payload: Uint8Array): void {
    this.#account.figures.packets += 1
    this.#account.figures.configurationPackets += 1
    this.#bytes += payload.length
    this.#raw.push(payload)
    this.#waitingBytes += payload.length
  }

  /**
   * Takes the next frame packet. Never throws for what the camera sent.
   *
   * @param arrivalMonotonicMs - When it came, by the monotonic clock, in ms.
   * @param reading - Of its payload, when others look through it too.
   * @returns What was new about it, for the log.
   */
  push(
    arrived: FramePacket,
    arrivalMonotonicMs: number,
    reading = this.#options.codec.read(arrived.payload),
  ): 'part' | 'not-h264' | undefined {
    const { startedAtMs, startedMonotonicMs, codec } = this.#options
    const arrivalMs = Math.round(startedAtMs + arrivalMonotonicMs - startedMonotonicMs)
    const { sequence } = arrived
    const captureMs = codec.hasClock ? arrived.captureMs : arrivalMs
    const packet = { captureMs, sequence, payload: this.#blocks.copy(arrived.payload) }
    this.#lastPacketMs = arrivalMs
    this.#next = sequence + 1
    this.#account.figures.packets += 1
    this.#bytes += packet.payload.length
    if (codec.keepsRaw) appendPiece(this.#raw, packet.payload)
    this.#waitingBytes += packet.payload.length
    this.#waitingSinceMs ??= arrivalMonotonicMs
    let unit: AccessUnit | undefined
    let setsChanged = false
    try {
      unit = { ...reading.unit, bytes: packet.payload }
      if (unit.parameterSets) setsChanged = codec.learn(unit)
    } catch (error) {
      this.#note(error as ProtocolError)
      // A picture beside sets that cannot be read may well go on with those that are known.
      if (!unit?.picture) {
        this.#account.figures.notH264 += 1
        this.#account.sequence(packet.sequence, false, this.#place())
        return 'not-h264'
      }
    }
    if (setsChanged) this.#part?.carryInBand()
    if (!unit.picture) {
      this.#account.figures.configurationPackets += 1
      this.#account.sequence(packet.sequence, true, this.#place())
      if (setsChanged) this.#part?.carry(unit)
      return undefined
    }
    this.#pictures += 1
    this.#capture = span(this.#capture, packet.captureMs)
    this.#arrival = span(this.#arrival, arrivalMs)
    const before = this.#part
    const ticks = this.#picture(unit, packet)
    // What it gave to the disk is what came before it: the picture itself still waits.
    this.#waitingSinceMs ??= arrivalMonotonicMs
    this.#lastCaptureMs = packet.captureMs
    const mediaMs = ticks === undefined ? '' : millisecondsText(ticks / TICKS_PER_MS)
    this.#rows += `${packet.sequence},${packet.captureMs},${arrivalMs},${mediaMs},${packet.payload.length},${unit.keyframe ? 1 : 0}\n`
    this.#rowsPictures += 1
    return this.#part === before ? undefined : 'part'
  }

  /** Gives what has waited for `fragmentMs` to the disk, and forces it there in time. Call it often. */
  tick(monotonicMs: number): void {
    const { files, fragmentMs, syncIntervalMs } = this.#options
    const isSyncDue = monotonicMs - this.#syncedMs >= SYNC_SHARE * syncIntervalMs
    const waitedMs = monotonicMs - (this.#waitingSinceMs ?? monotonicMs)
    if (this.#waitingSinceMs !== undefined && (isSyncDue || waitedMs >= fragmentMs)) this.#flush(undefined)
    if (!isSyncDue) return
    this.#syncedMs = monotonicMs
    files.sync(this.#next)
  }

  /**
   * Ends the recording: every file is whole and synced when the promise resolves, with the last recording.json.
   *
   * @param id - The folder's name; undefined when it could not be made.
   * @param cause - What of the disk ends it, when it does.
   * @returns recording.json as it is on the disk: `closed` with all that came, or what a disk that failed made of it.
   */
  async close(id: string | undefined, cause?: StorageError): Promise<RecordingDocument | undefined> {
    const { files } = this.#options
    if (cause) this.#note(cause)
    this.#endPart(undefined)
    const document = id === undefined ? undefined : this.document(id, 'closed')
    if (document) files.save(document)
    return files.close(document)
  }

  /** recording.json as it stands. */
  document(id: string, state: RecordingDocument['state']): RecordingDocument {
    const { camera, take, startedAtMs } = this.#options
    const parts = [...this.#ended, ...(this.#part ? [this.#part] : [])]
    const spanMs = (s: { firstMs: number; lastMs: number } | undefined) => s && s.lastMs - s.firstMs
    return makeDocument({
      id,
      camera,
      device: this.#device(),
      take: take ?? null,
      capture: this.capture,
      state,
      startedAtMs,
      endedAtMs: state === 'recording' ? null : this.#lastPacketMs,
      profile: parts[0]?.format.profile ?? null,
      bytes: this.#bytes,
      rate: estimateRate(this.#pictures, spanMs(this.#capture), spanMs(this.#arrival)),
      integrity: structuredClone(this.#account.figures),
      parts: parts.map((part) => part.document()),
      errors: [...this.#errors],
    })
  }

  /** With the latest name that it had, also when the camera has gone since. */
  #device(): RecordingDocument['device'] {
    const now = this.#options.device()
    this.#name = now.name ?? this.#name
    return { ...now, ...(this.#name !== undefined && { name: this.#name }) }
  }

  /** Figures for the status line and for the totals. */
  status(): RecordingStatus {
    const { missing, malformed, outOfOrder, repeated, notH264, picturesBeforeKeyframe } =
      this.#account.figures
    return {
      pictures: this.#pictures,
      bytes: this.#bytes,
      missing,
      malformed,
      spanMs: this.#arrival ? this.#arrival.lastMs - this.#arrival.firstMs : 0,
      late: outOfOrder,
      repeated,
      notH264,
      beforeKeyframe: picturesBeforeKeyframe,
    }
  }

  #goOn({ document, ended, part, next, lastCaptureMs, bytes, capture, arrival }: BegunRecording): void {
    const { malformed, notH264, configurationPackets } = document.integrity
    const pictures = part.file.table.samples + ended.reduce((sum, one) => sum + one.document().pictures, 0)
    Object.assign(this.#account.figures, { malformed, notH264, configurationPackets })
    this.#pictures = pictures + this.#account.figures.picturesBeforeKeyframe
    this.#account.figures.packets = this.#pictures + notH264 + configurationPackets
    this.#ended.push(...ended)
    this.#part = Part.goOn(part, this.#options.codec)
    this.#errors.push(...document.errors)
    this.#thumbnailAsked = true
    this.#next = next
    this.#lastCaptureMs = lastCaptureMs
    this.#bytes = bytes
    this.#capture = capture
    this.#arrival = arrival
    this.#lastPacketMs = arrival.lastMs
  }

  /** Puts a picture where it belongs; returns its media time in ticks, undefined when no MP4 takes it. */
  #picture(unit: AccessUnit, packet: FramePacket): number | undefined {
    const configuration = unit.keyframe ? this.#options.codec.configurationFor(unit) : undefined
    if (configuration && (!this.#part || this.#jumped || !configuration.format.fits(this.#part.format)))
      this.#beginPart(configuration, packet.captureMs)
    if (!this.#part) {
      this.#account.sequence(packet.sequence, true, this.#place())
      this.#account.figures.picturesBeforeKeyframe += 1
      return undefined
    }
    let placement = this.#part.timeline.place(packet.captureMs)
    if (placement === 'jump') {
      const jumpMs = packet.captureMs - this.#lastCaptureMs
      this.#account.clockJump(this.#place(), jumpMs)
      if (configuration) this.#beginPart(configuration, packet.captureMs)
      else {
        // No picture can begin a file here; the group of pictures ends where it began, at its own pace.
        this.#part.timeline.resume(packet.captureMs)
        this.#jumped = true
      }
      placement = this.#part.timeline.place(packet.captureMs) as Placement
    }
    return this.#addSample(unit, packet, placement, configuration)
  }

  #addSample(
    unit: AccessUnit,
    packet: FramePacket,
    placement: Placement,
    configuration: Configuration | undefined,
  ): number | undefined {
    const part = this.#part!
    const { figures } = this.#account
    const later = placement.order === 'forward'
    const place = this.#place(placement.ticks)
    if (
      this.#account.sequence(packet.sequence, later, place) === 'repeated' &&
      packet.captureMs === this.#lastCaptureMs
    )
      return undefined
    if (placement.order === 'backward') figures.backwardTimes += 1
    else if (placement.order === 'equal') figures.equalTimes += 1
    if (placement.gapMs !== undefined) this.#account.gap(place, placement.gapMs)
    const { writer } = part
    const isLong = placement.ticks - (writer.pendingTicks ?? 0) >= this.#options.fragmentMs * TICKS_PER_MS
    const isAnchor = placement.ticks > writer.maxTicks
    if (
      writer.pending > 0 &&
      ((unit.keyframe && !this.#options.codec.isEveryKey) ||
        (isAnchor && (isLong || this.#waitingBytes > MAX_FRAGMENT_BYTES)))
    )
      this.#flush(isAnchor ? placement.ticks : undefined)
    writer.add(part.sample(unit, placement, configuration))
    return placement.ticks
  }

  #beginPart(configuration: Configuration, captureMs: number): void {
    const { codec, maxGapMs, startedAtMs } = this.#options
    this.#endPart(undefined)
    this.#jumped = false
    this.#part = Part.begin({
      number: this.#ended.length + 1,
      codec,
      configuration,
      firstCaptureMs: captureMs,
      maxGapMs,
      createdMs: startedAtMs,
    })
  }

  #endPart(nextTicks: number | undefined): void {
    this.#flush(nextTicks, true)
    if (this.#part) this.#ended.push(this.#part)
    this.#part = undefined
  }

  #flush(nextTicks: number | undefined, last = false): void {
    const part = this.#part
    const bytes = part?.writer.endFragment(nextTicks) ?? []
    const finish = last ? part?.finish() : undefined
    const first = part?.number === 1 && part.writer.table.samples > 0 && !this.#thumbnailAsked
    this.#options.files.append({
      rows: this.#rows,
      pictures: this.#rowsPictures,
      raw: this.#raw,
      part: part && (bytes.length > 0 || finish) ? { number: part.number, bytes, finish } : undefined,
      onWritten: this.#blocks.takeFilled(),
    })
    this.#rows = ''
    this.#rowsPictures = 0
    this.#raw = []
    this.#waitingBytes = 0
    this.#waitingSinceMs = undefined
    if (!first) return
    this.#thumbnailAsked = true
    this.#options.files.thumbnail()
  }

  #place(ticks = this.#part?.writer.maxTicks ?? 0): Place {
    return { part: this.#part?.number ?? 0, atMs: Math.max(0, ticks) / TICKS_PER_MS }
  }

  #note(error: ProtocolError | StorageError): void {
    if (this.#errors.length >= MAX_ERRORS) {
      // Why it ended is told whatever came before.
      if (!(error instanceof StorageError)) return
      this.#errors.pop()
    }
    this.#errors.push({ code: error.code, message: error.message })
  }
}

/** Times of protocol 1 are whole; others are told to the microsecond. */
function millisecondsText(ms: number): string {
  return Number.isInteger(ms) ? String(ms) : ms.toFixed(3)
}

function span(
  s: { firstMs: number; lastMs: number } | undefined,
  ms: number,
): { firstMs: number; lastMs: number } {
  return { firstMs: s?.firstMs ?? ms, lastMs: ms }
}
