/** What is left on the disk. */

import { statfs } from 'node:fs/promises'

/** Bytes that may still be written to the file system of a folder; undefined when the system does not say. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}
