/** One capture of a simulated phone: from `start_capture` to `capture_stopped`. */

import type { Clock } from '../time.ts'
import { encodeFramePacket } from '../wire/frame-packet.ts'
import type { CameraStatus } from '../wire/messages.ts'
import type { CaptureAccount, CaptureEnd } from './account.ts'
import { pictureTimeMs } from './camera-times.ts'
import { Outbox } from './outbox.ts'
import type { Picture, PictureRequest, PictureSource } from './source.ts'

/** `capture_started` comes from another thread: after this many pictures, or after this time in ms. */
const EARLY_PICTURES = 2
const LATEST_STARTED_MS = 300

/** What a capture needs of its phone. */
export interface CaptureOptions {
  request: PictureRequest
  openSource: (request: PictureRequest) => Promise<PictureSource>
  /** Queues a binary message; false when the send queue is full and the phone hangs up. */
  sendPacket: (message: Uint8Array) => boolean
  sendStatus: (status: CameraStatus['status'], message: string) => void
  /** The phone's own clock at a time of `clock.monotonicMs()`; whole ms since its boot. */
  phoneMs: (monotonicMs: number) => number
  /** Most that a packet waits before it is sent. */
  jitterMs: number
  /** Probability that a picture is dropped before sending, 0 to 1. */
  lossShare: number
  random: () => number
  clock: Clock
  /** Filled in as the capture goes on. */
  account: CaptureAccount
}

/** A running capture. */
export class Capture {
  /** Resolves when all is sent, `capture_stopped` included, or the capture was cut. Never rejects. */
  readonly done: Promise<void>
  readonly #options: CaptureOptions
  readonly #outbox: Outbox
  #source: PictureSource | undefined
  #sequence = 0
  #sent = 0
  #started = false
  #stopping = false
  #cut = false
  #wake: (() => void) | undefined

  /** Begins at once. */
  constructor(options: CaptureOptions) {
    this.#options = options
    this.#outbox = new Outbox(options.clock)
    this.done = this.#run()
  }

  /** Ends the capture as `stop_capture` does: what was captured is still sent. */
  stop(): void {
    this.#stopping = true
    this.#source?.close()
    this.#wake?.()
  }

  /** Ends the capture without another word: the connection is gone. */
  cut(ended: CaptureEnd): void {
    if (this.#cut || this.#options.account.ended !== 'running') return
    this.#cut = true
    this.#options.account.ended = ended
    this.stop()
    this.#outbox.discard()
  }

  async #run(): Promise<void> {
    const { account } = this.#options
    let ended: CaptureEnd = 'stopped'
    try {
      if (!(await this.#stream())) ended = 'source-ended'
    } catch (error) {
      ended = 'source-ended'
      if (!this.#cut) this.#options.sendStatus('error', `no pictures: ${(error as Error).message}`)
    }
    this.#source?.close()
    await this.#outbox.idle()
    if (this.#cut) return
    this.#sayStarted()
    this.#options.sendStatus('capture_stopped', 'Capture stopped')
    account.ended = ended
  }

  /** @returns false when the source ended by itself. */
  async #stream(): Promise<boolean> {
    const { request, clock, account, openSource } = this.#options
    const source = await openSource(request)
    this.#source = source
    account.source = source.kind
    if (this.#cut) return true
    this.#sendConfiguration(source.configuration)
    const startedTimer = setTimeout(() => this.#sayStarted(), LATEST_STARTED_MS)
    try {
      // Cameras are out of step with one another by parts of a frame.
      const startMs = Math.ceil(
        clock.monotonicMs() + (this.#options.random() * 1000) / request.throttle.nativeFps,
      )
      for (let index = 0; !this.#stopping; index += 1) {
        const picture = await source.next()
        if (this.#stopping) break
        if (!picture) return false
        const dueMs = startMs + pictureTimeMs(request.throttle, index)
        await this.#sleepUntil(dueMs)
        if (this.#stopping) break
        account.maxLateMs = Math.max(account.maxLateMs, Math.round(clock.monotonicMs() - dueMs))
        this.#take(picture, this.#options.phoneMs(dueMs))
      }
      return true
    } finally {
      clearTimeout(startedTimer)
    }
  }

  #sendConfiguration(payload: Uint8Array): void {
    const message = encodeFramePacket({ captureMs: 0, sequence: this.#nextSequence(), payload })
    this.#outbox.add(this.#delayMs(), () => {
      if (this.#hand(message)) this.#options.account.bytes += payload.length
    })
  }

  #take({ payload, keyframe }: Picture, captureMs: number): void {
    const { account, random, lossShare } = this.#options
    const sequence = this.#nextSequence()
    if (random() < lossShare) {
      account.droppedSequences.push(sequence)
      return
    }
    const message = encodeFramePacket({ captureMs, sequence, payload })
    const droppedBefore = account.droppedSequences.length
    this.#outbox.add(this.#delayMs(), () => {
      if (!this.#hand(message)) return
      account.pictures += 1
      if (keyframe) account.keyframes += 1
      if (account.keyframes === 0) account.picturesBeforeKeyframe += 1
      account.bytes += payload.length
      account.missing = droppedBefore
      account.firstCaptureMs ??= captureMs
      account.lastCaptureMs = captureMs
      this.#sent += 1
      if (this.#sent === EARLY_PICTURES) this.#sayStarted()
    })
  }

  /** @returns false when it could not be queued; the capture is over then. */
  #hand(message: Uint8Array): boolean {
    if (this.#cut) return false
    if (this.#options.sendPacket(message)) return true
    this.cut('send-queue-full')
    return false
  }

  #sayStarted(): void {
    if (this.#started || this.#cut) return
    this.#started = true
    this.#options.sendStatus('capture_started', 'Capture started')
  }

  #nextSequence(): number {
    const sequence = this.#sequence
    this.#sequence = (sequence + 1) >>> 0
    return sequence
  }

  #delayMs(): number {
    const { jitterMs, random } = this.#options
    return jitterMs > 0 ? random() * jitterMs : 0
  }

  /** Returns early when the capture is stopped. Gives other phones their turn even when it is late. */
  async #sleepUntil(dueMs: number): Promise<void> {
    const waitMs = dueMs - this.#options.clock.monotonicMs()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, waitMs))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }
}
