/** Reads stream.mp4 and its further parts back from disk. */

import { constants, type FileHandle, open } from 'node:fs/promises'
import { ProtocolError } from '../errors.ts'
import { parseSps, type Sps } from '../h264/sps.ts'
import { SampleTable, type TableSample } from '../mp4/sample-table.ts'
import {
  type ReadAt,
  readFinalCounts,
  type ScannedFragment,
  type ScannedHead,
  scanFragments,
  scanHead,
} from '../mp4/scan.ts'
import type { Format } from '../recording/codec.ts'
import { H264Format } from '../recording/h264-codec.ts'
import { JpegFormat } from '../recording/jpeg-codec.ts'

/** A part as its own bytes tell it. */
export interface ScannedPart {
  head: ScannedHead
  format: Format
  table: SampleTable
  /** Bytes up to the end of the last whole fragment. */
  wholeBytes: number
  /** Of these, bytes between fragments that recovery left out. */
  holeBytes: number
  fileBytes: number
  /** Ordinary, with its index whole, up to the last byte. */
  finished: boolean
  /** What the fragments' last sample lasts, in ticks. */
  lastDurationTicks: number
}

/** Small reads are served from a window of this many bytes. */
const WINDOW_BYTES = 64 * 1024
/** VisualSampleEntry: box header and fixed fields before its child boxes (ISO/IEC 14496-12, 12.1.3). */
const VISUAL_ENTRY_BYTES = 86
/** Where its width lies, and the height behind it. */
const WIDTH_OFFSET = 32
/** Interval that a single picture is shown for, in ticks: 100 ms. */
const DEFAULT_DURATION_TICKS = 9000

/**
 * Scans a part.
 *
 * @param onFragment - Sees every whole fragment in order.
 * @throws {ProtocolError} `MP4_INVALID` when its head is not whole.
 */
export async function scanPart(
  handle: FileHandle,
  onFragment: (fragment: ScannedFragment, head: ScannedHead) => void = () => {},
): Promise<ScannedPart> {
  const read = windowed(handle)
  const { size: fileBytes } = await handle.stat()
  const head = await scanHead(read)
  const table = new SampleTable()
  let wholeBytes = head.fragmentsOffset
  let holeBytes = 0
  let last: TableSample[] = []
  for await (const fragment of scanFragments(read, head)) {
    table.beginChunk(fragment.dataOffset)
    for (const sample of fragment.samples) table.add(sample)
    onFragment(fragment, head)
    holeBytes += fragment.startOffset - wholeBytes
    wholeBytes = fragment.endOffset
    last = [...last.slice(-1), ...fragment.samples]
  }
  const intervals = last.slice(1).map((sample, i) => sample.decodeTicks - last[i]!.decodeTicks)
  return {
    head,
    format: formatOf(head.track.sampleEntry),
    table,
    wholeBytes,
    holeBytes,
    fileBytes,
    finished: await isFinished(read, head, wholeBytes, fileBytes),
    lastDurationTicks: intervals.sort((a, b) => a - b)[intervals.length >> 1] ?? DEFAULT_DURATION_TICKS,
  }
}

/** Opens a file for scanning, and closes it. Rejects with the system's error when it is not there. */
export async function withFile<T>(
  path: string,
  flags: 'r' | 'r+',
  use: (handle: FileHandle) => Promise<T>,
): Promise<T> {
  // A pipe in its place must not be waited for.
  const handle = await open(path, flags === 'r' ? constants.O_RDONLY | constants.O_NONBLOCK : flags)
  try {
    return await use(handle)
  } finally {
    await handle.close()
  }
}

/** Reads any bytes of a file; small reads near each other cost one system call. */
export function windowed(handle: FileHandle): ReadAt {
  let window = new Uint8Array()
  let start = 0
  const readFully = async (offset: number, length: number) => {
    const bytes = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  }
  return async (offset, length) => {
    if (length > WINDOW_BYTES) return readFully(offset, length)
    if (offset < start || offset + length > start + window.length) {
      window = await readFully(offset, WINDOW_BYTES)
      start = offset
    }
    return window.slice(offset - start, offset - start + length)
  }
}

async function isFinished(
  read: ReadAt,
  head: ScannedHead,
  wholeBytes: number,
  fileBytes: number,
): Promise<boolean> {
  if (head.finalMoovOffset !== wholeBytes) return false
  const header = await read(wholeBytes, 8)
  if (header.length < 8 || String.fromCharCode(...header.subarray(4)) !== 'moov') return false
  return wholeBytes + new DataView(header.buffer, header.byteOffset).getUint32(0) === fileBytes
}

/** Whether the index at the end of a finished part counts what its fragments hold. */
export async function hasRightIndex(
  handle: FileHandle,
  { table, wholeBytes }: Pick<ScannedPart, 'table' | 'wholeBytes'>,
): Promise<boolean> {
  try {
    const { samples, keyframes } = await readFinalCounts(windowed(handle), wholeBytes)
    return samples === table.samples && keyframes === table.keyframes
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}

/** What a sample entry of ours says of the pictures. */
function formatOf(sampleEntry: Uint8Array): Format {
  const entry = new DataView(sampleEntry.buffer, sampleEntry.byteOffset, sampleEntry.byteLength)
  const [width, height] = [entry.getUint16(WIDTH_OFFSET), entry.getUint16(WIDTH_OFFSET + 2)]
  const type = String.fromCharCode(...sampleEntry.subarray(4, 8))
  return type === 'mp4v'
    ? new JpegFormat({ width, height })
    : new H264Format(spsOf(sampleEntry, width, height))
}

/** The SPS that the first picture uses: of those in avcC the one that the sample entry was made of. */
function spsOf(sampleEntry: Uint8Array, width: number, height: number): Sps {
  const avcC = sampleEntry.subarray(VISUAL_ENTRY_BYTES + 8)
  const known: Sps[] = []
  let at = 6
  for (let left = avcC[5]! & 31; left > 0; left -= 1) {
    const length = (avcC[at]! << 8) | avcC[at + 1]!
    known.push(parseSps(avcC.subarray(at + 2, at + 2 + length)))
    at += 2 + length
  }
  const isUsed = (sps: Sps) =>
    sps.width === width && sps.height === height && sps.profileIdc === avcC[1] && sps.levelIdc === avcC[3]
  const used = known.find(isUsed) ?? known[0]
  if (!used) throw new ProtocolError('MP4_INVALID', 'a stream.mp4 has an avcC without SPS')
  return used
}
