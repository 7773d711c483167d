/** Text in pictures, read by a program that we did not write: Debian's tesseract-ocr. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * The one line in a picture; undefined where the reader is not installed.
 *
 * @param letters - All that may stand there.
 */
export async function readLine(picture: string, letters: string): Promise<string | undefined> {
  const options = ['--psm', '7', '-c', `tessedit_char_whitelist=${letters}`]
  try {
    const { stdout } = await run('tesseract', [picture, 'stdout', ...options], {
      // It takes all cores for one line otherwise, and is slower.
      env: { ...process.env, OMP_THREAD_LIMIT: '1' },
    })
    return stdout.trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    console.warn('left out: reading the burnt-in time with tesseract, which is not installed')
    return undefined
  }
}
