/** The pictures of a simulated ESP32 camera: made once for each size by ffmpeg, else a few that are built in. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { BUILT_IN_SIZE, builtInJpegs } from './built-in-jpegs.ts'

/** Sent over and over: enough to move, few enough for the memory of a hundred boards. */
const PICTURES = 24
/** An ffmpeg that takes longer than this has failed. */
const MAKING_MS = 60_000
/** Many times what so many pictures of the largest size need. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024
/** ffmpeg's scale of quality ends here, that of the boards at 63. */
const [BEST_Q, WORST_Q] = [2, 31]

export interface JpegRequest {
  /** Burnt in: letters, digits and spaces. */
  boardName: string
  /** Pixels. */
  width: number
  height: number
  /** 1 to 63; smaller is better. */
  quality: number
}

export interface JpegPictures {
  source: 'ffmpeg' | 'built-in'
  /** Whole JPEGs, at least one; each differs from the one before. */
  pictures: readonly Uint8Array[]
  /** Pixels; the built-in ones have a size of their own. */
  width: number
  height: number
}

/** Makes the pictures of all boards. */
export class JpegSource {
  readonly #ffmpeg: string
  readonly #onNotice: (notice: string) => void
  /** The latest of each board, by its name: a board that starts again has them at once. */
  readonly #made = new Map<string, { request: string; pictures: JpegPictures }>()
  /** One ffmpeg at a time: they would only slow each other down, and what the boards are there to test. */
  #making: Promise<unknown> = Promise.resolve()
  #failed = false

  /** @param options.onNotice - Told, once, why there are only the built-in pictures. */
  constructor(options: { ffmpeg: string; onNotice: (notice: string) => void }) {
    this.#ffmpeg = options.ffmpeg
    this.#onNotice = options.onNotice
  }

  /** Never rejects. Once `signal` is aborted it resolves soon, with whatever is there. */
  make(request: JpegRequest, signal: AbortSignal): Promise<JpegPictures> {
    const made = this.#making.then(() => this.#make(request, signal))
    this.#making = made
    return made
  }

  async #make(request: JpegRequest, signal: AbortSignal): Promise<JpegPictures> {
    const key = JSON.stringify(request)
    const known = this.#made.get(request.boardName)
    if (known?.request === key) return known.pictures
    if (!this.#failed && !signal.aborted)
      try {
        const { width, height } = request
        const pictures = await testJpegs(this.#ffmpeg, request, signal)
        const made: JpegPictures = { source: 'ffmpeg', pictures, width, height }
        this.#made.set(request.boardName, { request: key, pictures: made })
        return made
      } catch (error) {
        if (!signal.aborted) this.#fail(error as NodeJS.ErrnoException)
      }
    return { source: 'built-in', pictures: builtInJpegs(), ...BUILT_IN_SIZE }
  }

  #fail(error: NodeJS.ErrnoException & { stderr?: Buffer }): void {
    this.#failed = true
    const said = String(error.stderr ?? '').trim() || error.message.split('\n', 1)[0]
    const why = error.code === 'ENOENT' ? `there is no ${this.#ffmpeg}` : said
    const { width, height } = BUILT_IN_SIZE
    this.#onNotice(`no test picture, the small built-in ones of ${width}x${height} instead: ${why}`)
  }
}

async function testJpegs(ffmpeg: string, request: JpegRequest, signal: AbortSignal): Promise<Uint8Array[]> {
  const run = async (withText: boolean) => {
    const making = promisify(execFile)(ffmpeg, ffmpegArguments(request, withText), {
      encoding: 'buffer',
      maxBuffer: MAX_OUTPUT_BYTES,
      timeout: MAKING_MS,
    })
    const { child } = making
    // Not by execFile's own option: one that was never started has no id, and Node would end our whole process group.
    const end = () => child.pid !== undefined && child.kill()
    signal.addEventListener('abort', end)
    const { stdout } = await making.finally(() => signal.removeEventListener('abort', end))
    const pictures = splitJpegs(stdout)
    if (pictures.length === 0) throw new Error('ffmpeg ended without a picture')
    return pictures
  }
  try {
    return await run(true)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || signal.aborted) throw error
    // Some builds have no text or no fonts; the test picture has a counter of its own.
    return run(false)
  }
}

function ffmpegArguments(request: JpegRequest, withText: boolean): string[] {
  const { boardName, width, height, quality } = request
  const fontSize = Math.max(8, Math.round(height / 14))
  const look = `x=${fontSize}:y=h-2*${fontSize}:fontsize=${fontSize}:fontcolor=white:box=1:boxcolor=black`
  const text = `drawtext=text='${boardName}  %{eif\\:n+1\\:d\\:3}':${look}`
  // 4:2:2 and the tables of the standard, as the board's sensor has them.
  const codec = ['-pix_fmt', 'yuvj422p', '-c:v', 'mjpeg', '-huffman', 'default']
  const scale = Math.min(WORST_Q, Math.max(BEST_Q, Math.round(quality / 2)))
  return [
    ...['-v', 'error', '-nostdin'],
    ...['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=8`, '-frames:v', String(PICTURES)],
    ...(withText ? ['-vf', text] : []),
    ...[...codec, '-q:v', String(scale), '-f', 'mjpeg', 'pipe:1'],
  ]
}

/** Cuts pictures that stand one behind the other: EOI, then SOI and the next marker (ITU-T T.81, B.1.1.3). */
function splitJpegs(stream: Buffer): Uint8Array[] {
  const pictures: Uint8Array[] = []
  const border = Buffer.from([0xff, 0xd9, 0xff, 0xd8, 0xff])
  for (let at = 0; at < stream.length; ) {
    const found = stream.indexOf(border, at)
    const end = found === -1 ? stream.length : found + 2
    pictures.push(stream.subarray(at, end))
    at = end
  }
  return pictures
}
