/** The data folder: made when it is not there. */

import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StorageError } from '../errors.ts'

/** @throws {StorageError} when it cannot be made. */
export async function makeDataFolder(data: string): Promise<void> {
  try {
    await makeFolder(data)
  } catch (cause) {
    throw new StorageError(
      'STORAGE_FAILED',
      `the data folder ${data} cannot be made: ${(cause as Error).message}`,
      { cause },
    )
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    // Below /proc and the like a recursive mkdir of Node tries for ever: the parent is there, and takes no folder.
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    if (await stat(dirname(path)).catch(() => undefined)) throw error
    await makeFolder(dirname(path))
    await mkdir(path)
  }
}
