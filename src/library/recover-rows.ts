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
import { ROWS_HEADER } from '../recording/recording.ts'
import { AppendFile } from './append-file.ts'
import { windowed } from './part-file.ts'
import { FILES } from './recording-folder.ts'
import { Replay } from './replay.ts'
import { formatRow, type Row, readRows } from './rows.ts'

/** A part of the film, as far as its rows need it. */
export interface RowsPart {
  /** stream.mp4, stream.2.mp4, … */
  file: string
  /** What its stream says of reordering. */
  reorderPictures: number
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
 * @returns The account of all rows, and the capture time of each part's first picture where its row was there.
 */
export async function recoverRows(
  folder: string,
  parts: readonly RowsPart[],
  maxGapMs: number,
): Promise<{ replay: Replay; firstCaptureMs: (number | undefined)[] }> {
  const path = join(folder, FILES.rows)
  const temporary = join(folder, `.${FILES.rows}.tmp`)
  await rm(temporary, { force: true })
  const out = await AppendFile.create(temporary)
  const replay = new Replay(maxGapMs)
  const firstCaptureMs: (number | undefined)[] = parts.map(() => undefined)
  let text = ROWS_HEADER
  const keep = async (row: Row, part: number | undefined) => {
    const first = replay.add(row, part, part === undefined ? 0 : parts[part]!.reorderPictures)
    if (part !== undefined && first !== undefined) firstCaptureMs[part] = first
    text += formatRow(row)
    if (text.length < PIECE_CHARS) return
    await out.append([Buffer.from(text)])
    text = ''
  }
  try {
    const samples = samplesOf(folder, parts)
    let sample = await samples.next()
    const size = await sizeOf(path)
    for await (const row of readRows(path, size)) {
      if (row.mediaMs === undefined) await keep(row, undefined)
      else if (!sample.done && sameSample(row, sample.value)) {
        await keep(row, sample.value.part)
        sample = await samples.next()
      } else break
    }
    for (; !sample.done; sample = await samples.next()) {
      const { part, mediaMs, bytes, keyframe } = sample.value
      const captureMs = replay.captureMsAt(part, mediaMs)
      await keep({ sequence: undefined, captureMs, arrivalMs: undefined, mediaMs, bytes, keyframe }, part)
    }
    await out.append([Buffer.from(text)])
    await samples.return(undefined)
  } finally {
    await out.close()
  }
  await rename(temporary, path)
  return { replay, firstCaptureMs }
}

async function* samplesOf(folder: string, parts: readonly RowsPart[]): AsyncGenerator<SampleRow> {
  for (const [part, { file }] of parts.entries()) {
    const handle = await open(join(folder, file), 'r')
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
