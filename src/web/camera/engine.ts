/**
 * The camera below its page: films when it is told to, keeps what it filmed, and sends it.
 *
 * Here the parts are put together: film (frames to packets), outbox (what is kept), sender and link (the way to the server).
 */

import type { ToPhone2 } from '../../wire/protocol2.ts'
import { SUBPROTOCOL_2 } from '../../wire/protocol2-frames.ts'
import { Checksums } from './checksums.ts'
import { EncodedRate } from './encoded-rate.ts'
import { Film } from './film.ts'
import type { KeptCapture } from './kept-capture.ts'
import { Link, type Socket } from './link.ts'
import type { Outbox } from './outbox.ts'
import type { EncodedPicture } from './picture-encoder.ts'
import { Sender } from './sender.ts'
import { deviceUs, ServerClock } from './server-clock.ts'
import { isNearlyFull } from './storage-room.ts'
import type { CameraState, FromWorker, PictureSettings, ToWorker } from './worker-messages.ts'

type Open = Extract<ToWorker, { type: 'open' }>
type Start = Extract<ToPhone2, { command: 'start_capture' }>['payload']

const PUMP_MS = 50
const STATE_MS = 250
const LOOK_MS = 1000
const REPORT_MS = 2000
/** A start that names a time waits so long for the server's clock to be known, µs. */
const CLOCK_WAIT_US = 2_000_000

interface Running {
  kept: KeptCapture
  take: string | null
  startedAtMs: number
  askedUs: number
  /** By the server's clock; null: at once. */
  beginAtUs: number | null
  hasBegun: boolean
}

export class Engine {
  readonly #open: Open
  readonly #outbox: Outbox
  readonly #post: (message: FromWorker) => void
  readonly #link: Link
  readonly #sender: Sender
  readonly #film: Film
  readonly #clock = new ServerClock()
  readonly #sums = new Checksums()
  readonly #rate = new EncodedRate()
  readonly #timers: ReturnType<typeof setInterval>[]
  #settings: PictureSettings
  #running: Running | undefined
  #ending: Promise<void> = Promise.resolve()
  #reader: ReadableStreamDefaultReader<VideoFrame> | undefined
  /** One frame at least has come. */
  #hasFrames = false
  #battery: { level: number; isCharging: boolean } | undefined
  #name: string | null
  #serverName: string | null = null
  #isNearlyFull = false
  #isReplaced = false
  /** Ended, but some of its pictures are still in the encoder. */
  #last: Running | undefined
  #posted = ''

