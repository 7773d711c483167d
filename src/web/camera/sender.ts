/**
 * Sends what is kept, the oldest capture first, as docs/protocol-2.md has it: `capture`, packets from where the server says,
 * `capture_end`. While much waits, the newest keyframe goes ahead for the viewers.
 */

import { encodeFramePacket } from '../../wire/frame-packet.ts'
import type { FromPhone2, ToPhone2 } from '../../wire/protocol2.ts'
import { setPreview } from '../../wire/protocol2-frames.ts'
import { agoOf } from './ago.ts'
import type { KeptCapture, KeptPacket } from './kept-capture.ts'
import { SocketRoom } from './socket-room.ts'

/** A preview may wait in the browser's socket though recorded pictures fill their room there: so many bytes more. */
const PREVIEW_BYTES = 256 * 1024
/** When pictures are sent later than this, viewers are shown the newest keyframe, in ms. */
const LATE_MS = 2000

/** A way to the server, open or not. */
export interface Way {
  readonly isOpen: boolean
  /** Bytes that are not on their way yet. */
  readonly buffered: number
  say(message: FromPhone2): void
  send(message: Uint8Array): void
}

/** What there is to send. */
export interface Kept {
  readonly captures: readonly KeptCapture[]
  load(capture: KeptCapture, packet: KeptPacket): Promise<void>
  acknowledge(capture: KeptCapture, sequence: number): void
  forget(capture: KeptCapture): void
}

interface Turn {
  capture: KeptCapture
  /** When it was announced. */
  wasEnded: boolean
  /** The packet that goes out next; undefined until the server has said it. */
  next: number | undefined
}

export class Sender {
  readonly #way: Way
  readonly #kept: Kept
  readonly #nowMs: () => number
  /** Whose turn it is. */
  #turn: Turn | undefined
  /** Ended on this connection: only their acknowledgement is waited for. */
  readonly #ended = new Set<KeptCapture>()
  #isLoading = false
  #room = new SocketRoom()
  #previewed: KeptPacket | undefined

  constructor(way: Way, kept: Kept, nowMs: () => number) {
    this.#way = way
    this.#kept = kept
    this.#nowMs = nowMs
  }

  /** How long the running capture's pictures last that are not sent, in ms. */
  get unsentMs(): number {
    const running = this.#kept.captures.at(-1)
    if (!running || running.isEnded) return 0
    return running.lengthFrom(Math.max(running.acknowledged, this.#nextOf(running)))
  }

  /** The same, as far as it tells of the way; null while the capture does not have its turn. */
  get behindMs(): number | null {
    const running = this.#kept.captures.at(-1)
    const isTurn = running !== undefined && this.#turn?.capture === running && this.#turn.next !== undefined
    return isTurn ? this.unsentMs : null
  }

  /** There is a new connection, or the server asks anew: all is said from the beginning. */
  restart(): void {
    this.#turn = undefined
    this.#ended.clear()
    this.#room = new SocketRoom()
    this.pump()
  }

  heard(message: Extract<ToPhone2, { type: 'next' | 'ack' | 'again' }>): void {
    if (message.type === 'again') {
      this.restart()
      return
    }
    const capture = this.#kept.captures.find(({ id }) => id === message.capture)
    if (!capture) return
    if (message.type === 'next') {
      if (this.#turn?.capture === capture) this.#turn.next = message.sequence
      this.pump()
      return
    }
    this.#kept.acknowledge(capture, message.sequence)
    if (capture.isDone && this.#ended.has(capture)) this.#forget(capture)
  }

  /** Sends what can be sent. Call it when there is more, and a few times a second: sockets do not tell when they are empty. */
  pump(): void {
    this.#room.look(this.#way.buffered, this.#nowMs())
    while (this.#way.isOpen && !this.#isLoading) {
      this.#turn ??= this.#nextTurn()
      const turn = this.#turn
      if (turn?.next === undefined) return
      const { capture } = turn
      const packet = capture.after(turn.next)
      if (!packet) {
        if (!capture.isEnded) return
        this.#end(turn.next)
        continue
      }
      if (this.#way.buffered + packet.bytes > this.#room.bytes && this.#way.buffered > 0) return
      if (!packet.message) {
        void this.#load(capture, packet)
        return
      }
      this.#send(packet.message)
      turn.next = packet.sequence + 1
    }
  }

  /** Shows viewers what is now, while what is recorded comes later. Call it once a second. */
  preview(): void {
    const running = this.#kept.captures.at(-1)
    if (!this.#way.isOpen || !running || running.isEnded || this.unsentMs < LATE_MS) return
    const packet = running.packets.findLast(({ isKeyframe }) => isKeyframe)
    if (!packet?.message || packet === this.#previewed) return
    if (packet.sequence < this.#nextOf(running)) return
    if (this.#way.buffered + packet.bytes > this.#room.bytes + PREVIEW_BYTES && this.#way.buffered > 0) return
    const message = packet.message.slice()
    setPreview(message, true)
    this.#send(message)
    this.#previewed = packet
  }

  /** Shows viewers a picture of no capture. @returns Whether it went. */
  glimpse({ captureUs, payload }: { captureUs: number; payload: Uint8Array }): boolean {
    if (!this.#way.isOpen || this.#way.buffered > PREVIEW_BYTES) return false
    const message = encodeFramePacket({ captureMs: captureUs, sequence: 0, payload })
    setPreview(message, true)
    this.#send(message)
    return true
  }

  #send(message: Uint8Array): void {
    this.#way.send(message)
    this.#room.handed(message.byteLength)
  }

  #nextOf(capture: KeptCapture): number {
    return (this.#turn?.capture === capture ? this.#turn.next : undefined) ?? 0
  }

  #nextTurn(): Turn | undefined {
    const capture = this.#kept.captures.find((one) => !this.#ended.has(one) && one.next > 0)
    if (!capture) return undefined
    const { id, neededFrom: from, take, isEnded, startedAtMs } = capture
    const agoMs = agoOf(startedAtMs, this.#nowMs())
    const packets = isEnded ? capture.next : null
    this.#way.say({ type: 'capture', capture: id, from, packets, take, agoMs })
    return { capture, wasEnded: isEnded, next: undefined }
  }

  #end(next: number): void {
    const { capture, wasEnded } = this.#turn!
    // A page that was reloaded may have sent one that it had not stored.
    const packets = Math.max(capture.next, next)
    this.#way.say({ type: 'capture_end', capture: capture.id, packets })
    this.#ended.add(capture)
    this.#turn = undefined
    // The server had all of it before, and closed it: no acknowledgement follows.
    if (wasEnded && capture.isDone) this.#forget(capture)
  }

  #forget(capture: KeptCapture): void {
    this.#ended.delete(capture)
    this.#kept.forget(capture)
  }

  async #load(capture: KeptCapture, packet: KeptPacket): Promise<void> {
    this.#isLoading = true
    await this.#kept.load(capture, packet)
    this.#isLoading = false
    // One that the store has lost is left out.
    if (!packet.message && this.#turn?.capture === capture) this.#turn.next = packet.sequence + 1
    this.pump()
  }
}
