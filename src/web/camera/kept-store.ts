/** The phone's own store: a folder for each capture that is not on the server's disk as a whole. */

import { CaptureFiles, type CaptureFilesEvents, readNote } from './capture-files.ts'
import { KeptCapture } from './kept-capture.ts'

const FOLDER = 'rollcall-captures'

export class KeptStore {
  readonly #folder: FileSystemDirectoryHandle

  private constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder
  }

  /** Undefined where the browser has none that can be written to, as in some private windows: then all stays in memory. */
  static async open(): Promise<KeptStore | undefined> {
    try {
      // Chromium had the folders before it had this.
      if (!('createSyncAccessHandle' in FileSystemFileHandle.prototype)) return undefined
      const root = await navigator.storage.getDirectory()
      return new KeptStore(await root.getDirectoryHandle(FOLDER, { create: true }))
    } catch {
      return undefined
    }
  }

  /** Files of a capture that begins. */
  files(id: string, events: CaptureFilesEvents): CaptureFiles {
    return new CaptureFiles(this.#folder.getDirectoryHandle(id, { create: true }), events)
  }

  /** What earlier pages left, the oldest first; a capture that was cut off is ended. */
  async left(eventsOf: (capture: KeptCapture) => CaptureFilesEvents): Promise<[KeptCapture, CaptureFiles][]> {
    const folders: FileSystemDirectoryHandle[] = []
    const entries = this.#folder as unknown as { values(): AsyncIterable<FileSystemHandle> }
    for await (const entry of entries.values())
      if (entry.kind === 'directory') folders.push(entry as FileSystemDirectoryHandle)
    const notes = await Promise.all(folders.map(async (folder) => ({ folder, note: await readNote(folder) })))
    notes.sort((a, b) => a.note.startedAtMs - b.note.startedAtMs)
    const left: [KeptCapture, CaptureFiles][] = []
    for (const { folder, note } of notes) {
      const capture = new KeptCapture(note)
      const files = new CaptureFiles(Promise.resolve(folder), eventsOf(capture))
      await files.restore(capture)
      capture.isEnded = true
      // One that was given up is told of.
      const isLost = capture.dropped > 0 && !capture.isDone
      if (capture.packets.length > 0 || isLost) left.push([capture, files])
      else await this.remove(note.id)
    }
    return left
  }

  /** Its files must be closed. */
  async remove(id: string): Promise<void> {
    await this.#folder.removeEntry(id, { recursive: true }).catch(() => {})
  }
}