  constructor(options: { open: Open; outbox: Outbox; post: (message: FromWorker) => void }) {
    const { open, outbox, post } = options
    this.#open = open
    this.#outbox = outbox
    this.#post = post
    this.#settings = open.settings
    this.#name = open.name
    this.#film = new Film({
      settings: open.settings,
      onPicture: (picture, size) => this.#encoded(picture, size),
      aheadUs: () => this.#clock.aheadUs,
      isWanted: (captureUs) => this.#isWanted(captureUs),
    })
    this.#link = this.#makeLink()
    this.#sender = new Sender(this.#link, outbox, Date.now)
    this.#timers = [
      setInterval(() => this.#sender.pump(), PUMP_MS),
      setInterval(() => this.#show(), STATE_MS),
      setInterval(() => this.#look(), LOOK_MS),
      setInterval(() => this.#report(), REPORT_MS),
    ]
    this.#show()
  }

  hears(message: ToWorker): void {
    switch (message.type) {
      case 'frames':
        void this.#read(message.frames)
        break
      case 'frame':
        this.#take(message.frame)
        break
      case 'settings':
        this.#set(message.settings)
        break
      case 'name':
        this.#name = message.name
        break
      case 'battery':
        this.#battery = { level: message.level, isCharging: message.isCharging }
        break
      case 'start':
        if (!this.#running) void this.#start(null, null)
        break
      case 'stop':
        void this.#stop()
        break
      case 'checksums':
        void this.#sums.all().then((all) => this.#post({ type: 'checksums', ...all }))
        break
    }
  }

  /** Another page has this camera now: nothing is filmed any more, and what is kept is that page's. */
  async replaced(): Promise<void> {
    if (this.#isReplaced) return
    this.#isReplaced = true
    this.#link.close('replaced')
    for (const timer of this.#timers) clearInterval(timer)
    await this.#stop()
    await this.#read(null)
    await this.#outbox.close()
    this.#show()
  }

  #makeLink(): Link {
    const { url, id, model } = this.#open
    return new Link({
      connect: () => new WebSocket(url, SUBPROTOCOL_2) as unknown as Socket,
      hello: () => ({ type: 'hello', protocol: 2, id, name: this.#name, model }),
      isThere: () => isThere(url),
      nowUs: deviceUs,
      onOpen: () => {
        this.#film.wantKeyframe()
        this.#sender.restart()
        this.#report()
      },
      onMessage: (message) => this.#told(message),
      onState: () => {
        if (this.#link.state === 'replaced') void this.replaced()
        this.#show()
      },
    })
  }

  #told(message: ToPhone2): void {
    if ('command' in message) {
      if (message.command === 'start_capture') this.#commandedStart(message.payload)
      else if (message.command === 'stop_capture') this.#commandedStop(message.take)
      return
    }
    if (message.type === 'welcome') this.#serverName = message.name
    else if (message.type === 'clock') this.#clock.answered(message, deviceUs())
    else if (message.type === 'keyframe') this.#film.wantKeyframe()
    else this.#sender.heard(message)
  }

  #commandedStart(payload: Start): void {
    const { take, bitrate, fps, aspectRatio, beginAtUs } = payload
    if (this.#running?.take === take) {
      this.#say('capture_started')
      return
    }
    if (!this.#hasFrames) {
      this.#say('error', 'there is no picture: the camera is off, or not allowed')
      return
    }
    const ratio = aspectRatio ?? this.#settings.ratio
    const settings = { ...this.#settings, bitrateMbps: bitrate, fps, ratio }
    this.#set(settings)
    this.#post({ type: 'asked', settings })
    // What a person had begun ends here: the take has a recording of its own.
    if (this.#running) void this.#stop({ isSaid: false })
    void this.#start(take, beginAtUs ?? null)
  }

  #commandedStop(take: string | undefined): void {
    if (take !== undefined && this.#running?.take !== take) return
    if (this.#running) void this.#stop()
    else this.#say('capture_stopped')
  }

  async #start(take: string | null, beginAtUs: number | null): Promise<void> {
    const startedAtMs = Date.now()
    this.#say('capture_started')
    // The pictures of the one before come out of the encoder first.
    await this.#ending
    if (this.#running || this.#link.state === 'replaced') return
    const kept = this.#outbox.begin({ id: newId(), take, startedAtMs, acknowledged: 0 })
    const askedUs = deviceUs()
    this.#running = { kept, take, startedAtMs, askedUs, beginAtUs, hasBegun: false }
    this.#rate.clear()
    this.#show()
  }

  async #stop({ isSaid } = { isSaid: true }): Promise<void> {
    const running = this.#running
    if (!running) return
    this.#running = undefined
    if (isSaid) this.#say('capture_stopped')
    this.#last = running
    this.#ending = this.#film.end().then(() => {
      this.#last = undefined
      this.#outbox.end(running.kept)
      this.#sender.pump()
    })
    this.#show()
    await this.#ending
  }

  #isWanted(captureUs: number): boolean {
    const running = this.#running
    if (!running) return false
    if (running.hasBegun || running.beginAtUs === null) return true
    const aheadUs = this.#clock.aheadUs
    const isDue =
      aheadUs === null
        ? captureUs - running.askedUs > CLOCK_WAIT_US
        : captureUs + aheadUs >= running.beginAtUs
    running.hasBegun = isDue
    return isDue
  }

  #encoded(picture: EncodedPicture, size: { width: number; height: number }): void {
    const running = this.#last ?? this.#running
    if (!running) return
    const { kept } = running
    // Nothing begins but with a keyframe.
    if (kept.packets.length === 0 && !picture.isKeyframe) {
      this.#film.wantKeyframe()
      return
    }
    const { sequence } = this.#outbox.add(kept, picture)
    this.#rate.add(picture.captureUs, picture.payload.byteLength, size)
    if (this.#open.test) this.#sums.add(kept.id, sequence, picture.payload)
    this.#sender.pump()
  }

  async #read(frames: ReadableStream<VideoFrame> | null): Promise<void> {
    const before = this.#reader
    this.#reader = undefined
    this.#hasFrames = false
    this.#film.restart()
    await before?.cancel().catch(() => {})
    if (!frames) return
    const reader = frames.getReader()
    this.#reader = reader
    this.#hasFrames = true
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
      if (done || !value) break
      if (this.#reader === reader) this.#take(value)
      else value.close()
    }
    if (this.#reader === reader) this.#hasFrames = false
  }

  #take(frame: VideoFrame): void {
    this.#hasFrames = true
    this.#film.frame(frame)
  }

  #set(settings: PictureSettings): void {
    this.#settings = settings
    this.#film.settings = settings
  }

  #say(status: 'capture_started' | 'capture_stopped' | 'error', message?: string): void {
    this.#link.say({ status, message })
  }

  /** Once a second. */
  #look(): void {
    this.#sender.preview()
    if (this.#running) this.#film.look({ waitingMs: this.#sender.unsentMs, isConnected: this.#link.isOpen })
    void isNearlyFull(this.#outbox.waiting().bytes).then((is) => {
      this.#isNearlyFull = is
    })
  }

  #report(): void {
    const { waitingMs, waitingBytes, dropped, notice, encoded } = this.#state()
    const battery = this.#battery?.level ?? null
    const isCharging = this.#battery?.isCharging ?? null
    this.#link.say({
      type: 'report',
      waitingMs,
      waitingBytes,
      dropped,
      battery,
      isCharging,
      notice: notice && NOTICES[notice](encoded?.mbps ?? 0),
    })
  }

  #state(): CameraState {
    const { ms, bytes } = this.#outbox.waiting()
    const running = this.#running
    const { captures } = this.#outbox
    const { aheadUs } = this.#clock
    const waits = running && !running.hasBegun && running.beginAtUs !== null
    return {
      link: this.#link.state,
      serverName: this.#serverName,
      capture: running
        ? {
            id: running.kept.id,
            startedAtMs: running.startedAtMs,
            beginsAtMs: waits ? (running.beginAtUs! - (aheadUs ?? 0)) / 1000 : null,
            byOperator: running.take !== null,
          }
        : null,
      waitingMs: ms,
      waitingBytes: bytes,
      dropped: captures.at(-1)?.dropped ?? 0,
      encoded: this.#rate.now,
      aheadMs: aheadUs === null ? null : aheadUs / 1000,
      notice: this.#notice(),
      leftCaptures: captures.filter(({ isEnded }) => isEnded).length,
    }
  }

  #notice(): CameraState['notice'] {
    if (this.#film.hasFailed) return 'encoder-failed'
    if (this.#outbox.isGivingUp) return 'storage-full'
    if (this.#isNearlyFull || this.#outbox.isFull) return 'storage-nearly-full'
    return this.#running && this.#film.isLowered ? 'bitrate-lowered' : null
  }

  /** Tells the page, when there is something new. */
  #show(): void {
    const state = this.#state()
    const text = JSON.stringify(state)
    if (text === this.#posted) return
    this.#posted = text
    this.#post({ type: 'state', state })
  }
}

/** For the operator. */
const NOTICES: Record<NonNullable<CameraState['notice']>, (mbps: number) => string> = {
  'bitrate-lowered': (mbps) =>
    `the bitrate was lowered to ${mbps} Mbit/s: the network or the phone cannot follow`,
  'storage-nearly-full': () => "the phone's storage is nearly full",
  'storage-full': () => "the phone's storage is full: its oldest pictures are given up",
  'encoder-failed': () => "the phone's encoder has failed",
}

/** Of a capture; never used again. */
function newId(): string {
  return `c-${crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`
}

/** Whether the server answers a plain request. */
async function isThere(socketUrl: string): Promise<boolean> {
  const url = new URL('/api/health', socketUrl.replace(/^ws/, 'http'))
  return fetch(url, { cache: 'no-store' }).then(
    () => true,
    () => false,
  )
}
