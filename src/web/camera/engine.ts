/**
 * The camera below its page: films when it is told to, keeps what it filmed, and sends it.
 *
 * Here the parts are put together: shooting (frames to packets), outbox (what is kept), sender and link (the way to the server).
 */

import type { Hello2, Status2, ToPhone2 } from '../../wire/protocol2.ts'
import { SUBPROTOCOL_2 } from '../../wire/protocol2-frames.ts'
import { agoOf } from './ago.ts'
import { Link, type Socket } from './link.ts'
import { Notices } from './notices.ts'
import type { Outbox } from './outbox.ts'
import { Sender } from './sender.ts'
import { deviceUs, ServerClock } from './server-clock.ts'
import { LOOK_EVERY_MS, Shooting } from './shooting.ts'
import type { StoppedTake } from './stopped-take.ts'
import type { CameraState, FromWorker, PictureSettings, ToWorker } from './worker-messages.ts'

type Open = Extract<ToWorker, { type: 'open' }>
type Start = Extract<ToPhone2, { command: 'start_capture' }>['payload']

/** Sockets do not tell when there is room again. */
const PUMP_MS = 50
const LOOK_MS = 1000
const REPORT_MS = 2000
/** The room asks once a second while somebody watches: after so long nobody does, in ms. */
const SEEN_MS = 3000
/** A page that has just been opened has no pictures yet: a start waits for them so long, in ms. Less than `confirmMs`. */
const EARLY_MS = 4000

export interface EngineOptions {
  open: Open
  outbox: Outbox
  stopped: StoppedTake
  post: (message: FromWorker) => void
}

export class Engine {
  readonly #open: Open
  readonly #outbox: Outbox
  readonly #post: (message: FromWorker) => void
  readonly #link: Link
  readonly #sender: Sender
  readonly #shooting: Shooting
  readonly #notices: Notices
  readonly #clock = new ServerClock()
  readonly #timers: ReturnType<typeof setInterval>[]
  /** What the holder chose: it holds but in takes. */
  #own: PictureSettings
  /** The take that runs has pictures of its own. */
  #isAsked = false
  #battery: { level: number; isCharging: boolean } | undefined
  #name: string | null
  #serverName: string | null = null
  /** A start that came before the pictures: it begins with them. */
  #early: Start | undefined
  #earlyTimer: ReturnType<typeof setTimeout> | undefined
  /** Said with each hello, until something is started. */
  readonly #stopped: StoppedTake
  #replaced: Promise<void> | undefined
  /** When a picture went to the control room that nothing recorded. */
  #seenAtMs = Number.NEGATIVE_INFINITY
  #posted = ''

