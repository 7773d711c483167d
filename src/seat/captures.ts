/**
 * The captures of a lasting camera (protocol 2): which one is open, from where the phone is to send, what it may forget.
 *
 * The promises stand in docs/protocol-2.md.
 */

import type { LastingCamera } from '../ingest/lasting-camera.ts'
import type { KeptCapture } from '../recording/recorder-options.ts'
import type { BegunRecording } from '../recording/recording-facts.ts'
import type { Clock } from '../time.ts'
import type { FramePacket } from '../wire/frame-packet.ts'
import type { Capture2, CaptureEnd2 } from '../wire/protocol2.ts'

/** Captures that are on the disk as a whole, remembered for a phone that did not hear of it. */
const MAX_DONE = 100

/** A phone that was asked to announce its capture again is not asked again for so long, in ms: there may be no place. */
const AGAIN_MS = 2000

/** What becomes of a capture that this process does not know. */
export type Known =
  /** Its recording was closed: every packet below this number is on the disk. */
  | { kind: 'closed'; next: number }
  /** An earlier process died of it: its folder goes on. `giveBack`: it does not; it waits for the phone as before. */
  | { kind: 'begun'; begun: BegunRecording; giveBack: () => void }

export interface CapturesOptions {
  camera: LastingCamera
  clock: Clock
  /** Opens a recording; false when the disk lets none be opened. */
  open: (capture: KeptCapture, begun?: BegunRecording) => boolean
  /** Whether a recording is open. */
  isOpen: () => boolean
  /** Closes the open recording. `packets`: how many its capture had in all, once the phone has said it. */
  close: (packets?: number) => void
  /** Looks on the disk for a capture that this process does not know, and goes on with it where it can. */
  find: (capture: KeptCapture) => Promise<Known | undefined>
  /** It says what it films just now; `agoMs`: how long ago that began, in ms. */
  onFilms: (capture: Pick<Capture2, 'capture' | 'take' | 'agoMs'>) => void
  /** Whether a recording could be opened now. */
  hasRoom: () => boolean
  /** A phone that is back and does not say in this time that it goes on with what is open has given it up, in ms. */
  resumeWindowMs: number
}

export class Captures {
  readonly #options: CapturesOptions
  /** The capture whose packets come, and the number of the next. */
  #open: { id: string; next: number } | undefined
  /** The disk ended the recording, or refused it: the phone keeps all until it is asked again. */
  #isStalled = false
  #isRefused = false
  /** Captures that are being closed, and those that are on the disk. By id: how many packets. */
  readonly #ending = new Map<string, number>()
  readonly #done = new Map<string, number>()
  /** What was announced is looked into one after the other. */
  #turn: Promise<void> = Promise.resolve()
  /** How many are being looked into. */
  #pending = 0
  #isOver = false
  /** Since when it is connected anew and has not gone on with what is open, by the monotonic clock, in ms. */
  #unclaimedSinceMs: number | undefined
  #againAtMs = Number.NEGATIVE_INFINITY

  constructor(options: CapturesOptions) {
    this.#options = options
  }

  /** Whether a recording is kept open for what is still to come, or is about to be. */
  get isOpen(): boolean {
    return this.#isRecording || (this.#pending > 0 && !this.#isOver)
  }

  /** Whether the phone films, and keeps all of it: no recording could be opened. */
  get isRefused(): boolean {
    return this.#isRefused
  }

