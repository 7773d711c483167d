/** Two hundred cameras at once: every picture must be in its stream.mp4. */

import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { verifyFolder } from '../src/library/verify.ts'
import { withFolder } from './children.ts'
import type { LoadAccount } from './load.ts'
import { Load } from './loads.ts'
import { cpuTime, diskSpeed, freeDiskBytes, rssBytes } from './machine.ts'
import { type Context, medianOf, type PartResult } from './report.ts'
import { type Closed, closedRecordings, type LoopDelay, startRollcall } from './rollcall.ts'
import { CAMERA_BYTES_PER_SECOND, FPS, makeStream } from './stream.ts'

const CAMERAS = 200
const SECONDS = 60
const QUICK_CAMERAS = 50
const QUICK_SECONDS = 10
/** Processes that the phones are spread over: one alone may not keep up. */
const LOAD_PROCESSES = 2
/** The disk must have room for so many times what is needed. */
const ROOM = 1.1
/** The disk's speed is measured with so many bytes. */
const DISK_PROBE_BYTES = 512e6
/** CPU and event loop are measured from here on, in ms: connections and first files are over. */
const SETTLE_MS = 3000
const CLOSE_TIMEOUT_MS = 120_000
/** Folders that are checked byte by byte. */
const VERIFIED_FOLDERS = 3
/** Pictures that go out later than this, in ms, are no fair load any more. */
const LATE_MS = 500

interface Round {
  sent: number
  recorded: number
  /** Sequence numbers missing, repeated and out of order, by the recordings' own accounts. */
  faults: number
  /** Cameras whose recording does not hold exactly what they sent. */
  unequal: number
  violations: string[]
  /** Pictures of one recording that ffprobe did not find. */
  notProbed: number
  /** CPU of the server, and beside it of ffmpeg making thumbnails, in CPU seconds a second. */
  cores: number
  childCores: number
  rssPerCamera: number
  loop: LoopDelay
  closeSeconds: number
  lateMs: number
  waitingBytes: number
}

export async function many(context: Context): Promise<PartResult> {
  const { quick, temp, say } = context
  const cameras = quick ? QUICK_CAMERAS : CAMERAS
  const seconds = quick ? QUICK_SECONDS : SECONDS
  const bytes = cameras * seconds * CAMERA_BYTES_PER_SECOND
  const notes: string[] = []
  const rounds: Round[] = []
  await withFolder(temp, async (folder) => {
    const freeBytes = await freeDiskBytes(temp)
    const raw = freeBytes > 2 * bytes * ROOM
    if (!raw && freeBytes < bytes * ROOM)
      throw new Error(`${temp} has ${gb(freeBytes)} free, ${gb(bytes * ROOM)} are needed`)
    if (!raw)
      notes.push(`--no-raw: ${gb(freeBytes)} of disk are free, stream.h264 would need ${gb(bytes)} more`)
    const disk = diskSpeed(folder, DISK_PROBE_BYTES)
    notes.push(`the disk takes ${mb(disk)}/s, this needs ${mb((bytes / seconds) * (raw ? 2 : 1))}/s`)
    const streamFile = await makeStream(folder)
    for (let i = 0; i < (context.rounds ?? 1); i += 1) {
      const round = await withFolder(folder, (data) =>
        measure(data, streamFile, { cameras, seconds, raw, context }),
      )
      rounds.push(round)
      say(`round ${i + 1}: ${round.sent} sent, ${round.recorded} recorded, ${round.cores.toFixed(2)} cores`)
      for (const violation of round.violations) say(violation)
      if (round.lateMs > LATE_MS)
        notes.push(
          `the load generator was up to ${round.lateMs.toFixed(0)} ms late: this machine is too small for both`,
        )
    }
  })
  const of = (value: (round: Round) => number) => medianOf(rounds.map(value))
  const most = (value: (round: Round) => number) => Math.max(...rounds.map(value))
  const size = `${cameras} cameras, ${seconds} s`
  return {
    figures: [
      { name: `pictures sent (${size})`, value: of(({ sent }) => sent), unit: '' },
      {
        name: 'pictures missing in stream.mp4',
        value: most((r) => r.sent - r.recorded),
        unit: '',
        atMost: 0,
      },
      { name: 'cameras whose recording differs', value: most((r) => r.unequal), unit: '', atMost: 0 },
      { name: 'missing, repeated, out of order', value: most((r) => r.faults), unit: '', atMost: 0 },
      { name: 'broken storage invariants', value: most((r) => r.violations.length), unit: '', atMost: 0 },
      { name: 'pictures that ffprobe does not find', value: most((r) => r.notProbed), unit: '', atMost: 0 },
      { name: 'CPU of the server', value: of(({ cores }) => cores), unit: 'cores' },
      { name: 'CPU of its thumbnails', value: of((r) => r.childCores), unit: 'cores' },
      { name: 'memory (RSS) per camera', value: of((r) => r.rssPerCamera / 1024), unit: 'KiB' },
      { name: 'event loop delay, p99', value: of(({ loop }) => loop.p99), unit: 'ms' },
      { name: 'event loop delay, longest', value: of(({ loop }) => loop.max), unit: 'ms' },
      { name: 'last picture sent to all closed', value: of((r) => r.closeSeconds), unit: 's' },
      { name: 'load generator late, at most', value: most((r) => r.lateMs), unit: 'ms' },
      { name: 'waiting for the server, per phone', value: most((r) => r.waitingBytes / 1024), unit: 'KiB' },
    ],
    rounds,
    notes,
  }
}

