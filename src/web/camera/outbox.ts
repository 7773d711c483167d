/** All that is kept until it is acknowledged: in memory up to a bound, and in the phone's own store. */

import type { CaptureFiles, CaptureFilesEvents } from './capture-files.ts'
import { type CaptureNote, KeptCapture, type KeptPacket } from './kept-capture.ts'
import type { KeptStore } from './kept-store.ts'

/** Packets in memory, in bytes; what is more is in the store alone. */
const MEMORY_BYTES = 64 * 1024 * 1024

export interface OutboxOptions {
  /** Undefined: memory is all there is. */
  store: KeptStore | undefined
  memoryBytes?: number | undefined
}

export class Outbox {
  /** The oldest first; the last may still run. */
  readonly captures: KeptCapture[] = []
  /** The store is full, and the oldest pictures go. */
  isGivingUp = false
  readonly #files = new Map<KeptCapture, CaptureFiles>()
  readonly #full = new Set<KeptCapture>()
  readonly #store: KeptStore | undefined
  readonly #memoryBytes: number

  constructor({ store, memoryBytes = MEMORY_BYTES }: OutboxOptions) {
    this.#store = store
    this.#memoryBytes = memoryBytes
  }

  /** Takes up what earlier pages left. */
  async restore(): Promise<void> {
    const left = (await this.#store?.left((capture) => this.#eventsOf(capture)).catch(() => [])) ?? []
    for (const [capture, files] of left) this.#files.set(capture, files)
    this.captures.unshift(...left.map(([capture]) => capture))
  }

  /** There is no store. */
  get isMemoryOnly(): boolean {
    return !this.#store
  }

  /** The store takes no more at the moment. */
  get isFull(): boolean {
    return this.#full.size > 0
  }

  /** Pictures that were given up, of the captures that the server does not have or know of as a whole. */
  get dropped(): number {
    return this.captures.reduce((sum, { dropped }) => sum + dropped, 0)
  }

  begin(note: CaptureNote): KeptCapture {
    const capture = new KeptCapture(note)
    this.captures.push(capture)
    const files = this.#store?.files(note.id, this.#eventsOf(capture))
    if (files) this.#files.set(capture, files)
    void files?.note(note)
    return capture
  }

  add(capture: KeptCapture, picture: Parameters<KeptCapture['add']>[0]): KeptPacket {
    const packet = capture.add(picture)
    this.#files.get(capture)?.add(packet)
    if (this.#memoryUsed() > this.#memoryBytes && (!this.#store || this.isFull)) void this.#makeRoom()
    return packet
  }

  /**
   * Takes a picture that cannot be shown, because what it depends on was given up: it is counted.
   *
   * @returns Its number.
   */
  giveUp(capture: KeptCapture): number {
    const sequence = capture.giveUp()
    void this.#files.get(capture)?.note(capture.note)
    return sequence
  }

  /** No packet will be added. One that has none is forgotten at once. */
  end(capture: KeptCapture): void {
    capture.isEnded = true
    this.#files.get(capture)?.finish()
    if (capture.next === 0) this.forget(capture)
  }

  /** Every packet below this number is on the server's disk. */
  acknowledge(capture: KeptCapture, sequence: number): void {
    capture.acknowledge(sequence)
    const files = this.#files.get(capture)
    void files?.note(capture.note)
    void files?.trim(capture.from)
  }

  /** All of it is on the server's disk. */
  forget(capture: KeptCapture): void {
    const at = this.captures.indexOf(capture)
    if (at >= 0) this.captures.splice(at, 1)
    const files = this.#files.get(capture)
    this.#files.delete(capture)
    this.#full.delete(capture)
    void files?.close().then(() => this.#store?.remove(capture.id))
  }

  /** Brings a packet back into memory, and some behind it. One that the store has lost is given up. */
  async load(capture: KeptCapture, packet: KeptPacket): Promise<void> {
    const files = this.#files.get(capture)
    await files?.load(capture, packet.sequence)
    if (packet.message || capture.packets[0] !== packet) return
    capture.giveUpOldest()
    void files?.note(capture.note)
  }

  /** What is kept and not acknowledged. */
  waiting(): { ms: number; bytes: number } {
    const all = this.captures.map((capture) => capture.waiting())
    return {
      ms: all.reduce((sum, { ms }) => sum + ms, 0),
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    }
  }

  /** Lets go of the store: another page has it now. */
  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((files) => files.close()))
  }

  #memoryUsed(): number {
    return this.captures.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0)
  }

  #eventsOf(capture: KeptCapture): CaptureFilesEvents {
    return {
      onSegment: (first, last) => {
        if (this.#memoryUsed() <= this.#memoryBytes) return
        for (let at = first; at <= last; at += 1) {
          const packet = capture.after(at)
          if (packet && packet.sequence <= last) capture.release(packet)
        }
      },
      onFull: (isFull) => {
        if (isFull) this.#full.add(capture)
        else this.#full.delete(capture)
      },
    }
  }

  /** Gives up the oldest pictures, keyframe by keyframe, until the store takes again what memory has no room for. */
  async #makeRoom(): Promise<void> {
    if (this.isGivingUp) return
    this.isGivingUp = true
    try {
      while (this.#memoryUsed() > this.#memoryBytes && (!this.#store || this.isFull)) {
        // One of which nothing is left stays until the server has heard of it.
        const oldest = this.captures.find(({ packets }) => packets.length > 0)
        if (!oldest) return
        oldest.giveUpOldest()
        const files = this.#files.get(oldest)
        await files?.trim(oldest.from)
        // Before pictures take the room that was made.
        await files?.note(oldest.note)
        for (const capture of this.#full) this.#files.get(capture)?.retry()
      }
    } finally {
      this.isGivingUp = false
    }
  }
}
