/** Checks a recording's folder against the storage invariants that docs/storage.md numbers. */

import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { RequestError } from '../errors.ts'
import { boxAt, readFinalCounts } from '../mp4/scan.ts'
import { TICKS_PER_MS } from '../mp4/track.ts'
import type { PartDocument, RecordingDocument } from '../recording/document.ts'
import { liveHolder } from './data-lock.ts'
import { FILES } from './file-names.ts'
import { scanPart, windowed, withFile } from './part-file.ts'
import { readDocument } from './recover.ts'
import { readRows } from './rows.ts'
import { isOfJpeg } from './summary.ts'
import { isWholeSample } from './torn.ts'

/** One broken invariant. */
export interface Violation {
  /** As docs/storage.md numbers them. */
  invariant: number
  message: string
}

/** The invariants, by number; docs/storage.md is tested against this table. */
export const INVARIANTS: Record<number, string> = {
  1: 'recording.json is there, follows its schema, and its id is the name of the folder',
  2: 'a recording whose state is closed or recovered has every part that recording.json names, of the size that it says, and no other',
  3: 'each part is an ordinary MP4: one moov, at the end, whole, its mdat reaching up to it',
  4: 'the index of a part counts the same pictures and keyframes as its fragments do, and recording.json says the same',
  5: 'every sample is whole: its NAL unit lengths add up to its size, or it is a JPEG from its start to its end',
  6: 'frames.csv has one row for every picture of the parts, in their order, with the same media time and keyframe mark',
  7: 'stream.h264, when it is kept, holds at least the bytes of all rows; after a clean close exactly the bytes that recording.json says',
  8: 'no temporary file is left, but those of a film for browsers or a thumbnail that is not made yet (`.stream.h264.mp4`, `.thumbnail.jpg`)',
  9: 'stream.h264.mp4, which only a recording of JPEG pictures has, is a whole MP4 of no more pictures than the parts hold',
}

/** States of a recording that nothing writes to any more. */
const STATES_AT_REST = new Set(['closed', 'recovered'])

/** The process of the running server that has an unclosed recording in hand: it is not at rest, nothing can be said of it. */
export async function recordedBy(folder: string): Promise<number | undefined> {
  const isOpen = (await readDocument(folder))?.state === 'recording'
  return isOpen ? liveHolder(dirname(folder)) : undefined
}

/** The id of a recording when its folder is called otherwise: what the folder should be called. */
export async function otherId(folder: string): Promise<string | undefined> {
  const id = (await readDocument(folder))?.id
  return id === basename(folder) ? undefined : id
}

/**
 * Verifies one folder, which no server has in hand.
 *
 * @returns What is wrong, empty when nothing is.
 * @throws {RequestError} `RECORDING_INVALID` when the folder cannot be read at all.
 */
export async function verifyFolder(folder: string): Promise<Violation[]> {
  const names = await readdir(folder).catch((cause) => {
    throw new RequestError('RECORDING_INVALID', `${folder} is no folder that can be read: ${cause.message}`, {
      cause,
    })
  })
  const found: Violation[] = []
  const broken = (invariant: number, message: string) => found.push({ invariant, message })
  // Made beside all else, or anew at the next start.
  const mayBeMaking = (name: string) =>
    [FILES.playable, FILES.thumbnail].some((file) => name.startsWith(`.${file}`) && !names.includes(file))
  for (const name of names) if (name.startsWith('.') && !mayBeMaking(name)) broken(8, `${name} is left over`)
  const document = await readDocument(folder)
  if (!document) broken(1, 'there is no recording.json that follows the schema')
  else if (document.id !== basename(folder)) broken(1, `its id is ${document.id}: rename the folder to that`)
  if (!document) return found
  if (!STATES_AT_REST.has(document.state)) {
    broken(
      2,
      `its state is ${document.state}: it is not closed${document.state === 'recording' ? '; rollcall recover closes it' : ''}`,
    )
    return found
  }
  const media: { mediaMs: number; keyframe: boolean }[] = []
  for (const part of document.parts) await verifyPart(folder, part, media, broken)
  const named = new Set(document.parts.map(({ file }) => file))
  for (const name of names)
    if (/^stream(\.\d+)?\.mp4$/.test(name) && !named.has(name))
      broken(2, `${name} is not named in recording.json`)
  const counted = document.parts.reduce((sum, { pictures }) => sum + pictures, 0)
  if (counted !== document.pictures)
    broken(4, `recording.json says ${document.pictures} pictures, its parts ${counted}`)
  if (names.includes(FILES.playable))
    await verifyPlayable(folder, document, broken).catch((error) => broken(9, error.message))
  await verifyRows(folder, document, media, broken).catch((error) => broken(6, error.message))
  return found
}

