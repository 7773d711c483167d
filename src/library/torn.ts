/**
 * Fragments whose pictures a power cut has torn: the file system kept their place without all of their content.
 *
 * Only the last fragments of a part can be torn, those that were not yet forced onto the disk.
 */

import { readJpeg } from '../jpeg/read-jpeg.ts'
import type { ReadAt, ScannedFragment } from '../mp4/scan.ts'
import type { Format } from '../recording/codec.ts'

/** What the longest `syncIntervalMs` and the shortest `fragmentMs` leave unsynced: 60 s in pieces of 100 ms. */
const LOOKED_AT = 600
/** What a disk writes or does not; file systems fill what is missing with zeros. */
const SECTOR_BYTES = 512

/** No fragment of ours is larger: 4 MiB and the largest `maxPacketBytes`, with room to spare. Bounds memory. */
const LARGEST_BYTES = 512 * 1024 * 1024

/** Keeps the fragments of a part that are worth a look. */
export class LastFragments {
  #last: ScannedFragment[] = []

  add(fragment: ScannedFragment): void {
    this.#last.push(fragment)
    if (this.#last.length >= 2 * LOOKED_AT) this.#last = this.#last.slice(-LOOKED_AT)
  }

  /** Those that are torn, in order. */
  async *torn(read: ReadAt, kind: Format['kind']): AsyncGenerator<ScannedFragment> {
    for (const fragment of this.#last.slice(-LOOKED_AT))
      if (await isTorn(read, fragment, kind)) yield fragment
  }
}

async function isTorn(read: ReadAt, fragment: ScannedFragment, kind: Format['kind']): Promise<boolean> {
  const { dataOffset, endOffset, samples } = fragment
  if (endOffset - dataOffset > LARGEST_BYTES) return false
  const data = await read(dataOffset, endOffset - dataOffset)
  // A JPEG of a black wall may well have as many zeros.
  if (kind === 'h264' && lacksSector(data, dataOffset)) return true
  let at = 0
  return samples.some(({ sizeBytes }) => {
    at += sizeBytes
    return !isWholeSample(data.subarray(at - sizeBytes, at), sizeBytes, kind)
  })
}

/** Whether four-byte lengths and the NAL units behind them fill a sample exactly; whether it is a whole JPEG picture. */
export function isWholeSample(bytes: Uint8Array, size: number, kind: Format['kind']): boolean {
  if (bytes.length !== size) return false
  if (kind === 'jpeg') return isWholeJpeg(bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  while (at + 4 <= size) {
    const length = view.getUint32(at)
    if (length === 0) return false
    at += 4 + length
  }
  return at === size
}

function isWholeJpeg(bytes: Uint8Array): boolean {
  try {
    readJpeg(bytes)
    return true
  } catch {
    return false
  }
}

/** Whether a sector of the file is nothing but zeros. H.264 has no three zero bytes in a row within a NAL unit (7.4.1). */
function lacksSector(data: Uint8Array, offset: number): boolean {
  const first = (SECTOR_BYTES - (offset % SECTOR_BYTES)) % SECTOR_BYTES
  for (let at = first; at + SECTOR_BYTES <= data.length; at += SECTOR_BYTES)
    if (data[at] === 0 && data.subarray(at, at + SECTOR_BYTES).every((byte) => byte === 0)) return true
  return false
}
