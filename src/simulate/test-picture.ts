/** A moving test picture with the camera's name and a running clock, encoded by an ffmpeg of our own. */

import { type ChildProcess, spawn } from 'node:child_process'
import { readAccessUnit } from '../h264/access-unit.ts'
import { AccessUnitSplitter } from '../h264/split.ts'
import { meanFps, selectExpression } from './camera-times.ts'
import type { AccessUnits, Picture, PictureRequest } from './source.ts'

/** The end of ffmpeg's stderr that an error shows, in characters. */
const STDERR_KEPT = 500
/** An ffmpeg without a picture for longer than this has failed. */
const FIRST_PICTURE_MS = 20_000

/**
 * Starts ffmpeg. It waits whenever nobody reads, so that reading sets its pace.
 *
 * @throws {Error} when ffmpeg is missing or ends without a picture.
 */
export async function openTestPicture(ffmpeg: string, request: PictureRequest): Promise<AccessUnits> {
  try {
    return await start(ffmpeg, request, true)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error(`there is no ${ffmpeg}`)
    // Some builds have no text or no fonts; the test picture has a counter of its own.
    return start(ffmpeg, request, false)
  }
}

async function start(ffmpeg: string, request: PictureRequest, withText: boolean): Promise<AccessUnits> {
  // A group of its own: ^C reaches us alone, and we end it.
  const child = spawn(ffmpeg, ffmpegArguments(request, withText), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const units = new PipedAccessUnits(child)
  const timer = setTimeout(() => units.close(), FIRST_PICTURE_MS)
  try {
    await units.begin()
  } catch (error) {
    units.close()
    throw error
  } finally {
    clearTimeout(timer)
  }
  return units
}

class PipedAccessUnits implements AccessUnits {
  readonly #child: ChildProcess
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #splitter = new AccessUnitSplitter()
  readonly #ready: Uint8Array[] = []
  #failure: Error | undefined
  #stderr = ''
  #closed = false

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('error', (error) => {
      this.#failure = error
      child.stdout!.destroy()
    })
    child.stderr!.on('data', (data) => {
      this.#stderr = (this.#stderr + data).slice(-STDERR_KEPT)
    })
    this.#chunks = child.stdout![Symbol.asyncIterator]()
  }

  /** Waits for the first picture. */
  async begin(): Promise<void> {
    await this.#fill()
    if (this.#ready.length > 0) return
    // 'error' of the process and the end of its output come in any order.
    await new Promise((resolve) => setImmediate(resolve))
    throw this.#failure ?? new Error(this.#stderr.trim() || 'ffmpeg ended without a picture')
  }

  async next(): Promise<Picture | undefined> {
    await this.#fill()
    const payload = this.#ready.shift()
    return payload && { payload, keyframe: readAccessUnit(payload).keyframe }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#ready.length = 0
    this.#child.kill('SIGKILL')
    this.#child.stdout!.destroy()
  }

  async #fill(): Promise<void> {
    while (this.#ready.length === 0 && !this.#closed) {
      // A destroyed pipe ends the iteration with an error: to us it is the end.
      const { value, done } = await this.#chunks.next().catch(() => ({ value: undefined, done: true }))
      if (this.#closed) return
      this.#ready.push(...(done ? this.#splitter.end() : this.#splitter.push(value!)))
      if (done) return
    }
  }
}

function ffmpegArguments(request: PictureRequest, withText: boolean): string[] {
  const { cameraName, size, bitrateMbps, throttle } = request
  const rate = `${Math.round(bitrateMbps * 1000)}k`
  // Selected before it is drawn on: the clock shows the time since the capture began, as the capture times tell it.
  const filters = [`select='${selectExpression(throttle)}'`]
  const fontSize = Math.max(8, Math.round(size.height / 14))
  const look = `x=${fontSize}:y=h-2*${fontSize}:fontsize=${fontSize}:fontcolor=white:box=1:boxcolor=black`
  if (withText) filters.push(`drawtext=text='${cameraName}  %{pts\\:hms}':${look}`)
  // Even times from here on: ffmpeg's raw output neither repeats nor drops a picture then, in any version.
  const { numerator, denominator } = meanFps(throttle)
  filters.push(`settb=${denominator}/${numerator}`, 'setpts=N')
  return [
    ...['-v', 'error', '-nostdin', '-threads', '1', '-filter_threads', '1'],
    ...['-f', 'lavfi', '-i', `testsrc2=size=${size.width}x${size.height}:rate=${throttle.nativeFps}`],
    ...['-vf', filters.join(','), '-r', `${numerator}/${denominator}`, '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast', '-tune', 'zerolatency'],
    ...['-threads', '1', '-bf', '0', '-g', '9999', '-force_key_frames', 'expr:gte(t,n_forced)'],
    ...['-b:v', rate, '-maxrate', rate, '-bufsize', rate],
    // Phones send no SEI.
    ...['-bsf:v', 'filter_units=remove_types=6', '-flush_packets', '1', '-f', 'h264', 'pipe:1'],
  ]
}
