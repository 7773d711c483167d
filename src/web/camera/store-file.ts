/** What the origin private file system gives a worker; TypeScript's types of pages leave it out. */

/** A file that is open for one worker alone (WHATWG File System, FileSystemSyncAccessHandle). */
export interface SyncFile {
  read(buffer: Uint8Array, options?: { at: number }): number
  /** @throws {DOMException} QuotaExceededError when there is no room. */
  write(buffer: Uint8Array, options?: { at: number }): number
  truncate(size: number): void
  getSize(): number
  flush(): void
  close(): void
}

/** A page that went away may hold its files for a moment more, in ms. */
const HELD_MS = 5000
const AGAIN_MS = 50

/** Opens a file, made where it is not there. @throws {DOMException} when another page holds it for seconds. */
export async function openFile(folder: FileSystemDirectoryHandle, name: string): Promise<SyncFile> {
  const file = (await folder.getFileHandle(name, { create: true })) as FileSystemFileHandle & {
    createSyncAccessHandle(): Promise<SyncFile>
  }
  const lastMs = performance.now() + HELD_MS
  for (;;) {
    try {
      return await file.createSyncAccessHandle()
    } catch (error) {
      if (!isNamed(error, 'NoModificationAllowedError') || performance.now() > lastMs) throw error
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }
}

/** The whole of a file. @throws {DOMException} NotFoundError. */
export async function readFile(folder: FileSystemDirectoryHandle, name: string): Promise<Uint8Array> {
  const file = await (await folder.getFileHandle(name)).getFile()
  return new Uint8Array(await file.arrayBuffer())
}

/** Whether it is a DOMException of this name. */
export function isNamed(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name
}
