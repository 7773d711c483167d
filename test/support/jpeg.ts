/** Cameras that send JPEG: their pictures, made by ffmpeg, and recordings of them on the disk. */

import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pino from 'pino'
import { RecordingFolder } from '../../src/library/recording-folder.ts'
import { BlockPool } from '../../src/recording/payload-blocks.ts'
import { frameMd5, probePackets } from './ffmpeg.ts'
import { documentIn, temporaryFolder } from './folders.ts'
import { setUpRecorder } from './recorder.ts'
import { until } from './until.ts'

const run = promisify(execFile)

/** Pictures of a moving test picture, each a whole JPEG. @param size - `WIDTHxHEIGHT`. */
export async function jpegPictures(count: number, size: string, options: string[] = []): Promise<Buffer[]> {
  const file = join(await temporaryFolder(), 'pictures.mjpeg')
  const source = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=10`, '-frames:v', String(count)]
  await run('ffmpeg', [
    '-v',
    'error',
    ...source,
    '-c:v',
    'mjpeg',
    '-q:v',
    '4',
    ...options,
    '-f',
    'mjpeg',
    file,
  ])
  return picturesOf(await readFile(file), file, 'mjpeg')
}

/** The pictures of a film of JPEG, as ffprobe finds them in it. */
export async function picturesIn(film: string): Promise<Buffer[]> {
  return picturesOf(await readFile(film), film)
}

async function picturesOf(bytes: Buffer, file: string, format?: string): Promise<Buffer[]> {
  const packets = await probePackets(file, format)
  return packets.map(({ position, sizeBytes }) => bytes.subarray(position, position + sizeBytes))
}

/** How many of these files are whole pictures that ffmpeg decodes without a complaint. */
export async function decodedJpegs(files: readonly Uint8Array[]): Promise<number> {
  const whole = files.filter((bytes) => Buffer.from(bytes.subarray(-2)).toString('hex') === 'ffd9')
  const all = join(await temporaryFolder(), 'all.mjpeg')
  await writeFile(all, Buffer.concat(whole))
  const decoded = await frameMd5(all, '-xerror', '-err_detect', 'explode', '-f', 'mjpeg')
  return decoded.length
}

/** A picture, and when it comes, in ms after the first. */
export interface Sent {
  picture: Uint8Array
  atMs: number
}

/**
 * Records pictures into a folder of its own in a data folder.
 *
 * @param options.leave - Gives a copy of the folder, of one part, as it is behind the last one, when all is written and nothing closed.
 * @returns The folder.
 */
export async function recordJpegs(
  dataDir: string,
  sent: readonly Sent[],
  options: { name?: string; leave?: boolean; fragmentMs?: number } = {},
): Promise<string> {
  const { name = 'esp-1_20261124_134902', leave = false, fragmentMs = 200 } = options
  const disk = { queuedBytes: 0, writtenBytes: 0, leave: () => {} }
  let files: RecordingFolder | undefined
  const { recorder, time } = setUpRecorder({
    camera: 'esp-1',
    format: 'jpeg',
    device: () => ({ model: null, address: '192.0.2.9', path: '/esp' }),
    blocks: new BlockPool(0),
    maxQueuedBytes: Number.POSITIVE_INFINITY,
    maxQueuedTotalBytes: Number.POSITIVE_INFINITY,
    fragmentMs,
    log: pino({ level: 'silent' }),
    openFiles: (_startedAtMs, events) => {
      const folder = { dataDir, name, keepRaw: false, maxGapMs: 10_000, disk }
      files = new RecordingFolder({ ...folder, ...events, onThumbnail: () => {} })
      return files
    },
  })
  recorder.captureStarted()
  for (const [sequence, { picture, atMs }] of sent.entries()) {
    time.nowMs = 1000 + atMs
    recorder.packet({ captureMs: atMs, sequence, payload: picture }, time.nowMs)
    recorder.tick()
  }
  time.nowMs += fragmentMs
  recorder.tick()
  const folder = join(dataDir, await files!.id)
  if (!leave) {
    await recorder.close()
    return folder
  }
  // recording.json is written behind what counts as waiting.
  await until('all is written', async () => {
    const document = await documentIn(folder).catch(() => undefined)
    return files!.queuedBytes === 0 && document !== undefined && document.parts.length > 0
  })
  const left = join(await temporaryFolder(), name)
  await mkdir(left)
  for (const file of ['stream.mp4', 'frames.csv', 'recording.json'])
    await copyFile(join(folder, file), join(left, file))
  await recorder.close()
  return left
}

/** A program in the place of ffmpeg that tells of 4 s of a long film, and waits for `go` before it makes it. */
export async function gatedFfmpeg(): Promise<{ ffmpeg: string; go: () => Promise<void> }> {
  const folder = await temporaryFolder()
  const [ffmpeg, gate] = [join(folder, 'ffmpeg'), join(folder, 'go')]
  const wait = `echo out_time_us=4000000; while [ ! -e ${gate} ]; do sleep 0.1; done`
  const script = `#!/bin/sh\ncase "$*" in *-progress*) ${wait};; esac\nexec ffmpeg "$@"\n`
  await writeFile(ffmpeg, script, { mode: 0o755 })
  return { ffmpeg, go: () => writeFile(gate, '') }
}
