/** MP4 files in memory: grown with `Mp4Writer`, cut, and read back. */

import { readFile } from 'node:fs/promises'
import { createFile, type MP4BoxBuffer } from 'mp4box'
import { readAccessUnit } from '../../src/h264/access-unit.ts'
import { ParameterSets } from '../../src/h264/parameter-sets.ts'
import { concat } from '../../src/mp4/boxes.ts'
import {
  type ReadAt,
  type ScannedFragment,
  type ScannedHead,
  scanFragments,
  scanHead,
} from '../../src/mp4/scan.ts'
import { h264Track, type VideoTrack } from '../../src/mp4/track.ts'
import { type Finish, Mp4Writer, type Sample } from '../../src/mp4/writer.ts'
import { annexB, PPS, SPS_64X48, slice } from './h264.ts'

/** The track of pictures with this SPS, begun on 2026-11-24 at 13:49:02 UTC. */
export function trackOf(sps = SPS_64X48): VideoTrack {
  const sets = new ParameterSets()
  sets.add(readAccessUnit(annexB(sps, PPS)))
  return h264Track(
    sets.configurationFor(readAccessUnit(annexB(slice('idr'))))!,
    Date.UTC(2026, 10, 24, 13, 49, 2),
  )
}

/** A sample whose only byte says which it is. */
export function sample(presentationTicks: number, keyframe = false, mark = 0xaa): Sample {
  return {
    presentationTicks,
    keyframe,
    pieces: [Uint8Array.of(0, 0, 0, 1), Uint8Array.of(mark)],
    sizeBytes: 5,
  }
}

/** A file that grew by these fragments, each a list of presentation times in ticks; the first of each is a keyframe. */
export class GrownFile {
  readonly writer: Mp4Writer
  bytes: Uint8Array = new Uint8Array()
  /** Where each fragment ends. */
  readonly ends: number[] = []

  constructor(
    fragments: readonly (readonly number[])[],
    options: { reorders?: boolean; sps?: Uint8Array } = {},
  ) {
    this.writer = new Mp4Writer(trackOf(options.sps), options.reorders ?? false)
    for (const [i, ticks] of fragments.entries()) {
      for (const [k, at] of ticks.entries()) this.writer.add(sample(at, k === 0))
      this.append(this.writer.endFragment(fragments[i + 1]?.[0]))
    }
  }

  append(pieces: readonly Uint8Array[]): void {
    this.bytes = concat(this.bytes, ...pieces)
    this.ends.push(this.bytes.length)
  }

  close(lastDurationTicks = 9000): Finish {
    const finish = this.writer.finish(lastDurationTicks)
    this.bytes = concat(this.bytes, ...finish.append)
    this.bytes.set(finish.patch.bytes, finish.patch.offset)
    return finish
  }
}

/** Reads a file in memory as if it were cut at `end`. */
export function memoryReader(bytes: Uint8Array, end = bytes.length): ReadAt {
  return async (offset, length) => bytes.subarray(Math.min(offset, end), Math.min(offset + length, end))
}

/** Head and whole fragments of a file. */
export async function scanAll(read: ReadAt): Promise<{ head: ScannedHead; fragments: ScannedFragment[] }> {
  const head = await scanHead(read)
  const fragments: ScannedFragment[] = []
  for await (const fragment of scanFragments(read, head)) fragments.push(fragment)
  return { head, fragments }
}

/** What mp4box, which we did not write, says of a file. */
export function readWithMp4box(bytes: Uint8Array) {
  const file = createFile()
  const buffer = new Uint8Array(bytes).buffer as MP4BoxBuffer
  buffer.fileStart = 0
  file.appendBuffer(buffer, true)
  file.flush()
  const { tracks, ...movie } = file.getInfo()
  const track = tracks[0]!
  const shiftTicks = track.edits?.[0]?.media_time ?? 0
  const samples = file.getTrackSamplesInfo(track.id)
  return {
    movie,
    track,
    presentationTicks: samples.map(({ cts }) => cts - shiftTicks),
    decodeTicks: samples.map(({ dts }) => dts),
    keyframes: samples.flatMap(({ is_sync }, i) => (is_sync ? [i] : [])),
    offsets: samples.map(({ offset }) => offset),
    sizes: samples.map(({ size }) => size),
  }
}

/** Whole fragments of a file on the disk, as our own scan counts them, and where they begin and end. */
export async function scanFile(
  path: string,
): Promise<{ samples: number; headBytes: number; wholeBytes: number }> {
  const { head, fragments } = await scanAll(memoryReader(await readFile(path)))
  return {
    samples: fragments.reduce((sum, fragment) => sum + fragment.samples.length, 0),
    headBytes: head.fragmentsOffset,
    wholeBytes: fragments.at(-1)?.endOffset ?? head.fragmentsOffset,
  }
}

/** Whether a file is there and holds a whole fragment. */
export async function hasPictures(path: string): Promise<boolean> {
  const scanned = await scanFile(path).catch(() => undefined)
  return scanned !== undefined && scanned.samples > 0
}