  get #isRecording(): boolean {
    return this.#open !== undefined && this.#options.isOpen()
  }

  /** The phone will send a capture. */
  begin(asked: Capture2): Promise<void> {
    // At once: what it says next may be that it has stopped.
    if (asked.packets === null) this.#options.onFilms(asked)
    this.#pending += 1
    this.#turn = this.#turn
      .then(() => this.#begin(asked))
      .finally(() => {
        this.#pending -= 1
      })
    return this.#turn
  }

  /** The phone is back; what it had begun it announces again. */
  back(): void {
    this.#unclaimedSinceMs = this.#options.clock.monotonicMs()
  }

  async #begin(asked: Capture2): Promise<void> {
    const { clock } = this.#options
    const { capture: id, from, packets, take, agoMs } = asked
    this.#unclaimedSinceMs = undefined
    if (this.#open?.id === id && this.#isRecording) return this.#next(id, Math.max(from, this.#open.next))
    const ending = this.#ending.get(id)
    // The acknowledgement follows by itself.
    if (ending !== undefined) return this.#next(id, ending)
    const done = this.#done.get(id)
    // More of it than there was is another one with its id: nothing of that is there.
    if (done !== undefined && packets !== null && packets <= done) return this.#allIsThere(id, done)
    this.#done.delete(id)
    if (this.#isRecording) this.#options.close()
    this.#open = undefined
    const capture: KeptCapture = {
      id,
      from,
      take: take ?? undefined,
      startedAtMs: clock.wallMs() - agoMs,
      startedMonotonicMs: clock.monotonicMs() - agoMs,
    }
    const known = await this.#options.find(capture).catch(() => undefined)
    if (known?.kind === 'closed' && known.next === packets && !this.#isOver)
      return this.#allIsThere(id, packets)
    const begun = known?.kind === 'begun' ? known.begun : undefined
    // Nobody would close what is opened once it is over.
    const isOpened =
      !this.#isOver && this.#options.open(begun ? startOf(capture, begun, clock) : capture, begun)
    this.#isStalled = !isOpened
    this.#isRefused = !isOpened && packets === null
    if (!isOpened) {
      if (known?.kind === 'begun') known.giveBack()
      return
    }
    const next = Math.max(from, begun?.next ?? from)
    this.#open = { id, next }
    this.#next(id, next)
  }

  /** @returns Whether the packet is one that the open recording needs. */
  isNew({ sequence }: FramePacket): boolean {
    const open = this.#open
    if (!open || sequence < open.next) return false
    if (!this.#options.isOpen()) {
      // What the disk did not take stays with the phone.
      this.#open = undefined
      this.#isStalled = true
      return false
    }
    open.next = sequence + 1
    return true
  }

  /** The phone has sent all of a capture. */
  end({ capture, packets }: CaptureEnd2): void {
    if (this.#open?.id !== capture) return
    this.#open = undefined
    // The disk has ended it already: the phone is asked for what it lacks.
    if (!this.#options.isOpen()) {
      this.#isStalled = true
      return
    }
    this.#ending.set(capture, packets)
    this.#options.close(packets)
  }

  /** It does not come back in time; this is over. */
  giveUp(): void {
    this.#isOver = true
    this.#open = undefined
    if (this.#options.isOpen()) this.#options.close()
  }

  /** Every packet below this number is on the disk. */
  synced(capture: string, sequence: number): void {
    this.#options.camera.say({ type: 'ack', capture, sequence })
    const packets = this.#ending.get(capture)
    if (packets === undefined || sequence < packets) return
    this.#ending.delete(capture)
    this.#remember(capture, packets)
  }

  /** A recording could not be closed with all that came: what was not acknowledged stays with the phone. */
  failed(capture: string): void {
    this.#ending.delete(capture)
    this.#isStalled = true
  }

  /** Call a few times a second. */
  tick(): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - (this.#unclaimedSinceMs ?? nowMs) >= this.#options.resumeWindowMs) this.#closeUnclaimed()
    if (!this.#isStalled || nowMs - this.#againAtMs < AGAIN_MS || !this.#options.hasRoom()) return
    this.#isStalled = false
    this.#againAtMs = nowMs
    this.#options.camera.say({ type: 'again' })
  }

  #closeUnclaimed(): void {
    this.#unclaimedSinceMs = undefined
    this.#open = undefined
    if (this.#options.isOpen()) this.#options.close()
  }

  #next(capture: string, sequence: number): void {
    this.#options.camera.say({ type: 'next', capture, sequence })
  }

  #allIsThere(capture: string, packets: number): void {
    this.#next(capture, packets)
    this.#options.camera.say({ type: 'ack', capture, sequence: packets })
  }

  #remember(capture: string, packets: number): void {
    this.#done.set(capture, packets)
    const [oldest] = this.#done.keys()
    if (this.#done.size > MAX_DONE) this.#done.delete(oldest!)
  }
}

/**
 * One that goes on began when its first part did, and with what that began with. Its times of arrival go on behind the last, though
 * the wall clock was set back meanwhile.
 */
function startOf(capture: KeptCapture, begun: BegunRecording, clock: Clock): KeptCapture {
  const { startedAtMs, capture: was } = begun.document
  const nowMs = Math.max(clock.wallMs(), begun.arrival.lastMs)
  const startedMonotonicMs = clock.monotonicMs() - (nowMs - startedAtMs)
  return { ...capture, from: was?.from ?? capture.from, startedAtMs, startedMonotonicMs }
}
