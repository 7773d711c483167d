/**
 * Makes stream.h264.mp4 of a recording of JPEG pictures: all its parts as one film that browsers play, each picture at its time.
 */

import { open, rename, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { StorageError } from '../errors.ts'
import type { RecordingDocument } from '../recording/document.ts'
import { syncDirectory } from './atomic-file.ts'
import { type FfmpegWatch, runFfmpeg } from './ffmpeg.ts'
import { FILES } from './file-names.ts'
import { partsAtMs } from './summary.ts'

/** The film before it is whole, and the list of its parts; found later, its making was cut off. */
const TEMPORARY = `.${FILES.playable}`
const LIST = `.${FILES.playable}.txt`
/** The rest of the machine is for those who record and watch. */
const THREADS = String(Math.max(1, availableParallelism() >> 1))
/** About what the eye takes for the same; a player finds a place to begin every 2 s. Without B-pictures times need no edit list. */
const ENCODER = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '21', '-bf', '0', '-pix_fmt', 'yuv420p']
const KEYFRAMES = ['-force_key_frames', 'expr:gte(t,n_forced*2)']
/** Times of the source, to its tick. */
const TIMES = ['-fps_mode', 'passthrough', '-enc_time_base', '1:90000', '-video_track_timescale', '90000']

export interface FilmWatch extends Pick<FfmpegWatch, 'onStarted'> {
  /** 0 to 1. */
  onProgress: (progress: number) => void
}

/**
 * Makes the film; when the promise resolves it is on the disk. One that was begun before is begun anew.
 *
 * @throws {StorageError} `FFMPEG_FAILED`, `STORAGE_FAILED`; nothing is left of it.
 */
export async function makePlayable(
  folder: string,
  document: RecordingDocument,
  ffmpeg: string,
  { onStarted, onProgress }: FilmWatch,
): Promise<void> {
  const [film, list] = [join(folder, TEMPORARY), join(folder, LIST)]
  const onOutput = (text: string) => {
    const us = Number(/out_time_us=(\d+)/.exec(text.slice(text.lastIndexOf('out_time_us=')))?.[1])
    if (us >= 0) onProgress(Math.min(1, us / 1000 / Math.max(1, document.durationMs)))
  }
  try {
    // One that an earlier server left may still be written to.
    await rm(film, { force: true })
    await writeFile(list, listOf(document))
    const input = ['-v', 'error', '-threads', THREADS, '-f', 'concat', '-i', LIST]
    const output = ['-map', '0:v:0', '-vf', filterOf(document), ...ENCODER, '-threads', THREADS]
    const file = [
      '-movflags',
      '+faststart',
      '-f',
      'mp4',
      '-progress',
      'pipe:1',
      '-stats_period',
      '1',
      '-y',
      TEMPORARY,
    ]
    const args = [...input, ...output, ...KEYFRAMES, ...TIMES, ...file]
    // In the folder: of a path with # or ? ffmpeg would not find the parts that a list names.
    await runFfmpeg(ffmpeg, args, undefined, { onStarted, onOutput, cwd: folder })
    await forceOntoDisk(film)
    // The film is there when nothing else is left over.
    await rm(list, { force: true })
    await rename(film, join(folder, FILES.playable))
    await syncDirectory(folder)
  } catch (error) {
    for (const path of [film, list]) await rm(path, { force: true }).catch(() => {})
    if (error instanceof StorageError) throw error
    const cause = error as Error
    throw new StorageError('STORAGE_FAILED', `no ${FILES.playable} in ${folder}: ${cause.message}`, { cause })
  }
}

/** Each part, and how long it is until the next begins, for ffmpeg's concat demuxer. */
function listOf({ parts }: RecordingDocument): string {
  const begins = partsAtMs(parts)
  const lines = parts.map(({ file }, i) => {
    const next = begins[i + 1]
    return `file ${file}\n${next === undefined ? '' : `duration ${(next - begins[i]!) / 1000}\n`}`
  })
  return `ffconcat version 1.0\n${lines.join('')}`
}

/** Pictures of one size, each in the middle; the size is even, as 4:2:0 has it. */
function filterOf({ parts }: RecordingDocument): string {
  const even = (value: number) => value + (value % 2)
  const [widest, highest] = [
    Math.max(...parts.map(({ width }) => width)),
    Math.max(...parts.map(({ height }) => height)),
  ]
  const size = `${even(widest)}:${even(highest)}`
  const isOne = parts.every(({ width, height }) => width === widest && height === highest)
  if (isOne) return `pad=${size}`
  return `scale=${size}:force_original_aspect_ratio=decrease,pad=${size}:(ow-iw)/2:(oh-ih)/2,setsar=1`
}

async function forceOntoDisk(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.datasync()
  } finally {
    await handle.close()
  }
}
