/**
 * Opens a recording again that a killed server left, so that it goes on where its bytes end.
 *
 * For captures whose phone still keeps what is not on the disk (protocol 2). Where the files do not agree to the last picture
 * nothing is opened: recovery closes the folder, and the phone's pictures go into another.
 */

import { readdir, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { ScannedFragment } from '../mp4/scan.ts'
import type { PartDocument, RecordingDocument } from '../recording/document.ts'
import { partFile, partNumbers } from '../recording/part.ts'
import type { BegunRecording } from '../recording/recording-facts.ts'
import { UNKNOWN_PACE } from '../recording/timeline.ts'
import { FILES } from './file-names.ts'
import { scanPart, windowed, withFile } from './part-file.ts'
import { finishedPart } from './recover.ts'
import { recoverRows } from './recover-rows.ts'
import { LastFragments } from './torn.ts'

/**
 * Cuts what is not whole, and reads where the recording stands.
 *
 * @param document - recording.json of the folder, in the state `recording`.
 * @returns undefined when it cannot go on: the folder is as good for recovery as before.
 */
export async function reopenRecording(
  folder: string,
  document: RecordingDocument,
  maxGapMs: number,
): Promise<BegunRecording | undefined> {
  const numbers = partNumbers(await readdir(folder))
  const number = numbers.pop()
  if (number === undefined || numbers.length !== number - 1) return undefined
  const last = await lastPart(join(folder, partFile(number)))
  // Reordered pictures would need more than the file tells of how they were placed.
  if (last?.head.shiftTicks !== 0 || last.format.reorderPictures > 0) return undefined
  const ended = await Promise.all(numbers.map((one) => finishedPart(folder, one)))
  const parts = [...ended.map((part) => part?.format), last.format].map((format, i) => ({
    number: i + 1,
    pace: format ?? UNKNOWN_PACE,
  }))
  const knownParts = document.parts.map(({ firstCaptureMs }, i) => ({ number: i + 1, firstCaptureMs }))
  const from = document.capture?.from
  const { replay, firstCaptureMs } = await recoverRows(folder, parts, { knownParts, maxGapMs, from })
  const begins = firstCaptureMs.get(number)
  const { timeline, captureSpan: capture, lastSequence, firstArrivalMs, lastArrivalMs } = replay
  if (begins === undefined || !timeline || !capture || lastSequence === undefined) return undefined
  if (firstArrivalMs === undefined || lastArrivalMs === undefined || ended.includes(undefined))
    return undefined
  if (!(await cutRaw(join(folder, FILES.raw), replay.bytes))) return undefined
  for (const [i, part] of ended.entries()) part!.document.firstCaptureMs = firstCaptureMs.get(i + 1) ?? 0
  return {
    document,
    ended: ended.map((part) => ({ format: part!.format, document: (): PartDocument => part!.document })),
    part: {
      number,
      format: last.format,
      track: last.head.track,
      file: { table: last.table, fragments: last.fragments, sizeBytes: last.wholeBytes },
      timeline,
      firstCaptureMs: begins,
    },
    account: replay.account,
    next: lastSequence + 1,
    lastCaptureMs: capture.lastMs,
    bytes: replay.bytes,
    capture,
    arrival: { firstMs: firstArrivalMs, lastMs: lastArrivalMs },
  }
}

/**
 * Removes what a killed server left of a recording that has no whole fragment yet, when its phone still has all of it: it begins
 * anew.
 *
 * @param from - The first packet that the phone has.
 * @returns Whether the folder is gone.
 */
export async function dropUnbegun(
  folder: string,
  { capture, pictures }: RecordingDocument,
  from: number,
): Promise<boolean> {
  if (!capture || from > capture.from || pictures > 0) return false
  const numbers = partNumbers(await readdir(folder))
  if (numbers.length > 1 || (numbers.length === 1 && (await lastPart(join(folder, partFile(1))))))
    return false
  await rm(folder, { recursive: true, force: true })
  return true
}

/** The part that was being written, cut behind its last whole fragment; undefined when there is none, or it was closed. */
async function lastPart(path: string) {
  return withFile(path, 'r+', async (handle) => {
    const last = new LastFragments()
    let fragments = 0
    const count = (fragment: ScannedFragment) => {
      fragments += 1
      last.add(fragment)
    }
    let part = await scanPart(handle, count)
    if (part.head.finalMoovOffset !== undefined) return undefined
    const { value: torn } = await last.torn(windowed(handle), part.format.kind).next()
    await handle.truncate(torn?.startOffset ?? part.wholeBytes)
    if (torn) {
      fragments = 0
      part = await scanPart(handle, count)
    }
    return part.table.samples > 0 ? { ...part, fragments } : undefined
  }).catch(() => undefined)
}

/** stream.h264 is written ahead of the MP4: what it has beyond goes. @returns Whether it has all of it. */
async function cutRaw(path: string, bytes: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return true
  if (found.size < bytes) return false
  await truncate(path, bytes)
  return true
}