type Broken = (invariant: number, message: string) => void

async function verifyPart(
  folder: string,
  part: PartDocument,
  media: { mediaMs: number; keyframe: boolean }[],
  broken: Broken,
): Promise<void> {
  const { file } = part
  try {
    await withFile(join(folder, file), 'r', async (handle) => {
      const spans: { offset: number; sizes: number[] }[] = []
      const scanned = await scanPart(handle, ({ dataOffset, samples }, { shiftTicks }) => {
        spans.push({ offset: dataOffset, sizes: samples.map(({ sizeBytes }) => sizeBytes) })
        for (const { compositionTicks, keyframe } of samples)
          media.push({ mediaMs: (compositionTicks - shiftTicks) / TICKS_PER_MS, keyframe })
      })
      const { table, fileBytes, finished, wholeBytes } = scanned
      if (fileBytes !== part.bytes)
        broken(2, `${file} has ${fileBytes} bytes, recording.json says ${part.bytes}`)
      if (!finished) broken(3, `${file} is not an ordinary MP4 up to its last byte`)
      if (table.samples !== part.pictures)
        broken(4, `${file} holds ${table.samples} pictures, recording.json says ${part.pictures}`)
      if (table.keyframes !== part.keyframes)
        broken(4, `${file} holds ${table.keyframes} keyframes, recording.json says ${part.keyframes}`)
      const read = windowed(handle)
      if (finished) {
        const counts = await readFinalCounts(read, wholeBytes)
        if (counts.samples !== table.samples || counts.keyframes !== table.keyframes)
          broken(
            4,
            `the index of ${file} counts ${counts.samples} pictures and ${counts.keyframes} keyframes`,
          )
      }
      for (const { offset, sizes } of spans) {
        let at = offset
        for (const size of sizes) {
          const bytes = await read(at, size)
          if (!isWholeSample(bytes, size, scanned.format.kind))
            broken(5, `${file}: the sample at byte ${at} is not whole`)
          at += size
        }
      }
    })
  } catch (error) {
    broken(2, `${file}: ${(error as Error).message}`)
  }
}

/** What ffmpeg made: its boxes fill the file, and its index counts. */
async function verifyPlayable(folder: string, document: RecordingDocument, broken: Broken): Promise<void> {
  if (!isOfJpeg(document))
    return broken(9, `${FILES.playable} stands beside pictures that play by themselves`)
  await withFile(join(folder, FILES.playable), 'r', async (handle) => {
    const { size } = await handle.stat()
    const read = windowed(handle)
    let moovOffset: number | undefined
    let at = 0
    for (let next = await boxAt(read, at); next && next.size >= 8; next = await boxAt(read, at)) {
      if (next.type === 'moov') moovOffset = at
      at += next.size
    }
    if (moovOffset === undefined || at !== size) return broken(9, `${FILES.playable} is no whole MP4`)
    const { samples } = await readFinalCounts(read, moovOffset)
    if (samples === 0 || samples > document.pictures)
      broken(9, `${FILES.playable} holds ${samples} pictures, the parts ${document.pictures}`)
  })
}

async function verifyRows(
  folder: string,
  document: RecordingDocument,
  media: { mediaMs: number; keyframe: boolean }[],
  broken: Broken,
): Promise<void> {
  const path = join(folder, FILES.rows)
  const size = await stat(path).then(
    ({ size }) => size,
    () => undefined,
  )
  if (size === undefined) return void broken(6, 'frames.csv is not there')
  let next = 0
  let bytes = 0
  for await (const row of readRows(path, size)) {
    bytes += row.bytes
    if (row.mediaMs === undefined) continue
    const sample = media[next]
    next += 1
    if (
      !sample ||
      Math.abs(sample.mediaMs - row.mediaMs) >= 1 / TICKS_PER_MS ||
      sample.keyframe !== row.keyframe
    )
      return void broken(
        6,
        `row ${next} of frames.csv that has a media time is not picture ${next} of the MP4`,
      )
  }
  if (next !== media.length)
    broken(6, `frames.csv has ${next} rows with a media time for ${media.length} pictures`)
  const raw = await stat(join(folder, FILES.raw)).then(
    ({ size }) => size,
    () => undefined,
  )
  if (raw === undefined) return
  if (raw < bytes && document.state === 'closed')
    broken(7, `stream.h264 has ${raw} bytes, the rows of frames.csv ${bytes}`)
  if (document.state === 'closed' && raw !== document.bytes)
    broken(7, `stream.h264 has ${raw} bytes, recording.json says ${document.bytes}`)
}
