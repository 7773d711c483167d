/**
 * Closes recordings that were cut off: from their own bytes, without throwing a whole fragment away.
 *
 * May be cut off itself at any point and begun again.
 */

import { access, type FileHandle, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ProtocolError, RequestError, StorageError } from '../errors.ts'
import { byteLength } from '../mp4/boxes.ts'
import { TICKS_PER_MS } from '../mp4/track.ts'
import { finishFile } from '../mp4/writer.ts'
import type { Format } from '../recording/codec.ts'
import {
  makeDocument,
  type PartDocument,
  type RecordingDocument,
  recordingDocumentSchema,
} from '../recording/document.ts'
import { MAX_AWAY_MS } from '../recording/jpeg-codec.ts'
import { partFile, partNumbers } from '../recording/part.ts'
import { saveAtomically, syncDirectory } from './atomic-file.ts'
import { liveHolder } from './data-lock.ts'
import { LEFT_THUMBNAIL } from './ffmpeg.ts'
import { FILES } from './file-names.ts'
import { scanAroundHoles } from './holes.ts'
import { hasRightIndex, withFile } from './part-file.ts'
import { type RowsPart, recoverRows } from './recover-rows.ts'
import type { Replay } from './replay.ts'

/** What recovering one folder did. */
export interface Recovered {
  document: RecordingDocument
  /** Bytes that were cut off, or left out between whole fragments. */
  cutBytes: number
}

interface PartFound extends RowsPart {
  document: PartDocument
  format: Format
  cutBytes: number
}

/** A folder that was made for a recording. */
export const FOLDER_NAME = /^(?<camera>.+)_\d{8}_\d{6}(?:_\d+)?$/

/** Files of a recording, temporary ones included. */
const OUR_FILE = /^\.?(recording\.json|frames\.csv|stream\.h264|stream(\.\d+)?\.mp4)(\.tmp|\.partial)?$/

/** Folders that are looked at side by side: a server with thousands of them must listen soon. */
const LOOKED_AT_ONCE = 32

/** What a crash left behind in the data folder. */
export interface LeftBehind {
  /** Folders in the state `recording`, or without a readable recording.json but with a file of ours or none at all. */
  unclosed: string[]
  /** Closed folders whose thumbnail was being made. */
  halfThumbnails: string[]
}

export async function findLeftBehind(dataDir: string): Promise<LeftBehind> {
  const entries = await readdir(dataDir, { withFileTypes: true })
  const folders = entries
    .filter((entry) => entry.isDirectory() && FOLDER_NAME.test(entry.name))
    .map((entry) => join(dataDir, entry.name))
  const found: LeftBehind = { unclosed: [], halfThumbnails: [] }
  for (let i = 0; i < folders.length; i += LOOKED_AT_ONCE) {
    const some = folders.slice(i, i + LOOKED_AT_ONCE)
    const left = await Promise.all(some.map(whatIsLeft))
    found.unclosed.push(...some.filter((_, j) => left[j] === 'unclosed'))
    found.halfThumbnails.push(...some.filter((_, j) => left[j] === 'half a thumbnail'))
  }
  return found
}

async function whatIsLeft(folder: string): Promise<'unclosed' | 'half a thumbnail' | undefined> {
  const document = await readDocument(folder)
  if (document ? document.state === 'recording' : await isOurs(folder)) return 'unclosed'
  return document && (await isThere(join(folder, LEFT_THUMBNAIL))) ? 'half a thumbnail' : undefined
}

