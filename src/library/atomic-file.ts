/** Small files that are there whole or not at all, also after a power cut. */

import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Replaces a file: temporary file, fsync, rename, fsync of the directory.
 *
 * @param mode - Of the new file, less the umask. Left out: as any file.
 */
export async function saveAtomically(
  directory: string,
  name: string,
  content: string,
  mode?: number,
): Promise<void> {
  const temporary = join(directory, `.${name}.tmp`)
  // What a crash left would keep the mode that it has; through a link or into a pipe nothing must be written.
  await rm(temporary, { force: true })
  const handle = await open(temporary, 'wx', mode)
  try {
    await handle.writeFile(content)
    await handle.sync()
    await handle.close()
    await rename(temporary, join(directory, name))
  } catch (error) {
    await handle.close().catch(() => {})
    // On a full disk it holds the little space that the next attempt needs.
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
  await syncDirectory(directory)
}

/**
 * The text of a small file. Rejects with the system's error, or one that names it when it is no file: a pipe in its place
 * would be waited for without end.
 */
export async function readText(path: string): Promise<string> {
  if (!(await stat(path)).isFile()) throw new Error(`${path} is no file`)
  return readFile(path, 'utf8')
}

/** Makes new names in a directory last. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
