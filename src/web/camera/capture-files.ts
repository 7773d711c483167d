/**
 * One capture in the phone's own store: a folder with a note, and its packets in segments that each begin with a keyframe.
 *
 * A packet is written at once: what is sent has been written, but for the moment in which a segment is opened. So a page that is
 * reloaded has all of it, and a segment whose packets are acknowledged goes as a whole.
 */

import { type CaptureNote, type KeptCapture, type KeptPacket, newNote } from './kept-capture.ts'
import { readRecords, recordHeader } from './record.ts'
import { openFile, readFile, type SyncFile } from './store-file.ts'

/** A segment ends at the first keyframe behind so many bytes: about a second's pictures. */
const SEGMENT_BYTES = 512 * 1024
const NOTE = 'capture.json'
/** The note is written in place, always as long as this. */
const NOTE_BYTES = 512

interface Segment {
  name: string
  /** Numbers of the first and the last packet in it. */
  first: number
  last: number
}

export interface CaptureFilesEvents {
  /** All packets up to this number, from that one on, are in a segment that is closed. */
  onSegment: (first: number, last: number) => void
  /** The store takes no more; or takes again. */
  onFull: (isFull: boolean) => void
}

export class CaptureFiles {
  readonly #folder: Promise<FileSystemDirectoryHandle>
  readonly #events: CaptureFilesEvents
  readonly #segments: Segment[] = []
  /** Taken in and not written yet. */
  readonly #queue: KeptPacket[] = []
  #file: SyncFile | undefined
  #size = 0
  #opening: Promise<void> | undefined
  #isFull = false
  /** No packet will be added. */
  #isFinished = false
  #isClosed = false
  #note: SyncFile | undefined
  #noted: Promise<void> = Promise.resolve()

  constructor(folder: Promise<FileSystemDirectoryHandle>, events: CaptureFilesEvents) {
    this.#folder = folder
    this.#events = events
  }

