/** What decodes a camera's pictures: the browser's decoder for H.264, and one like it for pictures that stand by themselves. */

import type { LiveHello } from '../../wire/api/events.ts'

/** What a hello says of cameras that send JPEG pictures. */
export const JPEG: LiveHello['codec'] = 'jpeg'

/** What a stream needs of a decoder. */
export type PictureDecoder = Pick<VideoDecoder, 'close' | 'decodeQueueSize' | 'state'> & {
  decode(picture: EncodedVideoChunkInit): void
}

/** The browser's own. @param error - It has ended. */
export function videoDecoder(
  codec: string,
  output: (frame: VideoFrame) => void,
  error: (error: DOMException) => void,
): PictureDecoder {
  const decoder = new VideoDecoder({ output, error })
  decoder.configure({ codec, optimizeForLatency: true })
  return {
    get state() {
      return decoder.state
    },
    get decodeQueueSize() {
      return decoder.decodeQueueSize
    },
    decode: (picture) => decoder.decode(new EncodedVideoChunk(picture)),
    close: () => decoder.close(),
  }
}

/** Of more pictures that wait only the newest is worth decoding: each stands by itself. */
const MAX_WAITING = 2

export class JpegDecoder implements PictureDecoder {
  readonly #output: (frame: VideoFrame) => void
  #waiting: EncodedVideoChunkInit[] = []
  #isDecoding = false
  #isClosed = false

  constructor(output: (frame: VideoFrame) => void) {
    this.#output = output
  }

  get state(): CodecState {
    return this.#isClosed ? 'closed' : 'configured'
  }

  get decodeQueueSize(): number {
    return this.#waiting.length
  }

  decode(picture: EncodedVideoChunkInit): void {
    this.#waiting.push(picture)
    if (this.#waiting.length > MAX_WAITING) this.#waiting.splice(0, this.#waiting.length - 1)
    if (!this.#isDecoding) void this.#run()
  }

  close(): void {
    this.#isClosed = true
    this.#waiting = []
  }

  async #run(): Promise<void> {
    this.#isDecoding = true
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const { data, timestamp } = next
      // One that is broken shows nothing; the next one may be whole.
      const bitmap = await createImageBitmap(new Blob([data as BlobPart], { type: 'image/jpeg' })).catch(
        () => null,
      )
      if (bitmap && !this.#isClosed) this.#output(new VideoFrame(bitmap, { timestamp }))
      bitmap?.close()
    }
    this.#isDecoding = false
  }
}
