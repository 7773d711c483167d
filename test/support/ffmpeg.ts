/** What ffprobe and ffmpeg say of a file: readers that we did not write. */

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

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

/** The video stream's and the container's properties. */
export async function probe(file: string): Promise<{ streams: Record<string, string | number>[]; format: Record<string, string> }> {
  const { stdout } = await run('ffprobe', ['-v', 'quiet', '-show_streams', '-show_format', '-of', 'json', file], LARGE)
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
  const bytes = await readFile(file)
  const packets = await probePackets(file, 'h264')
  const starts = packets.map(({ position }) => position)
  return starts.map((start, i) => bytes.subarray(start, starts[i + 1] ?? bytes.length))
}