  /** Gives what an earlier page has left to the capture. Throws nothing: what is unreadable is left out. */
  async restore(capture: KeptCapture): Promise<void> {
    const folder = await this.#folder
    const names: string[] = []
    for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys())
      if (name !== NOTE) names.push(name)
    for (const name of names.sort()) {
      const packets = readRecords(await readFile(folder, name).catch(() => new Uint8Array()))
      const [first, last] = [packets[0]?.sequence, packets.at(-1)?.sequence]
      if (first === undefined || last === undefined) continue
      this.#segments.push({ name, first, last })
      for (const { message, ...packet } of packets) capture.restore({ ...packet, bytes: message.byteLength })
    }
  }

  /** Writes a packet, behind those before it. */
  add(packet: KeptPacket): void {
    this.#queue.push(packet)
    this.#write()
  }

  /** Writes what is known of the capture. Resolves when it is written, or could not be. */
  note(note: CaptureNote): Promise<void> {
    const text = JSON.stringify(note).padEnd(NOTE_BYTES)
    this.#noted = this.#noted
      .then(async () => {
        if (this.#isClosed) return
        this.#note ??= await openFile(await this.#folder, NOTE)
        this.#note.write(new TextEncoder().encode(text), { at: 0 })
      })
      // Without it the capture is sent all the same, as one that a person began.
      .catch(() => {})
    return this.#noted
  }

  /** Brings the packets of one segment back into memory, from this one on. Those that cannot be read stay null. */
  async load(capture: KeptCapture, sequence: number): Promise<void> {
    const segment = this.#segments.find(({ first, last }) => first <= sequence && sequence <= last)
    if (!segment) return
    const file = await readFile(await this.#folder, segment.name).catch(() => new Uint8Array())
    for (const { sequence: number, message } of readRecords(file)) {
      const packet = capture.after(number)
      if (packet?.sequence === number && number >= sequence && !packet.message)
        capture.fill(packet, message.slice())
    }
  }

  /** Segments of packets below this number go. Resolves when they are gone. */
  async trim(from: number): Promise<void> {
    while (this.#queue[0] && this.#queue[0].sequence < from) this.#queue.shift()
    if (this.#queue.length === 0) {
      // Nothing waits for room any more.
      this.#setFull(false)
      if (this.#isFinished) this.#closeSegment()
    }
    // The last one may still be written.
    const gone = this.#segments.findIndex(({ last }) => last >= from)
    const count = Math.min(
      gone < 0 ? this.#segments.length : gone,
      this.#segments.length - (this.#file ? 1 : 0),
    )
    const segments = this.#segments.splice(0, Math.max(0, count))
    const folder = await this.#folder.catch(() => undefined)
    await Promise.all(segments.map(({ name }) => folder?.removeEntry(name).catch(() => {})))
  }

  /** Tries anew what the full store did not take. */
  retry(): void {
    this.#write()
  }

  /** No packet will be added; acknowledgements are still noted. */
  finish(): void {
    this.#isFinished = true
    this.#write()
  }

  /** Lets go of the files. */
  async close(): Promise<void> {
    await this.#opening
    this.#closeSegment()
    await this.#noted
    this.#isClosed = true
    this.#note?.close()
    this.#note = undefined
  }

  #write(): void {
    while (this.#queue.length > 0 && !this.#opening && !this.#isClosed) {
      const packet = this.#queue[0]!
      if (this.#file && packet.isKeyframe && this.#size >= SEGMENT_BYTES) this.#closeSegment()
      if (!this.#file) {
        this.#opening = this.#openSegment(packet.sequence)
        return
      }
      if (!packet.message || !this.#append(this.#file, packet.message, packet.isKeyframe)) return
      this.#segments.at(-1)!.last = packet.sequence
      this.#queue.shift()
    }
    if (this.#queue.length === 0 && this.#isFinished) this.#closeSegment()
  }

  /** @returns False when there is no room: then nothing of it stands in the file. */
  #append(file: SyncFile, message: Uint8Array, isKeyframe: boolean): boolean {
    const header = recordHeader(message, isKeyframe)
    let written = 0
    try {
      written = file.write(header, { at: this.#size })
      written += file.write(message, { at: this.#size + header.length })
    } catch {
      written = 0
    }
    const fits = written === header.length + message.byteLength
    if (fits) this.#size += written
    else this.#cutBack(file)
    this.#setFull(!fits)
    return fits
  }

  #cutBack(file: SyncFile): void {
    try {
      file.truncate(this.#size)
    } catch {
      // A torn record is where reading ends; the next one is written over it.
    }
  }

  async #openSegment(first: number): Promise<void> {
    const name = String(first).padStart(10, '0')
    try {
      const file = await openFile(await this.#folder, name)
      if (this.#isClosed) return file.close()
      file.truncate(0)
      this.#file = file
      this.#size = 0
      this.#segments.push({ name, first, last: first - 1 })
    } catch {
      this.#setFull(true)
    } finally {
      this.#opening = undefined
    }
    if (this.#file) this.#write()
  }

  #closeSegment(): void {
    const segment = this.#segments.at(-1)
    if (!this.#file || !segment) return
    try {
      this.#file.flush()
    } catch {
      // What it says of durability counts for nothing then.
    }
    this.#file.close()
    this.#file = undefined
    this.#events.onSegment(segment.first, segment.last)
  }

  #setFull(isFull: boolean): void {
    if (isFull === this.#isFull) return
    this.#isFull = isFull
    this.#events.onFull(isFull)
  }
}

/** Reads the note of an earlier page; what is missing is made up. */
export async function readNote(folder: FileSystemDirectoryHandle): Promise<CaptureNote> {
  const none = newNote(folder.name, null)
  try {
    const note = JSON.parse(new TextDecoder().decode(await readFile(folder, NOTE)))
    return { ...none, ...note, id: folder.name }
  } catch {
    return none
  }
}