/** Whether a folder that is named like a recording may be one: what only looks like it is left alone. */
async function isOurs(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => [])
  return names.length === 0 || names.some((name) => OUR_FILE.test(name))
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** recording.json of a folder; undefined when there is none that can be read. */
export async function readDocument(folder: string): Promise<RecordingDocument | undefined> {
  try {
    const path = join(folder, FILES.document)
    // A pipe in its place would be waited for without end.
    if (!(await stat(path)).isFile()) return undefined
    const text = await readFile(path, 'utf8')
    const parsed = recordingDocumentSchema.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

/**
 * Looks whether a folder is one to recover by hand.
 *
 * @returns `at rest` when it is closed already.
 * @throws {RequestError} `RECORDING_INVALID` when it is no recording, or a server has it in hand.
 */
export async function stateByHand(folder: string): Promise<'unclosed' | 'at rest'> {
  const names = await readdir(folder).catch((cause) => {
    throw new RequestError('RECORDING_INVALID', `${folder} is no folder that can be read: ${cause.message}`)
  })
  const ours: string[] = [FILES.document, FILES.rows, FILES.raw, partFile(1)]
  if (!names.some((name) => ours.includes(name)))
    throw new RequestError(
      'RECORDING_INVALID',
      `${folder} is no recording: it holds none of ${ours.join(', ')}`,
    )
  const state = (await readDocument(folder))?.state
  if (state === 'closed' || state === 'recovered') return 'at rest'
  const holder = await liveHolder(dirname(folder))
  if (holder !== undefined && state !== 'failed')
    throw new RequestError(
      'RECORDING_INVALID',
      `${folder} is in the hands of the Rollcall of process ${holder}: it records there, or recovers it by itself`,
    )
  return 'unclosed'
}

/**
 * Recovers one folder.
 *
 * @param maxGapMs - As the server has it: decides what counts as a jump of the camera's clock.
 * @param ended - recording.json as it were had the disk taken all: the folder is then `closed`, not `recovered`, and
 *   what came and is not in it is counted.
 * @throws {StorageError} `STORAGE_FAILED` when the disk refuses; the folder can be recovered again.
 */
export async function recoverFolder(
  folder: string,
  maxGapMs: number,
  ended?: RecordingDocument,
): Promise<Recovered> {
  try {
    const known = ended ?? (await readDocument(folder))
    const parts: PartFound[] = []
    for (const number of partNumbers(await readdir(folder))) {
      const part = await recoverPart(folder, number)
      if (part) parts.push(part)
    }
    const knownParts = (known?.parts ?? []).map(({ file, firstCaptureMs }) => ({
      number: partNumbers([file])[0] ?? 0,
      firstCaptureMs,
    }))
    const maxPayloadBytes = ended && (await rawSize(folder))
    const options = {
      knownParts,
      maxGapMs: maxGapOf(parts, maxGapMs),
      maxPayloadBytes,
      from: known?.capture?.from,
    }
    const { replay, firstCaptureMs } = await recoverRows(folder, parts, options)
    for (const { number, document } of parts) document.firstCaptureMs = firstCaptureMs.get(number) ?? 0
    const document = await documentOf(folder, known, parts, replay)
    if (ended) {
      document.state = 'closed'
      const { packets, notH264, configurationPackets } = ended.integrity
      const came = packets - notH264 - configurationPackets
      if (came > replay.rows) document.integrity.droppedAtEnd = came - replay.rows
    }
    // What the document says of the other files must be on the disk before it.
    await syncDirectory(folder)
    await saveAtomically(folder, FILES.document, `${JSON.stringify(document, null, 2)}\n`)
    return { document, cutBytes: parts.reduce((sum, part) => sum + part.cutBytes, 0) }
  } catch (cause) {
    if (cause instanceof StorageError) throw cause
    throw new StorageError('STORAGE_FAILED', `${folder} cannot be recovered: ${(cause as Error).message}`, {
      cause,
    })
  }
}

/** A part that another one follows, closed if it was not. */
export function finishedPart(
  folder: string,
  number: number,
): Promise<{ document: PartDocument; format: Format } | undefined> {
  return recoverPart(folder, number)
}

/** Closes a part; undefined when it holds nothing to close. */
async function recoverPart(folder: string, number: number): Promise<PartFound | undefined> {
  const path = join(folder, partFile(number))
  try {
    return await withFile(path, 'r+', (handle) => finishPart(handle, number))
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    // Not one whole fragment: set aside, so that what is there stays there.
    if ((await stat(path)).size === 0) await rm(path)
    else await rename(path, `${path}.partial`)
    return undefined
  }
}

async function finishPart(handle: FileHandle, number: number): Promise<PartFound> {
  const { size: foundBytes } = await handle.stat()
  const part = await scanAroundHoles(handle)
  // What a harmed index says is written anew.
  if (part.finished && !(await hasRightIndex(handle, part))) part.finished = false
  if (part.table.samples === 0) throw new ProtocolError('MP4_INVALID', 'a stream.mp4 has no whole fragment')
  const { head, table, wholeBytes, holeBytes, lastDurationTicks, format } = part
  const finish = finishFile(head.track, table, {
    ftypBytes: head.ftypBytes,
    sizeBytes: wholeBytes,
    shiftTicks: head.shiftTicks,
    lastDurationTicks,
  })
  if (!part.finished) {
    await handle.truncate(wholeBytes)
    try {
      await writeWhole(handle, finish.append, wholeBytes)
      await handle.datasync()
    } catch (error) {
      // As it is, the file plays; with half an index behind it, some would not read it.
      await handle.truncate(wholeBytes)
      throw error
    }
    await handle.write(finish.patch.bytes, 0, finish.patch.bytes.length, finish.patch.offset)
    await handle.datasync()
  }
  const document: PartDocument = {
    file: partFile(number),
    codec: format.codec,
    width: format.width,
    height: format.height,
    pictures: table.samples,
    keyframes: table.keyframes,
    bytes: part.finished ? part.fileBytes : wholeBytes + byteLength(finish.append),
    durationMs: finish.durationTicks / TICKS_PER_MS,
    firstCaptureMs: 0,
  }
  return {
    number,
    document,
    format,
    pace: format,
    hasHoles: holeBytes > 0,
    cutBytes: part.finished ? 0 : foundBytes - wholeBytes + holeBytes,
  }
}

/** As the recording had it: a camera without a clock has none that could jump. */
function maxGapOf(parts: readonly PartFound[], maxGapMs: number): number {
  return parts[0]?.format.kind === 'jpeg' ? MAX_AWAY_MS : maxGapMs
}

/** A disk that is almost full takes a part of what it is given. */
async function writeWhole(handle: FileHandle, pieces: readonly Uint8Array[], offset: number): Promise<void> {
  let at = offset
  for (const piece of pieces)
    for (let done = 0; done < piece.length; ) {
      const { bytesWritten } = await handle.write(piece, done, piece.length - done, at)
      done += bytesWritten
      at += bytesWritten
    }
}

async function documentOf(
  folder: string,
  known: RecordingDocument | undefined,
  parts: readonly PartFound[],
  replay: Replay,
): Promise<RecordingDocument> {
  const id = basename(folder)
  const born = await stat(folder)
  const startedAtMs = known?.startedAtMs ?? replay.firstArrivalMs ?? Math.round(born.birthtimeMs)
  const rawBytes = await rawSize(folder)
  const before = known?.integrity
  const integrity = {
    ...replay.account.figures,
    malformed: before?.malformed ?? 0,
    notH264: before?.notH264 ?? 0,
    configurationPackets: before?.configurationPackets ?? 0,
    packets: replay.rows + (before?.notH264 ?? 0) + (before?.configurationPackets ?? 0),
    ...(before?.droppedBefore && { droppedBefore: before.droppedBefore }),
  }
  return makeDocument({
    id,
    camera: known?.camera ?? FOLDER_NAME.exec(id)?.groups?.camera ?? id,
    device: known?.device ?? { model: null, address: '', path: '' },
    take: known?.take ?? null,
    capture: known?.capture && captureOf(known.capture, replay),
    state: 'recovered',
    startedAtMs,
    endedAtMs: replay.lastArrivalMs ?? startedAtMs,
    profile: parts[0]?.format.profile ?? null,
    bytes: rawBytes ?? replay.bytes,
    rate: replay.rate(),
    integrity,
    parts: parts.map(({ document }) => document),
    errors: known?.errors ?? [],
  })
}

/** What was counted as it came may not be on the disk: the rows tell. A last one without its number proves nothing. */
function captureOf(
  { id, from }: NonNullable<RecordingDocument['capture']>,
  { lastSequence }: Replay,
): RecordingDocument['capture'] {
  return { id, from, next: Math.max(from, (lastSequence ?? -1) + 1) }
}

/** undefined when stream.h264 is not kept. */
function rawSize(folder: string): Promise<number | undefined> {
  return stat(join(folder, FILES.raw)).then(
    ({ size }) => size,
    () => undefined,
  )
}
