/** One capture's packets, from the first that the server may still need to the newest. Pure. */

import { encodeFramePacket } from '../../wire/frame-packet.ts'

export interface KeptPacket {
  readonly sequence: number
  readonly captureUs: number
  readonly isKeyframe: boolean
  /** Of the whole frame packet. */
  readonly bytes: number
  /** The frame packet, its header too; null while it is in the store alone. */
  message: Uint8Array | null
}

/** What is known of a capture beside its packets. */
export interface CaptureNote {
  id: string
  /** Of the command that began it; null when a person did. */
  take: string | null
  /** By this device's clock. */
  startedAtMs: number
  /** Every packet below this number is on the server's disk. */
  acknowledged: number
  /** Pictures that were given up. */
  dropped: number
  /** The number behind the last of them; 0 when there is none. */
  droppedTo: number
}

/** Of a capture that begins now. */
export function newNote(id: string, take: string | null): CaptureNote {
  return { id, take, startedAtMs: Date.now(), acknowledged: 0, dropped: 0, droppedTo: 0 }
}

export class KeptCapture {
  readonly id: string
  readonly take: string | null
  readonly startedAtMs: number
  /** The first is a keyframe's. */
  readonly packets: KeptPacket[] = []
  /** Number of the next packet: how many there were in all. */
  next: number
  acknowledged: number
  /** No packet will be added. */
  isEnded = false
  dropped: number
  #droppedTo: number
  /** Of the packets that are in memory. */
  memoryBytes = 0

  constructor({ id, take, startedAtMs, acknowledged, dropped, droppedTo }: CaptureNote) {
    this.id = id
    this.take = take
    this.startedAtMs = startedAtMs
    this.acknowledged = acknowledged
    this.dropped = dropped
    this.next = this.#droppedTo = droppedTo
  }

  /** All of it is on the server's disk. */
  get isDone(): boolean {
    return this.isEnded && this.acknowledged >= this.next
  }

  /** The first packet that there is; that of the next one when there is none. */
  get from(): number {
    return this.packets[0]?.sequence ?? this.next
  }

  /** The first packet that the server may still need, whether it is there or was given up. */
  get neededFrom(): number {
    return Math.min(this.from, this.acknowledged)
  }

  get note(): CaptureNote {
    const { id, take, startedAtMs, acknowledged, dropped } = this
    return { id, take, startedAtMs, acknowledged, dropped, droppedTo: this.#droppedTo }
  }

  /** Takes a picture in, and numbers it. */
  add(picture: { captureUs: number; isKeyframe: boolean; payload: Uint8Array }): KeptPacket {
    const { captureUs, isKeyframe, payload } = picture
    const sequence = this.next
    const message = encodeFramePacket({ captureMs: captureUs, sequence, payload })
    const packet = { sequence, captureUs, isKeyframe, bytes: message.byteLength, message }
    this.packets.push(packet)
    this.memoryBytes += packet.bytes
    this.next += 1
    return packet
  }

  /** Takes back what an earlier page has left in the store. */
  restore(packet: Omit<KeptPacket, 'message'>): void {
    // What it depends on is gone.
    if (this.packets.length === 0 && !packet.isKeyframe) return
    this.packets.push({ ...packet, message: null })
    this.next = Math.max(this.next, packet.sequence + 1)
  }

  /** A picture that nothing here can show, because what it depends on was given up: it uses its number up. */
  giveUp(): number {
    const sequence = this.next
    this.next += 1
    this.dropped += 1
    this.#droppedTo = this.next
    return sequence
  }

  /** The first packet with this number or a greater one. */
  after(sequence: number): KeptPacket | undefined {
    return this.packets[this.#indexOf(sequence)]
  }

  /** It goes from memory. */
  release(packet: KeptPacket): void {
    if (packet.message) this.memoryBytes -= packet.bytes
    packet.message = null
  }

  /** It is in memory again. */
  fill(packet: KeptPacket, message: Uint8Array): void {
    if (!packet.message) this.memoryBytes += packet.bytes
    packet.message = message
  }

  /** Every packet below this number is on the server's disk: those go that nothing unacknowledged depends on. */
  acknowledge(sequence: number): void {
    this.acknowledged = Math.max(this.acknowledged, sequence)
    const first = this.#indexOf(this.acknowledged)
    const isAll = first === this.packets.length && this.isEnded
    const keyframe = this.packets.findLastIndex(({ isKeyframe }, i) => isKeyframe && i <= first)
    this.#remove(isAll ? first : Math.max(0, keyframe))
  }

  /** The oldest pictures go, up to the next keyframe. */
  giveUpOldest(): void {
    const next = this.packets.findIndex(({ isKeyframe }, i) => i > 0 && isKeyframe)
    const count = next < 0 ? this.packets.length : next
    this.dropped += Math.max(0, count - this.#indexOf(this.acknowledged))
    if (count > 0) this.#droppedTo = this.packets[count - 1]!.sequence + 1
    this.#remove(count)
  }

  /** What is not acknowledged. */
  waiting(): { ms: number; bytes: number } {
    return this.#sum(this.acknowledged)
  }

  /** How long the pictures from this number on last, in ms. */
  lengthFrom(sequence: number): number {
    return this.#sum(sequence).ms
  }

  #sum(sequence: number): { ms: number; bytes: number } {
    let bytes = 0
    const first = this.#indexOf(sequence)
    for (let i = first; i < this.packets.length; i += 1) bytes += this.packets[i]!.bytes
    const ms =
      first < this.packets.length
        ? (this.packets.at(-1)!.captureUs - this.packets[first]!.captureUs) / 1000
        : 0
    return { ms, bytes }
  }

  #remove(count: number): void {
    for (const { message, bytes } of this.packets.splice(0, count)) if (message) this.memoryBytes -= bytes
  }

  #indexOf(sequence: number): number {
    let [low, high] = [0, this.packets.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.packets[middle]!.sequence < sequence) low = middle + 1
      else high = middle
    }
    return low
  }
}
