/** The recordings as the API knows them: listed, changed, deleted, restored. */

import { RequestError, StorageError } from '../errors.ts'
import type { Clock } from '../time.ts'
import type {
  RecordingPatch,
  RecordingSummary,
  RecordingsPage,
  RecordingsQuery,
  TakesPage,
  TakesQuery,
  TakeView,
} from '../wire/api/recordings.ts'
import { Catalogue } from './catalogue.ts'
import { Deleted } from './deleted.ts'
import { writeNotes, writeStar } from './notes.ts'
import { pageOf, sorted } from './query.ts'
import type { Readers } from './readers.ts'
import { type RunningTake, takesOf, takesPageOf } from './takes.ts'

/** What an open recording has come to; its recording.json tells of it later. */
export type LiveFigures = Pick<RecordingSummary, 'pictures' | 'missing' | 'durationMs' | 'bytes'>

export interface LibraryOptions {
  dataDir: string
  clock: Clock
  readers: Readers
  /** The take that runs. */
  runningTake: () => RunningTake | undefined
  /** Figures of a recording that is open. */
  live: (id: string) => LiveFigures | undefined
  /** How far its playable film is; null while that waits, undefined when none is to be made. */
  making: (id: string) => number | null | undefined
  /** Whether the server records into a folder, closes or recovers it. */
  isInHand: (id: string) => boolean
  /** Something in the data folder cannot be read or removed; it is tried again. */
  onFailure: (error: StorageError) => void
}

export class Library {
  readonly deleted: Deleted
  readonly readers: Readers
  readonly #options: LibraryOptions
  readonly #catalogue: Catalogue
  /** Changes of one recording come one after the other. */
  readonly #changing = new Map<string, Promise<unknown>>()

  constructor(options: LibraryOptions) {
    this.#options = options
    const { dataDir, clock, readers, onFailure } = options
    this.readers = readers
    this.#catalogue = new Catalogue({ dataDir, onFailure })
    const isReading = (id: string) => readers.isReading(id)
    this.deleted = new Deleted({ dataDir, clock, isReading, onFailure })
  }

  /** Tells of recordings that come, change and go. */
  get events(): Pick<Catalogue, 'on'> {
    return this.#catalogue
  }

  /** Begins to read the folders; whoever asks meanwhile waits. */
  begin(): void {
    this.#catalogue.begin()
  }

  /** May be called twice. */
  async close(): Promise<void> {
    await Promise.all([this.#catalogue.close(), this.deleted.close()])
  }

  /** The server has changed something in a folder. */
  touch(id: string): void {
    void this.#catalogue.touch(id)
  }

  /** @throws {RequestError} `REQUEST_INVALID` for a wrong cursor. */
  async list(query: RecordingsQuery): Promise<RecordingsPage> {
    const known = (await this.#catalogue.list(query.sort)).map((one) => this.withLive(one))
    // Of those that grow only their live figures say how long and how large they are.
    const mayHaveMoved = query.sort === 'longest' || query.sort === 'largest'
    return pageOf(mayHaveMoved ? sorted(known, query.sort) : known, query)
  }

  /** @throws {RequestError} `NOT_FOUND` */
  async find(id: string): Promise<RecordingSummary> {
    const found = await this.#catalogue.find(id)
    if (!found) throw new RequestError('NOT_FOUND', 'there is no such recording')
    return this.withLive(found)
  }

  /** Where its files lie; those of a deleted one stay as long as somebody reads it. */
  folderOf(id: string): string {
    const folder = this.#catalogue.folderOf(id)
    return this.#catalogue.known(id) ? folder : (this.deleted.pathOf(id) ?? folder)
  }

  /** @throws {RequestError} `NOT_FOUND`; {StorageError} when the disk refuses. */
  change(id: string, { title, note, star }: RecordingPatch): Promise<RecordingSummary> {
    return this.#inTurn(id, async () => {
      await this.find(id)
      const folder = this.folderOf(id)
      try {
        if (title !== undefined || note !== undefined) await writeNotes(folder, { title, note })
        if (star !== undefined) await writeStar(folder, star)
      } catch (cause) {
        throw new StorageError('STORAGE_FAILED', `${id} cannot be changed: ${(cause as Error).message}`, {
          cause,
        })
      }
      return this.find(id)
    })
  }

  /**
   * Deletes a recording; for a while it can be restored.
   *
   * @throws {RequestError} `NOT_FOUND`, `RECORDING_OPEN`; {StorageError} when the disk refuses.
   */
  delete(id: string): Promise<void> {
    return this.#inTurn(id, async () => {
      const { state } = await this.find(id)
      if (state === 'recording' || this.#options.isInHand(id))
        throw new RequestError(
          'RECORDING_OPEN',
          'the recording is open, or waits to be closed: stop it first',
        )
      await this.deleted.take(id).finally(() => this.#catalogue.touch(id))
    })
  }

  /** @throws {RequestError} `NOT_FOUND`, `RECORDING_EXISTS`; {StorageError} when the disk refuses. */
  restore(id: string): Promise<RecordingSummary> {
    return this.#inTurn(id, async () => {
      await this.deleted.restore(id)
      return this.find(id)
    })
  }

  /** @throws {RequestError} `REQUEST_INVALID` for a wrong cursor. */
  async takes(query: TakesQuery): Promise<TakesPage> {
    const takes = takesOf(await this.all(), this.#options.runningTake())
    return takesPageOf(takes, query)
  }

  /** @throws {RequestError} `NOT_FOUND` */
  async take(id: string): Promise<TakeView> {
    const members = (await this.#catalogue.list('oldest')).filter(({ take }) => take === id)
    await Promise.all(members.map((one) => this.#catalogue.touch(one.id)))
    const take = takesOf(await this.all(), this.#options.runningTake()).find((one) => one.id === id)
    if (!take) throw new RequestError('NOT_FOUND', 'there is no such take')
    return take
  }

  /** All of them, the oldest first. */
  async all(): Promise<RecordingSummary[]> {
    return (await this.#catalogue.list('oldest')).map((one) => this.withLive(one))
  }

  /** With the figures of now, when it is open or its playable film is being made. */
  withLive(recording: RecordingSummary): RecordingSummary {
    const { id, playable } = recording
    const progress = playable.state === 'none' ? this.#options.making(id) : undefined
    if (progress !== undefined) return { ...recording, playable: { state: 'making', progress } }
    const live = recording.state === 'recording' ? this.#options.live(recording.id) : undefined
    if (!live) return recording
    return { ...recording, ...live, bytes: Math.max(recording.bytes, live.bytes) }
  }

  #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#changing.get(id) ?? Promise.resolve()
    const turn = before.then(work, work)
    const settled = turn
      .catch(() => {})
      .finally(() => {
        if (this.#changing.get(id) === settled) this.#changing.delete(id)
      })
    this.#changing.set(id, settled)
    return turn
  }
}