  constructor({ open, outbox, stopped, post }: EngineOptions) {
    this.#stopped = stopped
    this.#open = open
    this.#outbox = outbox
    this.#post = post
    this.#own = open.settings
    this.#name = open.name
    this.#shooting = new Shooting({
      settings: open.settings,
      outbox,
      aheadUs: () => this.#clock.aheadUs,
      onMore: () => this.#sender.pump(),
      onFramesAgain: () => this.#show(),
      onGlimpse: (picture) => {
        if (this.#sender.glimpse(picture)) this.#seenAtMs = performance.now()
      },
      test: open.test,
    })
    this.#notices = new Notices(outbox, this.#shooting)
    this.#link = this.#makeLink()
    this.#sender = new Sender(this.#link, outbox, Date.now)
    this.#timers = [
      setInterval(() => this.#sender.pump(), PUMP_MS),
      setInterval(() => this.#watch(), LOOK_EVERY_MS),
      setInterval(() => this.#look(), LOOK_MS),
      setInterval(() => this.#report(), REPORT_MS),
    ]
    this.#show()
  }

  hears(message: ToWorker): void {
    const shooting = this.#shooting
    if (message.type === 'frames' || message.type === 'frame') {
      if (message.type === 'frame') shooting.take(message.frame)
      else void shooting.read(message.frames)
      if (this.#early && shooting.hasFrames) this.#commandedStart(this.#early)
    } else if (message.type === 'settings') this.#chosen(message)
    else if (message.type === 'name') this.#rename(message.name)
    else if (message.type === 'battery') this.#battery = message
    else if (message.type === 'start') this.#personStarts()
    else if (message.type === 'stop') this.#personStops()
    else if (message.type === 'checksums')
      void shooting.sums.all().then((all) => this.#post({ type: 'checksums', ...all }))
  }

  /** Another page has this camera now: nothing is filmed any more. Resolves when the store is free for that page. */
  replaced(): Promise<void> {
    this.#replaced ??= this.#giveWay()
    return this.#replaced
  }

  async #giveWay(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#callOff()
    this.#link.close('replaced')
    await this.#shooting.stop()
    await this.#shooting.read(null)
    await this.#outbox.close()
    this.#show()
  }

  /** A later hello tells the server at once. */
  #rename(name: string | null): void {
    this.#name = name
    this.#link.say(this.#hello())
  }

  #hello(): Hello2 {
    const { id, model } = this.#open
    const { take, atMs = 0 } = this.#stopped.now ?? {}
    const stopped = take === undefined ? null : { take, agoMs: agoOf(atMs, Date.now()) }
    return { type: 'hello', protocol: 2, id, name: this.#name, model, stopped }
  }

  #makeLink(): Link {
    const { url } = this.#open
    return new Link({
      connect: () => new WebSocket(url, SUBPROTOCOL_2) as unknown as Socket,
      hello: () => this.#hello(),
      isThere: () => isThere(url),
      nowUs: deviceUs,
      onOpen: () => {
        this.#clock.reconnected()
        this.#shooting.film.wantKeyframe()
        this.#sender.restart()
        this.#report()
        // A start that still holds is given again.
        this.#callOff()
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
    } else if (message.type === 'welcome' || message.type === 'name') this.#serverName = message.name
    else if (message.type === 'clock') this.#clock.answered(message, deviceUs(), Date.now() * 1000)
    else if (message.type === 'keyframe') this.#shooting.wantPicture()
    else if (message.type === 'next' || message.type === 'ack' || message.type === 'again')
      this.#sender.heard(message)
  }

  #personStarts(): void {
    if (this.#shooting.running || this.#replaced) return
    this.#say('capture_started')
    void this.#shooting.start(null, null).then(() => this.#show())
  }

  /** It holds for the take, whatever is given again when there is a new connection. */
  #personStops(): void {
    const take = this.#shooting.running?.take ?? this.#early?.take
    if (take !== undefined) this.#stopped.set({ take, atMs: Date.now() })
    this.#callOff()
    this.#stop()
  }

  #stop(): void {
    this.#say('capture_stopped')
    void this.#shooting.stop()
    this.#takeIsOver()
    this.#show()
  }

  /** What the holder chose holds again. */
  #takeIsOver(): void {
    if (!this.#isAsked) return
    this.#isAsked = false
    this.#shooting.film.settings = this.#own
    this.#post({ type: 'asked', settings: null })
  }

  #commandedStart(start: Start): void {
    const { running, hasFrames } = this.#shooting
    const { take, bitrate, fps, aspectRatio, beginAtUs } = start
    this.#callOff()
    this.#stopped.set(undefined)
    if (running?.take === take) this.#say('capture_started')
    else if (!hasFrames) {
      this.#early = start
      this.#earlyTimer = setTimeout(() => {
        // A person may allow it later: it is begun then.
        this.#say('error', 'there is no picture: the camera is off, or not allowed')
      }, EARLY_MS)
    } else {
      this.#say('capture_started')
      const settings = { ...this.#own, bitrateMbps: bitrate, fps, ratio: aspectRatio ?? this.#own.ratio }
      this.#isAsked = true
      this.#shooting.film.settings = settings
      this.#post({ type: 'asked', settings })
      // What a person had begun ends by it: the take has a recording of its own.
      void this.#shooting.start(take, beginAtUs ?? null).then(() => this.#show())
    }
  }

  #commandedStop(take: string | undefined): void {
    if (take === undefined || this.#early?.take === take) this.#callOff()
    if (take === undefined || this.#shooting.running?.take === take) this.#stop()
  }

  #callOff(): void {
    this.#early = undefined
    clearTimeout(this.#earlyTimer)
  }

  #chosen({ settings, own }: ToWorker & { type: 'settings' }): void {
    this.#own = own
    this.#shooting.film.settings = this.#isAsked ? settings : own
  }

  #say(status: Status2['status'], message?: string): void {
    this.#link.say({ status, message })
  }

  #watch(): void {
    this.#shooting.look()
    this.#show()
  }

  /** Once a second. */
  #look(): void {
    this.#sender.preview()
    const { running, film } = this.#shooting
    if (running) film.look({ waitingMs: this.#sender.behindMs, isConnected: this.#link.isOpen })
    this.#notices.look()
  }

  #report(): void {
    const state = this.#state()
    const { waitingMs, waitingBytes, dropped } = state
    const { level: battery = null, isCharging = null } = this.#battery ?? {}
    const notice = this.#notices.text
    this.#link.say({ type: 'report', waitingMs, waitingBytes, dropped, battery, isCharging, notice })
  }

  #state(): CameraState {
    const { ms, bytes } = this.#outbox.waiting()
    const { running, encoded } = this.#shooting
    const { aheadUs } = this.#clock
    const capture = running && {
      id: running.kept.id,
      startedAtMs: running.startedAtMs,
      beginsAtMs: running.hasBegun ? null : (running.beginAtUs! - (aheadUs ?? 0)) / 1000,
      byOperator: running.take !== null,
    }
    return {
      link: this.#link.state,
      serverName: this.#serverName,
      capture: capture ?? null,
      waitingMs: ms,
      waitingBytes: bytes,
      isMemoryOnly: this.#outbox.isMemoryOnly,
      dropped: this.#outbox.dropped,
      encoded,
      aheadMs: aheadUs === null ? null : aheadUs / 1000,
      notice: this.#notices.now,
      isSeen: running === undefined && performance.now() - this.#seenAtMs < SEEN_MS,
      leftCaptures: this.#outbox.captures.filter((one) => one !== running?.kept).length,
    }
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

/** Whether the server itself answers a plain request: what a proxy says that finds none is no answer. Never rejects. */
async function isThere(socketUrl: string): Promise<boolean> {
  const url = new URL('/api/health?check=live', socketUrl.replace(/^ws/, 'http'))
  try {
    const health: { live?: unknown } | null = await (await fetch(url, { cache: 'no-store' })).json()
    return health?.live === true
  } catch {
    return false
  }
}
