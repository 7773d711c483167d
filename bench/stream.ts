/** The pictures that the cameras send: 720p as a phone encodes it. */

import { join } from 'node:path'
import { Child } from './children.ts'

/** A loop of the stream, in seconds and pictures. */
const STREAM_SECONDS = 20
export const FPS = 30
const SIZE = '1280x720'
export const BITRATE_MBPS = 4
/** The bytes of one camera in one second, about. */
export const CAMERA_BYTES_PER_SECOND = (BITRATE_MBPS * 1e6) / 8

/** Makes the stream in a folder; returns its file. */
export async function makeStream(folder: string): Promise<string> {
  const file = join(folder, 'stream.h264')
  const rate = `${BITRATE_MBPS}M`
  const child = new Child(
    process.env.FFMPEG_BIN || 'ffmpeg',
    [
      ...['-v', 'error', '-nostdin', '-f', 'lavfi', '-i', `testsrc2=size=${SIZE}:rate=${FPS}`],
      ...['-t', String(STREAM_SECONDS), '-vf', 'noise=alls=12:allf=t', '-pix_fmt', 'yuv420p'],
      ...['-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast', '-bf', '0'],
      ...['-g', String(FPS), '-keyint_min', String(FPS), '-sc_threshold', '0'],
      ...['-b:v', rate, '-maxrate', rate, '-bufsize', rate],
      // Phones send no SEI.
      ...['-bsf:v', 'filter_units=remove_types=6', '-f', 'h264', file],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  await new Promise((resolve) => child.process.once('close', resolve))
  if (child.process.exitCode !== 0) throw new Error(`ffmpeg could not make the test stream: ${child.output}`)
  return file
}
