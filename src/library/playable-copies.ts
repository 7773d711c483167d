/**
 * Makes the films that browsers play of recordings of JPEG pictures: in the background, one at a time.
 *
 * Recordings come first: none begins, and the one that is being made stands still, while the disk is behind; without space for
 * it, it is given up until there is some. What a restart or a crash cut off is made at the next start.
 */

import type { ChildProcess } from 'node:child_process'
import type { StorageError } from '../errors.ts'
import type { Clock } from '../time.ts'
import type { RecordingSummary } from '../wire/api/recordings.ts'
import type { DiskSpace } from './disk-space.ts'
import { makePlayable } from './playable-film.ts'
import type { Readers } from './readers.ts'
import { readDocument } from './recover.ts'

/** An ffmpeg that comes no further for so long, in ms, while it may, is ended. */
const STALLED_MS = 300_000
/** Progress is told at most this often, in ms. */
const TELL_MS = 1000

export interface PlayableCopiesOptions {
  ffmpeg: string
  disk: Pick<DiskSpace, 'hasRoomFor' | 'queuedBytes'>
  /** With more that waits for the disk, recordings need all of it. */
  maxQueuedBytes: number
  clock: Clock
  readers: Readers
  folderOf: (id: string) => string
  /** It came further, is made, or cannot be made. */
  onChange: (id: string) => void
  onFailure: (id: string, error: StorageError) => void
}

interface Making {
  recording: RecordingSummary
  progress: number | null
  child?: ChildProcess
  /** It stands still. */
  isHeld: boolean
  /** Why it was ended by us. */
  ended?: 'no room' | 'not wanted' | 'stalled'
  /** When it last came further, and when that was last told, by the monotonic clock, in ms. */
  movedMs: number
  toldMs: number
  done: Promise<void>
}

export class PlayableCopies {
  readonly #options: PlayableCopiesOptions
  /** By id, those that came first ahead; `bytes`: so much must be free for it. */
  readonly #waiting = new Map<string, RecordingSummary>()
  /** Cannot be made; a restart tries once more. */
  readonly #failed = new Set<string>()
  #making: Making | undefined
  #isClosed = false

  constructor(options: PlayableCopiesOptions) {
    this.#options = options
  }

  /** Looks whether a recording needs one; those that do wait for their turn. */
  consider(recording: RecordingSummary): void {
    const { id, format, playable, state, pictures } = recording
    if (format !== 'jpeg' || playable.state !== 'none' || pictures === 0) return
    if (state !== 'closed' && state !== 'recovered') return
    if (this.#isClosed || this.#failed.has(id) || this.#waiting.has(id) || this.#making?.recording.id === id)
      return
    this.#waiting.set(id, recording)
  }

  /** The recording is gone. */
  drop(id: string): void {
    this.#waiting.delete(id)
    this.#failed.delete(id)
    if (this.#making?.recording.id === id) this.#end(this.#making, 'not wanted')
  }

  /** How far it is; null while it waits, undefined when none is to be made. */
  progressOf(id: string): number | null | undefined {
    if (this.#making?.recording.id === id) return this.#making.progress
    return this.#waiting.has(id) ? null : undefined
  }

  /** Call a few times a second. */
  tick(): void {
    const { disk, maxQueuedBytes, clock } = this.#options
    const isBehind = disk.queuedBytes > maxQueuedBytes
    const making = this.#making
    if (!making) {
      const next = [...this.#waiting.values()].find(({ bytes }) => disk.hasRoomFor(bytes))
      if (next && !isBehind && !this.#isClosed) this.#begin(next)
      return
    }
    if (!disk.hasRoomFor(0)) this.#end(making, 'no room')
    else if (clock.monotonicMs() - making.movedMs > STALLED_MS && !making.isHeld) this.#end(making, 'stalled')
    else if (isBehind !== making.isHeld) this.#hold(making, isBehind)
  }

  /** Ends what runs; the next start makes it. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (!this.#making) return
    this.#end(this.#making, 'not wanted')
    await this.#making.done
  }

  #begin(recording: RecordingSummary): void {
    const nowMs = this.#options.clock.monotonicMs()
    this.#waiting.delete(recording.id)
    const toldMs = Number.NEGATIVE_INFINITY
    const making = { recording, progress: null, isHeld: false, movedMs: nowMs, toldMs }
    this.#making = Object.assign(making, { done: Promise.resolve() })
    this.#making.done = this.#make(this.#making)
  }

  /** Never rejects. */
  async #make(making: Making): Promise<void> {
    const { ffmpeg, disk, readers, folderOf, onChange, onFailure } = this.#options
    const { recording } = making
    const { id } = recording
    // Retention leaves it alone meanwhile.
    const endReading = readers.begin(id)
    try {
      const folder = folderOf(id)
      const document = await readDocument(folder)
      if (document && !making.ended)
        await makePlayable(folder, document, ffmpeg, {
          onStarted: (child) => {
            making.child = child
            if (making.ended) child.kill('SIGKILL')
          },
          onProgress: (progress) => this.#moved(making, progress),
        })
    } catch (error) {
      // It takes more than the pictures did: for the next attempt more must be free, lest it is made and given up without end.
      const isRoomGone = making.ended === undefined && !disk.hasRoomFor(0)
      if (making.ended === 'no room' || isRoomGone)
        this.#waiting.set(id, { ...recording, bytes: 2 * recording.bytes })
      else if (making.ended !== 'not wanted') {
        this.#failed.add(id)
        onFailure(id, error as StorageError)
      }
    } finally {
      endReading()
      this.#making = undefined
      onChange(id)
    }
  }

  #moved(making: Making, progress: number): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (progress !== making.progress) making.movedMs = nowMs
    making.progress = progress
    if (nowMs - making.toldMs < TELL_MS) return
    making.toldMs = nowMs
    this.#options.onChange(making.recording.id)
  }

  #hold(making: Making, isHeld: boolean): void {
    if (!making.child?.kill(isHeld ? 'SIGSTOP' : 'SIGCONT')) return
    making.isHeld = isHeld
    making.movedMs = this.#options.clock.monotonicMs()
  }

  #end(making: Making, why: NonNullable<Making['ended']>): void {
    making.ended ??= why
    making.child?.kill('SIGKILL')
  }
}
