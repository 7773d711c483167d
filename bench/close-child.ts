/**
 * Records so many pictures and closes the recording, in a process of its own: see close.ts.
 *
 * Needs `--expose-gc`.
 */

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { configurationOf, splitAccessUnits } from '../src/h264/split.ts'
import { RecordingFolder } from '../src/library/recording-folder.ts'
import { createLog } from '../src/log.ts'
import { SampleTable } from '../src/mp4/sample-table.ts'
import { TICKS_PER_MS } from '../src/mp4/track.ts'
import { Recorder } from '../src/recording/recorder.ts'
import { builtInStream } from '../src/simulate/built-in-stream.ts'
import { closedRecordings } from './rollcall.ts'

export interface CloseJob {
  pictures: number
  data: string
}

export interface CloseFigures {
  pictures: number
  /** From `captureStopped` to the last recording.json. */
  closeMs: number
  /** The longest time between two turns of the event loop meanwhile. */
  blockMs: number
  /** What an open recording holds, a picture. */
  heldBytes: number
  /** The sample table's own count of the same. */
  tableBytes: number
  fileBytes: number
}

/** Pictures are cut to this many bytes: their number counts here, not their size. */
const PICTURE_BYTES = 40
const FPS = 30
const KEYFRAME_EVERY = 30
const CAMERA_START_MS = 5_000_000
const SYNC_MS = 200
/** Pictures between two looks at the disk. */
const PICTURES_PER_TURN = 2000
const FRAGMENT_MS = 500

const job: CloseJob = JSON.parse(process.argv[2]!)
const units = splitAccessUnits(builtInStream()).map(configurationOf)
const configuration = units[0]!.configuration
const [keyframe, picture] = units.map((unit) => unit.picture.slice(0, PICTURE_BYTES)) as [
  Uint8Array,
  Uint8Array,
]
const time = { ms: 0 }
let paused = false
let folder: RecordingFolder | undefined
const recorder = new Recorder({
  camera: '127.0.0.1_1',
  device: () => ({ model: null, address: '127.0.0.1', path: '/android-cam' }),
  take: () => undefined,
  openFiles: (_startedAtMs, events) => {
    const options = { dataDir: job.data, name: 'bench', keepRaw: true, syncIntervalMs: SYNC_MS }
    folder = new RecordingFolder({ ...options, ...events, onThumbnail: () => {} })
    return folder
  },
  setPaused: (value) => {
    paused = value
  },
  clock: { wallMs: () => Date.now(), monotonicMs: () => time.ms },
  log: createLog({ level: 'error', format: 'text', write: (line) => console.error(line) }),
  fragmentMs: FRAGMENT_MS,
  maxGapMs: 10_000,
  maxQueuedBytes: 16 * 1024 * 1024,
  earlyHoldMs: 5000,
  earlyHoldBytes: 8 * 1024 * 1024,
})

recorder.captureStarted()
await untilWritten()
const emptyBytes = heldBytes()
await record()
// Everything is on the disk: what is left is the closing.
time.ms += 2 * FRAGMENT_MS
recorder.tick()
await untilWritten()
await sleep(4 * SYNC_MS)
const held = heldBytes() - emptyBytes
const { closeMs, blockMs } = await closeIt()
const [closed] = await closedRecordings(job.data, { count: 1, thumbnails: false, timeoutMs: 0 })
if (closed?.document.state !== 'closed' || closed.document.pictures !== job.pictures)
  throw new Error(`the recording is not closed: ${JSON.stringify(closed?.document)}`)
const figures: CloseFigures = {
  pictures: job.pictures,
  closeMs,
  blockMs,
  heldBytes: held / job.pictures,
  tableBytes: tableBytes() / job.pictures,
  fileBytes: (await stat(join(closed.folder, 'stream.mp4'))).size,
}
process.send!(figures)
process.disconnect?.()

async function record(): Promise<void> {
  recorder.packet({ captureMs: 0, sequence: 0, payload: configuration }, time.ms)
  for (let i = 0; i < job.pictures; i += 1) {
    time.ms = captureMs(i)
    const payload = i % KEYFRAME_EVERY === 0 ? keyframe : picture
    recorder.packet({ captureMs: CAMERA_START_MS + time.ms, sequence: i + 1, payload }, time.ms)
    if (i % PICTURES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    while (paused) {
      await sleep(1)
      recorder.tick()
    }
  }
}

async function closeIt(): Promise<{ closeMs: number; blockMs: number }> {
  let turn = performance.now()
  let blockMs = 0
  let probing = true
  const look = () => {
    const now = performance.now()
    blockMs = Math.max(blockMs, now - turn)
    turn = now
    if (probing) setImmediate(look)
  }
  look()
  await new Promise((resolve) => setImmediate(resolve))
  const startedMs = performance.now()
  recorder.captureStopped()
  await recorder.close()
  const closeMs = performance.now() - startedMs
  await new Promise((resolve) => setImmediate(resolve))
  probing = false
  return { closeMs, blockMs }
}

async function untilWritten(): Promise<void> {
  await folder!.id
  do await sleep(10)
  while (folder!.queuedBytes > 0)
}

/** A sample table of the same pictures. */
function tableBytes(): number {
  const table = new SampleTable()
  for (let i = 0; i < job.pictures; i += 1) {
    if (i % (KEYFRAME_EVERY / 2) === 0) table.beginChunk(i * PICTURE_BYTES)
    const ticks = captureMs(i) * TICKS_PER_MS
    const keyframe = i % KEYFRAME_EVERY === 0
    table.add({ decodeTicks: ticks, compositionTicks: ticks, sizeBytes: PICTURE_BYTES, keyframe })
  }
  return table.memoryBytes
}

/** Whole ms, as phones count: intervals of 33 and 34 ms, which no run of equal ones shortens. */
function captureMs(picture: number): number {
  return Math.round((picture * 1000) / FPS)
}

function heldBytes(): number {
  globalThis.gc!()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
