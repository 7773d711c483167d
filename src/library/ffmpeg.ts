/** ffmpeg as a child process: for pictures and for files that carry no time, never on the way of the data. */

import { spawn } from 'node:child_process'
import { rename, rm } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { StorageError } from '../errors.ts'

/** The last bytes of ffmpeg's stderr that an error shows. */
const STDERR_KEPT = 4000
/** Thumbnails that are made at once. */
const MAX_THUMBNAILS = 2
export const FFMPEG_HINT = 'install it (Debian, Ubuntu: apt-get install ffmpeg) or name it with --ffmpeg'

/**
 * Runs ffmpeg to its end, at low priority.
 *
 * @param timeoutMs - It is killed then.
 * @returns What it printed on stdout.
 * @throws {StorageError} `FFMPEG_FAILED` with the end of its stderr.
 */
export function runFfmpeg(ffmpeg: string, args: readonly string[], timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(ffmpeg, ['-hide_banner', '-nostdin', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (data) => {
      stdout = (stdout + data).slice(-STDERR_KEPT)
    })
    child.stderr.on('data', (data) => {
      stderr = (stderr + data).slice(-STDERR_KEPT)
    })
    child.on('spawn', () => lowerPriority(child.pid))
    child.on('error', (cause) => {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
      const message = missing
        ? `there is no ${ffmpeg}: ${FFMPEG_HINT}`
        : `${ffmpeg} cannot run: ${cause.message}`
      reject(new StorageError('FFMPEG_FAILED', message, { cause }))
    })
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout)
      const how =
        signal === 'SIGKILL' ? `was ended after ${timeoutMs} ms` : `ended with ${signal ?? `code ${code}`}`
      reject(new StorageError('FFMPEG_FAILED', `${ffmpeg} ${how}: ${stderr.trim() || 'it printed nothing'}`))
    })
  })
}

/** Makes thumbnails one behind the other, at most two at once. */
export class Thumbnailer {
  readonly #ffmpeg: string
  readonly #timeoutMs: number
  readonly #onFailure: (error: StorageError) => void
  readonly #waiting: string[] = []
  readonly #running = new Set<Promise<void>>()

  constructor(options: { ffmpeg: string; timeoutMs: number; onFailure: (error: StorageError) => void }) {
    this.#ffmpeg = options.ffmpeg
    this.#timeoutMs = options.timeoutMs
    this.#onFailure = options.onFailure
  }

  /** Makes thumbnail.jpg of a recording's folder from the first picture of its stream.mp4, soon. */
  add(folder: string): void {
    this.#waiting.push(folder)
    this.#next()
  }

  /** Resolves once all that was added is made or has failed. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  #next(): void {
    while (this.#running.size < MAX_THUMBNAILS) {
      const folder = this.#waiting.shift()
      if (folder === undefined) return
      const running = this.#make(folder)
        .catch((error: StorageError) => this.#onFailure(error))
        .finally(() => {
          this.#running.delete(running)
          this.#next()
        })
      this.#running.add(running)
    }
  }

  async #make(folder: string): Promise<void> {
    const temporary = join(folder, '.thumbnail.jpg')
    const input = ['-v', 'error', '-threads', '1', '-i', join(folder, 'stream.mp4')]
    const output = ['-frames:v', '1', '-q:v', '2', '-threads', '1', '-f', 'mjpeg', '-y', temporary]
    try {
      await runFfmpeg(this.#ffmpeg, [...input, ...output], this.#timeoutMs)
      await rename(temporary, join(folder, 'thumbnail.jpg'))
    } catch (error) {
      await rm(temporary, { force: true })
      if (error instanceof StorageError) throw error
      throw new StorageError('STORAGE_FAILED', `no thumbnail in ${folder}: ${(error as Error).message}`, {
        cause: error,
      })
    }
  }
}

/** Whether this ffmpeg can be run at all. */
export async function hasFfmpeg(ffmpeg: string): Promise<boolean> {
  try {
    await runFfmpeg(ffmpeg, ['-version'], 10_000)
    return true
  } catch {
    return false
  }
}

function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // It has ended already, or we may not.
  }
}
