/**
 * Makes frames.csv agree with the MP4 that recovery has closed: rows of pictures that it does not hold go, rows that
 * are missing come back with what the MP4 knows of them.
 *
 * Rows and fragments are read side by side, so that a recording of any length takes little memory.
 */

import { open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { scanFragments, scanHead } from '../mp4/scan.ts'
import { TICKS_PER_MS } from '../mp4/track.ts'
import { partFile } from '../recording/part.ts'
import { ROWS_HEADER } from '../recording/recording.ts'
import { type Pace, UNKNOWN_PACE } from '../recording/timeline.ts'
import { AppendFile } from './append-file.ts'
import { FILES } from './file-names.ts'
import { windowed } from './part-file.ts'
import { Replay } from './replay.ts'
import { formatRow, type Row, readRows } from './rows.ts'

/** A part of the film, as far as its rows need it. */
export interface RowsPart {
  /** 1 is stream.mp4, 2 is stream.2.mp4, … One before it may be lost. */
  number: number
  pace: Pace
  /** Pictures between others are not in it. */
  hasHoles?: boolean
}

/** A sample of the MP4 as frames.csv should have it. */
interface SampleRow {
  part: number
  mediaMs: number
  bytes: number
  keyframe: boolean
}

/** Text is written in pieces of this many characters. */
const PIECE_CHARS = 64 * 1024

/**
 * Writes frames.csv anew.
 *
 * @param parts - By ascending number.
 * @returns The account of all rows, and by part number the capture time of its first picture where its row was there.
 */
export async function recoverRows(
  folder: string,
  parts: readonly RowsPart[],
  options: {
    /** Parts that recording.json knew, with the capture time of their first picture; 0 stands for a lost one. */
    knownParts: readonly { number: number; firstCaptureMs: number }[]
    maxGapMs: number
    /** The number that was to come first, of protocol 2. */
    from?: number | undefined
    /** Rows end where their payloads would be more than this: what stream.h264 did not take is not told of. */
    maxPayloadBytes?: number | undefined
  },
): Promise<{ replay: Replay; firstCaptureMs: Map<number, number> }> {
  const path = join(folder, FILES.rows)
  const temporary = join(folder, `.${FILES.rows}.tmp`)
  await rm(temporary, { force: true })
  const out = await AppendFile.create(temporary)
  const replay = new Replay(options.maxGapMs, options.from)
  const withHoles = new Set(parts.flatMap(({ number, hasHoles }) => (hasHoles ? [number] : [])))
  const paces = new Map(parts.map(({ number, pace }) => [number, pace]))
  const firstCaptureMs = new Map<number, number>()
  let text = ROWS_HEADER
  const keep = async (row: Row, part: number | undefined) => {
    const first = replay.add(row, part, (part === undefined ? undefined : paces.get(part)) ?? UNKNOWN_PACE)
    if (part !== undefined && first !== undefined) firstCaptureMs.set(part, first)
    text += formatRow(row)
    if (text.length < PIECE_CHARS) return
    await out.append([Buffer.from(text)])
    text = ''
  }
  try {
    const samples = samplesOf(folder, parts)
    let sample = await samples.next()
    /** Rows that are lost, of samples ahead of this part. */
    const bringBack = async (endPart: number) => {
      for (; !sample.done && sample.value.part < endPart; sample = await samples.next()) {
        const { part, mediaMs, bytes, keyframe } = sample.value
        const captureMs = replay.captureMsAt(part, mediaMs)
        await keep({ sequence: undefined, captureMs, arrivalMs: undefined, mediaMs, bytes, keyframe }, part)
      }
    }
    const begunBy = ({ captureMs = 0 }: Row, after: number) =>
      options.knownParts.find((known) => known.number > after && known.firstCaptureMs === captureMs)
        ?.number ?? after + 1
    let part = 0
    let payloadBytes = 0
    for await (const row of readRows(path, await sizeOf(path))) {
      payloadBytes += row.bytes
      if (payloadBytes > (options.maxPayloadBytes ?? payloadBytes)) break
      if (row.mediaMs === 0 && row.keyframe) part = begunBy(row, part)
      if (row.mediaMs === undefined) await keep(row, undefined)
      // Its file is lost: the picture is in stream.h264 only.
      else if (part > 0 && !paces.has(part)) await keep({ ...row, mediaMs: undefined }, undefined)
      else {
        await bringBack(part)
        if (sample.done) break
        // The file was cut ahead of this picture, and a later one is there.
        if (sample.value.part > part) continue
        if (!sameSample(row, sample.value)) {
          if (!withHoles.has(part) || row.mediaMs > sample.value.mediaMs) break
          // It was left out: the picture is in stream.h264 only.
          await keep({ ...row, mediaMs: undefined }, undefined)
          continue
        }
        await keep(row, part)
        sample = await samples.next()
      }
    }
    await bringBack(Number.POSITIVE_INFINITY)
    await out.append([Buffer.from(text)])
    await samples.return(undefined)
    await out.close()
    await rename(temporary, path)
  } catch (error) {
    await out.close().catch(() => {})
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
  return { replay, firstCaptureMs }
}

async function* samplesOf(folder: string, parts: readonly RowsPart[]): AsyncGenerator<SampleRow> {
  for (const { number: part } of parts) {
    const handle = await open(join(folder, partFile(part)), 'r')
    try {
      const read = windowed(handle)
      const head = await scanHead(read)
      for await (const { samples } of scanFragments(read, head))
        for (const { compositionTicks, sizeBytes, keyframe } of samples) {
          const mediaMs = (compositionTicks - head.shiftTicks) / TICKS_PER_MS
          yield { part, mediaMs, bytes: sizeBytes, keyframe }
        }
    } finally {
      await handle.close()
    }
  }
}

function sameSample(row: Row, sample: SampleRow): boolean {
  if (row.keyframe !== sample.keyframe) return false
  return Math.abs(row.mediaMs! - sample.mediaMs) < 1 / TICKS_PER_MS
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}
