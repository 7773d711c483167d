/** What ffprobe and ffmpeg say of a file: readers that we did not write. */

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { configurationApart } from './phone.ts'

const run = promisify(execFile)
const LARGE = { maxBuffer: 256 * 1024 * 1024 }

export interface ProbedPacket {
  ptsMs: number
  dtsMs: number
  keyframe: boolean
  sizeBytes: number
  /** Byte offset in the file. */
  position: number
}

/** Every packet of the video track, in file order. */
export async function probePackets(file: string, format?: string): Promise<ProbedPacket[]> {
  const input = format ? ['-f', format, file] : [file]
  const entries = ['-show_entries', 'packet=pts_time,dts_time,flags,size,pos', '-of', 'json']
  const { stdout } = await run('ffprobe', ['-v', 'quiet', ...entries, ...input], LARGE)
  const { packets } = JSON.parse(stdout) as { packets?: Record<string, string>[] }
  return (packets ?? []).map((packet) => ({
    ptsMs: Number(packet.pts_time) * 1000,
    dtsMs: Number(packet.dts_time) * 1000,
    keyframe: packet.flags!.includes('K'),
    sizeBytes: Number(packet.size),
    position: Number(packet.pos),
  }))
}

/** What ffprobe shows of the only stream or of its packets: `-show_entries` in words, a record each. */
export async function probeEntries(
  file: string,
  entries: string,
  options: readonly string[] = [],
): Promise<Record<string, string>[]> {
  const args = ['-v', 'quiet', ...options, '-show_entries', entries, '-of', 'json', file]
  const { stdout } = await run('ffprobe', args, LARGE)
  const { packets, streams } = JSON.parse(stdout)
  return entries.startsWith('packet') ? packets : streams
}

/** The video stream's and the container's properties. */
export async function probe(
  file: string,
): Promise<{ streams: Record<string, string | number>[]; format: Record<string, string> }> {
  const { stdout } = await run(
    'ffprobe',
    ['-v', 'quiet', '-show_streams', '-show_format', '-of', 'json', file],
    LARGE,
  )
  return JSON.parse(stdout)
}

/** Checksums of the decoded pictures, in the order in which they are shown. */
export async function frameMd5(file: string, ...input: string[]): Promise<string[]> {
  const args = ['-v', 'quiet', ...input, '-i', file, '-fps_mode', 'passthrough', '-f', 'framemd5', '-']
  const { stdout } = await run('ffmpeg', args, LARGE)
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.map((line) => line.split(',').at(-1)!.trim())
}

/** The access units of an H.264 file as ffprobe cuts it. */
export async function accessUnitsOf(file: string): Promise<Uint8Array[]> {
  return cut(await readFile(file), await probePackets(file, 'h264'))
}

/** The same, and for each access unit its place in the order in which pictures are shown. */
export async function orderedUnitsOf(file: string): Promise<OrderedUnits> {
  const packets = await probePackets(file, 'h264')
  return { units: cut(await readFile(file), packets), order: await shownOrder(file, packets) }
}

/** Access units in file order, and for each its place in the order in which pictures are shown. */
export interface OrderedUnits {
  units: Uint8Array[]
  order: number[]
}

function cut(bytes: Uint8Array, packets: readonly ProbedPacket[]): Uint8Array[] {
  const starts = packets.map(({ position }) => position)
  return starts.map((start, i) => bytes.subarray(start, starts[i + 1] ?? bytes.length))
}

async function shownOrder(file: string, packets: readonly ProbedPacket[]): Promise<number[]> {
  const args = [
    '-v',
    'quiet',
    '-f',
    'h264',
    '-show_frames',
    '-show_entries',
    'frame=pkt_pos',
    '-of',
    'json',
    file,
  ]
  const { stdout } = await run('ffprobe', args, LARGE)
  const { frames } = JSON.parse(stdout) as { frames: { pkt_pos: string }[] }
  // Pictures that the decoder drops, before the first keyframe, keep their place.
  const dropped = packets.length - frames.length
  const place = new Map(frames.map(({ pkt_pos }, i) => [Number(pkt_pos), dropped + i]))
  return packets.map(({ position }, i) => place.get(position) ?? i)
}

const encoded = new Map<string, Promise<Uint8Array[]>>()

/**
 * Access units of a moving test picture; the first carries SPS and PPS, later keyframes do not.
 *
 * @param size - `WIDTHxHEIGHT`.
 */
export function testPictures(count: number, size = '160x120', keyframeEvery = 10): Promise<Uint8Array[]> {
  const key = `${count} ${size} ${keyframeEvery}`
  const known = encoded.get(key) ?? encode(count, size, keyframeEvery)
  encoded.set(key, known)
  return known
}

/** Access units of a moving test picture, parameter sets with every keyframe, and for each its place in the order shown. */
export function encodedPictures(
  count: number,
  size: string,
  codec: readonly string[],
): Promise<OrderedUnits> {
  return withEncoded({ count, size, codec }, orderedUnitsOf)
}

/** @param codec - For libx264 and what comes before it, such as `-vf`. */
async function withEncoded<T>(
  film: { count: number; size: string; codec: readonly string[] },
  read: (file: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-encode-'))
  try {
    const file = join(folder, 'test.h264')
    const { count, size, codec } = film
    const source = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=10`, '-frames:v', String(count)]
    const encoder = ['-c:v', 'libx264', '-threads', '1', ...codec]
    await run('ffmpeg', ['-v', 'error', ...source, ...encoder, '-y', file], LARGE)
    return await read(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function encode(count: number, size: string, keyframeEvery: number): Promise<Uint8Array[]> {
  const baseline = ['-profile:v', 'baseline', '-preset', 'ultrafast', '-tune', 'zerolatency']
  const x264 = ['-x264-params', `keyint=${keyframeEvery}:min-keyint=${keyframeEvery}:scenecut=0`]
  const units = await withEncoded({ count, size, codec: [...baseline, ...x264] }, accessUnitsOf)
  return units.map((unit, i) => (i === 0 ? unit : configurationApart(unit).picture))
}