async function measure(
  data: string,
  streamFile: string,
  options: { cameras: number; seconds: number; raw: boolean; context: Context },
): Promise<Round> {
  const { cameras, seconds, raw } = options
  const { nodeFlags, say } = options.context
  const args = raw ? ['--log-level', 'warn'] : ['--no-raw', '--log-level', 'warn']
  const { child, port } = await startRollcall(data, { probe: true, nodeFlags, args })
  try {
    const emptyBytes = rssBytes(child.pid)
    const job = { port, streamFile, cameras, pictures: seconds * FPS, fps: FPS, restartEvery: 0 }
    const load = await Load.connect({ ...job, pace: 'paced', bare: false }, LOAD_PROCESSES)
    let hungUpMs = 0
    const sent = load.run().finally(() => {
      hungUpMs = performance.now()
    })
    await sleep(SETTLE_MS)
    await child.ask('start')
    const [before, fromMs] = [cpuTime(child.pid), performance.now()]
    await sleep(seconds * 1000 - SETTLE_MS)
    const loop = await child.ask<LoopDelay>('stop')
    const [after, elapsed] = [cpuTime(child.pid), (performance.now() - fromMs) / 1000]
    const cores = (after.user + after.system - before.user - before.system) / elapsed
    const childCores = (after.children - before.children) / elapsed
    const rssPerCamera = (rssBytes(child.pid) - emptyBytes) / cameras
    const account = await sent
    const wanted = { count: cameras, thumbnails: false, timeoutMs: CLOSE_TIMEOUT_MS }
    const closed = await closedRecordings(data, wanted)
    const closeSeconds = (performance.now() - hungUpMs) / 1000
    if (account.seconds > seconds + LATE_MS / 1000) say(`sending took ${account.seconds.toFixed(1)} s`)
    const used = { cores, childCores, rssPerCamera, loop, closeSeconds }
    return { ...compare(account, closed), ...(await inspect(closed)), ...used }
  } finally {
    await child.end('SIGTERM')
    await rm(data, { recursive: true, force: true })
  }
}

/** What was sent against what the recordings say. */
function compare({ cameras, pictures, lateMs, waitingBytes }: LoadAccount, closed: readonly Closed[]) {
  const recordings = new Map(closed.map(({ document }) => [document.camera, document]))
  const documents = [...recordings.values()]
  const unequal = cameras.filter((camera) => {
    const document = recordings.get(`127.0.0.1_${camera.port}`)
    return document?.state !== 'closed' || document.pictures !== camera.pictures || document.errors.length > 0
  })
  return {
    sent: pictures,
    recorded: documents.reduce((sum, document) => sum + document.pictures, 0),
    faults: documents.reduce((sum, { integrity }) => {
      const { missing, repeated, outOfOrder, malformed, notH264 } = integrity
      return sum + missing + repeated + outOfOrder + malformed + notH264
    }, 0),
    unequal: unequal.length,
    lateMs,
    waitingBytes,
  }
}

/** A few of the folders against the storage invariants, one against ffprobe. */
async function inspect(closed: readonly Closed[]): Promise<{ violations: string[]; notProbed: number }> {
  const violations: string[] = []
  for (const { folder } of closed.slice(0, VERIFIED_FOLDERS))
    for (const { invariant, message } of await verifyFolder(folder))
      violations.push(`invariant ${invariant}: ${message}`)
  const last = closed.at(-1)
  if (!last) return { violations, notProbed: 0 }
  const show = ['-v', 'error', '-count_packets', '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0']
  const { stdout } = await promisify(execFile)('ffprobe', [...show, join(last.folder, 'stream.mp4')])
  return { violations, notProbed: Math.abs(last.document.pictures - Number.parseInt(stdout, 10)) }
}

function gb(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}
