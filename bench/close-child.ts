/**
 * Records so many pictures and closes the recording, in a process of its own: see close.ts.
 *
 * Needs `--expose-gc`.
 */

import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { configurationOf, splitAccessUnits } from '../src/h264/split.ts'
import { DiskSpace } from '../src/library/disk-space.ts'
import { RecordingFolder } from '../src/library/recording-folder.ts'
import { createLog } from '../src/log.ts'
import { SampleTable } from '../src/mp4/sample-table.ts'
import { TICKS_PER_MS } from '../src/mp4/track.ts'
import { BlockPool } from '../src/recording/payload-blocks.ts'
import { Places } from '../src/recording/places.ts'
import { Recorder } from '../src/recording/recorder.ts'
import { builtInStream } from '../src/simulate/built-in-stream.ts'
import { systemClock } from '../src/time.ts'

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
const MIB = 1024 * 1024
/** Of a recording that is closed before the one that counts. */
const WARM_UP_PICTURES = 2000

const job: CloseJob = JSON.parse(process.argv[2]!)
const units = splitAccessUnits(builtInStream()).map(configurationOf)
const configuration = units[0]!.configuration
const [keyframe, picture] = units.map((unit) => unit.picture.slice(0, PICTURE_BYTES)) as [
  Uint8Array,
  Uint8Array,
]

/** One recording. */
class Run {
  readonly #recorder: Recorder
  readonly #disk = new DiskSpace({
    dataDir: job.data,
    minFreeBytes: 0,
    reserveBytes: 0,
    copies: 2,
    needs: () => ({ recordings: 1, bytes: 0 }),
    clock: systemClock,
    onEnded: () => {},
  })
  #folder: RecordingFolder | undefined
  #nowMs = 0
  #paused = false

  constructor(name: string) {
    this.#recorder = new Recorder({
      format: 'h264',
      camera: '127.0.0.1_1',
      device: () => ({ model: null, address: '127.0.0.1', path: '/android-cam' }),
      take: () => undefined,
      openFiles: (_startedAtMs, events) => {
        const options = {
          dataDir: job.data,
          name,
          keepRaw: true,
          maxGapMs: 10_000,
          disk: this.#disk,
        }
        this.#folder = new RecordingFolder({ ...options, ...events, onThumbnail: () => {} })
        return this.#folder
      },
      disk: this.#disk,
      places: new Places(1),
      setPaused: (paused) => {
        this.#paused = paused
      },
      clock: { wallMs: () => Date.now(), monotonicMs: () => this.#nowMs },
      log: createLog({ level: 'error', format: 'text', write: (line) => console.error(line) }),
      fragmentMs: FRAGMENT_MS,
      syncIntervalMs: SYNC_MS,
      maxGapMs: 10_000,
      blocks: new BlockPool(0),
      maxQueuedBytes: 16 * MIB,
      maxQueuedTotalBytes: 16 * MIB,
      earlyHoldMs: 5000,
      earlyHoldBytes: 8 * MIB,
    })
  }

  async measure(pictures: number): Promise<CloseFigures> {
    this.#recorder.captureStarted()
    await this.#untilWritten()
    const emptyBytes = heldBytes()
    await this.#record(pictures)
    // Everything goes to the disk: what is left is the closing.
    this.#nowMs += 2 * FRAGMENT_MS
    this.#recorder.tick()
    await this.#untilWritten()
    await sleep(4 * SYNC_MS)
    const held = heldBytes() - emptyBytes
    const folder = join(job.data, this.#recorder.recordingId!)
    const times = await this.#close()
    const { state, pictures: kept } = JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8'))
    if (state !== 'closed' || kept !== pictures)
      throw new Error(`the recording is ${state}, of ${kept} pictures`)
    return {
      pictures,
      ...times,
      heldBytes: held / pictures,
      tableBytes: tableBytes(pictures) / pictures,
      fileBytes: (await stat(join(folder, 'stream.mp4'))).size,
    }
  }

  async #record(pictures: number): Promise<void> {
    this.#recorder.packet({ captureMs: 0, sequence: 0, payload: configuration }, this.#nowMs)
    for (let i = 0; i < pictures; i += 1) {
      this.#nowMs = captureMs(i)
      const payload = i % KEYFRAME_EVERY === 0 ? keyframe : picture
      const packet = { captureMs: CAMERA_START_MS + this.#nowMs, sequence: i + 1, payload }
      this.#recorder.packet(packet, this.#nowMs)
      if (i % PICTURES_PER_TURN === 0) await turn()
      while (this.#paused) {
        await sleep(1)
        this.#recorder.tick()
      }
    }
  }

  async #close(): Promise<{ closeMs: number; blockMs: number }> {
    let before = performance.now()
    let blockMs = 0
    let probing = true
    const look = () => {
      const now = performance.now()
      blockMs = Math.max(blockMs, now - before)
      before = now
      if (probing) setImmediate(look)
    }
    look()
    await turn()
    const startedMs = performance.now()
    this.#recorder.captureStopped()
    await this.#recorder.close()
    const closeMs = performance.now() - startedMs
    await turn()
    probing = false
    return { closeMs, blockMs }
  }

  async #untilWritten(): Promise<void> {
    await this.#folder!.id
    do await sleep(10)
    while (this.#folder!.queuedBytes > 0)
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A sample table of the same pictures. */
function tableBytes(pictures: number): number {
  const table = new SampleTable()
  for (let i = 0; i < pictures; i += 1) {
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

// Its code must be compiled before: a server closes more than one recording.
await new Run('warm-up').measure(WARM_UP_PICTURES)
process.send!(await new Run('bench').measure(job.pictures))
process.disconnect?.()
