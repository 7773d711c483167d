/** What lists show of a recording, read from its folder. */

import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { JPEG_CODEC } from '../mp4/track.ts'
import type { PartDocument, RecordingDocument } from '../recording/document.ts'
import type { RecordingSummary } from '../wire/api/recordings.ts'
import { FILES, isServed } from './file-names.ts'
import { readNotes } from './notes.ts'
import { readDocument } from './recover.ts'

/** Times between two parts of up to this, in ms, are told by the camera's clock; of longer ones it jumped, where it has one. */
const MAX_PAUSE_MS = 10_000

/**
 * Reads a folder.
 *
 * @returns undefined when it is no folder of its own (a symbolic link is none) or has no recording.json that can be read.
 */
export async function readSummary(folder: string, id: string): Promise<RecordingSummary | undefined> {
  try {
    if (!(await lstat(folder)).isDirectory()) return undefined
    const names = await readdir(folder)
    if (!names.includes(FILES.document)) return undefined
    const document = await readDocument(folder)
    if (!document) return undefined
    const { title, note } = names.includes(FILES.notes)
      ? await readNotes(folder)
      : { title: null, note: null }
    return {
      id,
      camera: document.camera,
      cameraName: document.device.name ?? null,
      model: document.device.model,
      take: document.take,
      state: document.state,
      startedAtMs: document.startedAtMs,
      endedAtMs: document.endedAtMs,
      durationMs: document.durationMs,
      pictures: document.pictures,
      missing: document.integrity.missing,
      gapCount: document.integrity.gapCount,
      bytes: await bytesOf(folder, names.filter(isServed)),
      width: document.width,
      height: document.height,
      partsAtMs: partsAtMs(document.parts),
      format: isOfJpeg(document) ? 'jpeg' : 'h264',
      playable: playableOf(document, names),
      hasThumbnail: names.includes(FILES.thumbnail),
      hasRaw: names.includes(FILES.raw),
      title,
      note,
      star: names.includes(FILES.star),
    }
  } catch {
    // It went while it was read.
    return undefined
  }
}

/** Whether a recording's pictures are JPEG, which no browser plays as a film. */
export function isOfJpeg({ codec }: Pick<RecordingDocument, 'codec'>): boolean {
  return codec === JPEG_CODEC
}

function playableOf(document: RecordingDocument, names: readonly string[]): RecordingSummary['playable'] {
  const isReady = !isOfJpeg(document) || names.includes(FILES.playable)
  return { state: isReady ? 'ready' : 'none', progress: null }
}

/**
 * When each part begins, in ms after the first.
 *
 * The camera's clock tells, unless it jumped between two parts: then the later one follows at once.
 */
export function partsAtMs(
  parts: readonly Pick<PartDocument, 'codec' | 'firstCaptureMs' | 'durationMs'>[],
): number[] {
  const begins: number[] = []
  for (const [i, { codec, firstCaptureMs }] of parts.entries()) {
    const before = parts[i - 1]
    if (!before) begins.push(0)
    else {
      const pauseMs = firstCaptureMs - before.firstCaptureMs - before.durationMs
      const isTold = pauseMs >= 0 && (pauseMs <= MAX_PAUSE_MS || codec === JPEG_CODEC)
      begins.push(begins[i - 1]! + before.durationMs + (isTold ? pauseMs : 0))
    }
  }
  return begins
}

/** Links count nothing: they are not served. */
async function bytesOf(folder: string, names: readonly string[]): Promise<number> {
  const files = await Promise.all(names.map((name) => lstat(join(folder, name)).catch(() => undefined)))
  return files.reduce((sum, file) => sum + (file?.isFile() ? file.size : 0), 0)
}
