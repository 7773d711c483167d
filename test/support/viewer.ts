/** Who watches a camera live, as docs/live.md describes it: shares no code with Rollcall. */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { frameMd5 } from './ffmpeg.ts'
import { temporaryFolder } from './folders.ts'
import { until } from './until.ts'

export interface SeenPicture {
  flags: number
  isKeyframe: boolean
  /** Pictures were left out before it. */
  afterSkipped: boolean
  sequence: number
  captureMs: number
  arrivalMs: number
  payload: Buffer
}

export interface Hello {
  type: 'hello'
  camera: string
  codec: string | null
  width: number | null
  height: number | null
  serverTimeMs: number
}

export class LiveViewer {
  readonly socket: WebSocket
  /** Hellos and pictures as they came. */
  readonly all: (Hello | SeenPicture)[] = []
  readonly pictures: SeenPicture[] = []
  readonly hellos: Hello[] = []
  closeCode: number | undefined
  pings = 0

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer, isBinary) => {
      const message = isBinary ? pictureOf(data) : (JSON.parse(data.toString()) as Hello)
      this.all.push(message)
      if ('type' in message) this.hellos.push(message)
      else this.pictures.push(message)
    })
    socket.on('ping', () => {
      this.pings += 1
    })
    socket.on('close', (code) => {
      this.closeCode = code
    })
    socket.on('error', () => {})
  }

  /** @throws {Refused} when the server does not let it in. */
  static async open(port: number, camera: string, headers: Record<string, string>): Promise<LiveViewer> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live/${encodeURIComponent(camera)}`, { headers })
    const viewer = new LiveViewer(socket)
    onTestFinished(() => socket.terminate())
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
      socket.once('unexpected-response', (_request, response) => {
        response.resume()
        reject(new Refused(response.statusCode!))
      })
    })
    return viewer
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** Resolves when the server has read all that was said. */
  async heard(): Promise<void> {
    const answered = new Promise((resolve) => this.socket.once('pong', resolve))
    this.socket.ping()
    await answered
  }

  /** Resolves once the last picture that came is this one. */
  async upTo(sequence: number): Promise<void> {
    await until(`picture ${sequence}`, () => this.pictures.at(-1)?.sequence === sequence)
  }

  /** Checksums of what ffmpeg makes of the pictures; throws when it finds an error in them. */
  decoded(): Promise<string[]> {
    return decodedH264(this.pictures.map(({ payload }) => payload))
  }
}

/** A viewer was not let in. */
export class Refused extends Error {
  readonly statusCode: number

  constructor(statusCode: number) {
    super(`refused with ${statusCode}`)
    this.statusCode = statusCode
  }
}

/** The token that opens everything, as a header. */
export async function bearerOf(
  data: string,
  which: 'accessToken' | 'watchToken' = 'accessToken',
): Promise<Record<string, string>> {
  const secrets = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8'))
  return { authorization: `Bearer ${secrets[which]}` }
}

/** Checksums of the decoded pictures of an Annex B stream; throws when ffmpeg finds an error. */
export async function decodedH264(payloads: readonly Uint8Array[]): Promise<string[]> {
  const file = join(await temporaryFolder(), 'seen.h264')
  await writeFile(file, Buffer.concat(payloads))
  return frameMd5(file, '-xerror', '-err_detect', 'explode', '-f', 'h264')
}

function pictureOf(data: Buffer): SeenPicture {
  const flags = data.readUInt8(0)
  return {
    flags,
    isKeyframe: (flags & 1) !== 0,
    afterSkipped: (flags & 2) !== 0,
    sequence: data.readUInt32BE(4),
    captureMs: data.readDoubleBE(8),
    arrivalMs: data.readDoubleBE(16),
    payload: data.subarray(24),
  }
}
