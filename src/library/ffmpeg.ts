/** ffmpeg as a child process: for pictures and for files that carry no time, never on the way of the data. */

import { type ChildProcess, spawn } from 'node:child_process'
import { rename, rm } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import { join, resolve as resolvePath } from 'node:path'
import { StorageError } from '../errors.ts'

/** The last bytes of ffmpeg's stderr that an error shows. */
const STDERR_KEPT = 4000
/** What it printed has this long to arrive once it has ended, in ms. */
const PIPES_MS = 500
/** Processes that make thumbnails at once, and the most that one of them makes. */
const MAX_PROCESSES = 2
const MAX_TOGETHER = 8
/** How long the first thumbnail waits for others to be made with it, in ms: cameras of one take begin together. */
const GATHER_MS = 150
/** A thumbnail before it is whole; found later, its making was cut off. */
export const LEFT_THUMBNAIL = '.thumbnail.jpg'
export const FFMPEG_HINT = 'install it (Debian, Ubuntu: apt-get install ffmpeg) or name it with --ffmpeg'

/** For one that takes its time. */
export interface FfmpegWatch {
  /** It runs: to be stopped for a while, or killed. */
  onStarted: (child: ChildProcess) => void
  /** It has printed on stdout. */
  onOutput: (text: string) => void
  /** The folder in which it runs; left out: ours. */
  cwd?: string
}

/**
 * Runs ffmpeg to its end, at low priority.
 *
 * @param timeoutMs - It is killed then; undefined: whoever watches it knows.
 * @returns What it printed on stdout, the end of it.
 * @throws {StorageError} `FFMPEG_FAILED` with the end of its stderr.
 */
export function runFfmpeg(
  ffmpeg: string,
  args: readonly string[],
  timeoutMs: number | undefined,
  watch?: FfmpegWatch,
): Promise<string> {
  return new Promise((resolve, reject) => {
    // A path is one from our folder, whatever the child's is.
    const program = ffmpeg.includes('/') ? resolvePath(ffmpeg) : ffmpeg
    const child = spawn(program, ['-hide_banner', '-nostdin', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(watch?.cwd && { cwd: watch.cwd }),
    }) as ChildProcess
    let stdout = ''
    let stderr = ''
    let late: NodeJS.Timeout | undefined
    // Where no file descriptor was left there are no pipes.
    child.stdout?.on('data', (data) => {
      stdout = (stdout + data).slice(-STDERR_KEPT)
      watch?.onOutput(String(data))
    })
    child.stderr?.on('data', (data) => {
      stderr = (stderr + data).slice(-STDERR_KEPT)
    })
    child.on('spawn', () => {
      // Not by spawn's own option, which waits for one that never ran, too.
      if (timeoutMs !== undefined) late = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
      lowerPriority(child.pid)
      watch?.onStarted(child)
    })
    // What it started itself may hold its pipes open for ever.
    child.on('exit', () => {
      clearTimeout(late)
      const letGo = () => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }
      setTimeout(letGo, PIPES_MS).unref()
    })
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
        signal === 'SIGKILL' && timeoutMs !== undefined
          ? `was ended after ${timeoutMs} ms`
          : `ended with ${signal ?? `code ${code}`}`
      reject(new StorageError('FFMPEG_FAILED', `${ffmpeg} ${how}: ${stderr.trim() || 'it printed nothing'}`))
    })
  })
}

/** Makes thumbnails: those of recordings that begin together in one process, at most two processes at once. */
export class Thumbnailer {
  readonly #ffmpeg: string
  readonly #timeoutMs: number
  readonly #onMade: (folder: string) => void
  readonly #onFailure: (error: StorageError) => void
  #waiting: string[] = []
  #gathering: NodeJS.Timeout | undefined
  readonly #running = new Set<Promise<void>>()
  #isClosed = false

  constructor(options: {
    ffmpeg: string
    timeoutMs: number
    /** thumbnail.jpg of this folder is there. */
    onMade?: (folder: string) => void
    onFailure: (error: StorageError) => void
  }) {
    this.#ffmpeg = options.ffmpeg
    this.#timeoutMs = options.timeoutMs
    this.#onMade = options.onMade ?? (() => {})
    this.#onFailure = options.onFailure
  }

  /** Makes thumbnail.jpg of a recording's folder from the first picture of its stream.mp4, soon. */
  add(folder: string): void {
    this.#waiting.push(folder)
    this.#gathering ??= setTimeout(() => this.#gathered(), GATHER_MS)
  }

  /** Resolves once all that was added is made or has failed. */
  async idle(): Promise<void> {
    if (this.#gathering) this.#gathered()
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** The same, but what fails together is not tried one by one: an ffmpeg that hangs would keep the server for minutes. */
  close(): Promise<void> {
    this.#isClosed = true
    return this.idle()
  }

  #gathered(): void {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    this.#next()
  }

  #next(): void {
    while (this.#running.size < MAX_PROCESSES && this.#waiting.length > 0) {
      const folders = this.#waiting.splice(0, MAX_TOGETHER)
      const running = this.#make(folders).finally(() => {
        this.#running.delete(running)
        this.#next()
      })
      this.#running.add(running)
    }
  }

  async #make(folders: string[]): Promise<void> {
    try {
      await makeThumbnails(this.#ffmpeg, folders, this.#timeoutMs)
      for (const folder of folders) this.#onMade(folder)
    } catch (error) {
      // One that cannot be made must not take the others with it.
      if (folders.length > 1 && !this.#isClosed) for (const folder of folders) await this.#make([folder])
      else this.#onFailure(error as StorageError)
    }
  }
}

async function makeThumbnails(ffmpeg: string, folders: readonly string[], timeoutMs: number): Promise<void> {
  // From the root on: ffmpeg takes `a:b` for a protocol and `-a` for an option.
  const temporary = (folder: string) => resolvePath(folder, LEFT_THUMBNAIL)
  const inputs = folders.flatMap((folder) => ['-threads', '1', '-i', resolvePath(folder, 'stream.mp4')])
  const picture = ['-frames:v', '1', '-q:v', '2', '-threads', '1', '-f', 'mjpeg', '-y']
  const outputs = folders.flatMap((folder, i) => ['-map', `${i}:v:0`, ...picture, temporary(folder)])
  try {
    // Through a link or into a pipe nothing must be written.
    for (const folder of folders) await rm(temporary(folder), { force: true })
    await runFfmpeg(ffmpeg, ['-v', 'error', ...inputs, ...outputs], timeoutMs)
    for (const folder of folders) await rename(temporary(folder), join(folder, 'thumbnail.jpg'))
  } catch (error) {
    for (const folder of folders) await rm(temporary(folder), { force: true }).catch(() => {})
    if (error instanceof StorageError) throw error
    const cause = error as Error
    throw new StorageError('STORAGE_FAILED', `no thumbnail in ${folders[0]}: ${cause.message}`, { cause })
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
