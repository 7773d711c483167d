/** The power goes at any moment: the log of a real server's calls, cut off anywhere, with what was not synced gone. */

import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findLeftBehind, readDocument, recoverFolder } from '../../src/library/recover.ts'
import { verifyFolder } from '../../src/library/verify.ts'
import { seededRandom } from '../../src/simulate/random.ts'
import { type Call, readLog } from '../support/disk-log.ts'
import { Faults } from '../support/faults.ts'
import { probePackets } from '../support/ffmpeg.ts'
import { isLongForm, printFigure } from '../support/figure.ts'
import { documentIn, recordingsIn, rowsIn } from '../support/folders.ts'
import { KeepingPhone, type KeptPicture } from '../support/keeping-phone.ts'
import { scanFile } from '../support/mp4.ts'
import { type Fate, PowerCutDisk } from '../support/power-cut.ts'
import { ServerProcess } from '../support/process.ts'
import { INTERVAL_MS, StreamingPhone } from '../support/streaming.ts'
import { until } from '../support/until.ts'

const SEED = 20261125
const CAMERAS = 3
/** Cuts for each fate. */
const CUTS = isLongForm ? 400 : 30
/** Recoveries that are cut off in their turn, after this share of their calls. */
const RECOVERIES = isLongForm ? 20 : 1
const CUT_SHARE = 0.2
/** One in so many is read by ffprobe as well. */
const PROBE_EVERY = 20
/** Pictures that the first camera sends; they are 20 ms apart. */
const PICTURES = 200
/** As configured by default. */
const SYNC_INTERVAL_MS = 1000
const MAX_GAP_MS = 10_000
/** A busy machine may let a timer of the server be so late. */
const SLACK_MS = 200
/** In memory where that is: the model decides what is durable, and nothing should wait for this machine's disk. */
const PARENT = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** What the phone that keeps its pictures takes at once, and how often in each of its captures. */
const KEPT_AT_ONCE = 10
const KEPT_TIMES = 12

interface Session {
  data: string
  calls: Call[]
  phones: StreamingPhone[]
  keeps: KeepingPhone
  /** Its pictures by capture. */
  kept: Map<string, KeptPicture[]>
}

let recorded: Promise<Session> | undefined
/** One for all tests, made by the first. */
const session = () => (recorded ??= record())

/** Records with real cameras, one of which ends a recording and begins another, to a clean end. */
async function record(): Promise<Session> {
  const data = await mkdtemp(join(PARENT, 'rollcall-power-'))
  try {
    const faults = await Faults.below(data, { log: true })
    const server = await ServerProcess.start(['--data', data, '--no-thumbnails'], { env: faults.env })
    const phones = await Promise.all(
      Array.from({ length: CAMERAS }, () => StreamingPhone.connect(server.port)),
    )
    const keeps = await KeepingPhone.make('phone-keeps')
    await keeps.connect(server.port)
    for (const phone of phones) phone.start()
    const first = phones[0]!
    const kept = new Map<string, KeptPicture[]>()
    const film = async (capture: string, from: number) => {
      keeps.begin(capture)
      for (let i = 1; i <= KEPT_TIMES; i += 1) {
        await until('its time', () => first.sent.length > from + (i / KEPT_TIMES) * (PICTURES / 2))
        keeps.film(KEPT_AT_ONCE)
      }
      keeps.end()
      await keeps.allAcknowledged()
      kept.set(capture, [...keeps.pictures])
    }
    await film('capture-1', 0)
    await until('half of the pictures', () => first.sent.length > PICTURES / 2)
    phones[1]!.stop()
    phones[1]!.start()
    await film('capture-2', PICTURES / 2)
    await until('all pictures', () => first.sent.length > PICTURES)
    for (const phone of phones) phone.stop()
    await Promise.all(phones.map(({ phone }) => phone.acknowledged()))
    await server.end('SIGTERM')
    return { data, calls: await readLog(faults.logPath), phones, keeps, kept }
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

/** The clock of the log on the clock of `performance.now()`. */
const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** Recovers what is on the disk after a cut, and holds it against what was sent. Gives the loss in ms of each camera. */
async function expectRecovers(disk: string, atMs: number, probe: boolean): Promise<number[]> {
  const playable = new Set<string>()
  for (const folder of await recordingsIn(disk)) {
    const file = join(folder, 'stream.mp4')
    if (existsSync(join(folder, 'recording.json'))) expect(await readDocument(folder), folder).toBeDefined()
    const { samples, wholeBytes } = await scanFile(file).catch(() => ({ samples: 0, wholeBytes: 0 }))
    if (samples > 0) playable.add(folder)
    if (!probe || samples === 0) continue
    const whole = (await probePackets(file)).filter(
      (packet) => packet.position + packet.sizeBytes <= wholeBytes,
    )
    expect(whole).toHaveLength(samples)
  }
  for (const folder of (await findLeftBehind(disk)).unclosed) await recoverFolder(folder, MAX_GAP_MS)
  expect((await findLeftBehind(disk)).unclosed).toEqual([])
  for (const folder of await recordingsIn(disk)) {
    expect(await verifyFolder(folder), folder).toEqual([])
    if (!probe || !playable.has(folder) || (await documentIn(folder)).pictures === 0) continue
    expect(await probePackets(join(folder, 'stream.mp4'))).toHaveLength((await documentIn(folder)).pictures)
  }
  const { phones } = await session()
  return Promise.all(phones.map((phone) => lossOf(phone, disk, atMs)))
}

async function lossOf(phone: StreamingPhone, disk: string, atMs: number): Promise<number> {
  const folders = (await recordingsIn(disk)).filter((folder) =>
    basename(folder).startsWith(`${phone.phone.id}_`),
  )
  const documents = await Promise.all(folders.map(documentIn))
  const recorded = documents.reduce((sum, { pictures }) => sum + pictures, 0)
  const sure = phone.picturesReadBefore(atMs, SYNC_INTERVAL_MS + SLACK_MS)
  expect(recorded).toBeGreaterThanOrEqual(sure)
  return Math.max(0, phone.picturesConfirmedAt(atMs) - recorded) * INTERVAL_MS
}

/**
 * Every picture that was acknowledged before then is on the disk, byte for byte.
 *
 * @param beforeMs - When the first call was made that the disk does not know of.
 * @returns How many.
 */
async function expectAcknowledged(disk: string, beforeMs: number): Promise<number> {
  let count = 0
  const { keeps, kept } = await session()
  const folders = (await recordingsIn(disk)).filter((folder) => basename(folder).startsWith(`${keeps.id}_`))
  const documents = await Promise.all(folders.map(documentIn))
  for (const [id, pictures] of kept) {
    const acknowledged = keeps.acknowledgements.findLast((one) => one.capture === id && one.atMs < beforeMs)
    const { sequence = 0 } = acknowledged ?? {}
    if (sequence === 0) continue
    const folder = folders[documents.findIndex(({ capture }) => capture?.id === id)]
    const rows = folder === undefined ? [] : await rowsIn(folder)
    const numbers = rows.slice(0, sequence).map((row) => row[0])
    expect(numbers, `of ${id}`).toEqual(Array.from({ length: sequence }, (_, i) => String(i)))
    const sent = Buffer.concat(pictures.slice(0, sequence).map(({ payload }) => payload))
    expect((await readFile(join(folder!, 'stream.h264'))).subarray(0, sent.length).equals(sent)).toBe(true)
    count += sequence
  }
  return count
}

/** An empty folder for what is left on the disk. */
async function withTarget(use: (target: string) => Promise<void>): Promise<void> {
  const target = await mkdtemp(join(PARENT, 'rollcall-cut-'))
  try {
    await use(target)
  } finally {
    await rm(target, { recursive: true, force: true })
  }
}

describe('after a power cut at any moment', () => {
  it.each<Fate>(['lost', 'kept', 'by chance'])(
    'recovers when what was not synced is %s',
    {
      timeout: CUTS * 5000,
    },
    async (fate) => {
      const random = seededRandom(SEED)
      const { data, calls } = await session()
      const cuts = Array.from({ length: CUTS }, () => Math.floor(random() * calls.length)).sort(
        (a, b) => a - b,
      )
      const disk = new PowerCutDisk(data)
      let worstMs = 0
      let acknowledged = 0
      let done = 0
      for (const [i, cut] of cuts.entries()) {
        for (; done <= cut; done += 1) disk.apply(calls[done]!)
        const target = await mkdtemp(join(PARENT, 'rollcall-cut-'))
        try {
          await disk.writeTo(target, fate, random)
          const losses = await expectRecovers(target, calls[cut]!.atMs - offsetMs, i % PROBE_EVERY === 0)
          worstMs = Math.max(worstMs, ...losses)
          const nextMs = (calls[cut + 1]?.atMs ?? Number.POSITIVE_INFINITY) - offsetMs
          acknowledged += await expectAcknowledged(target, nextMs)
        } catch (error) {
          throw new Error(`cut after call ${cut} of ${calls.length} (${calls[cut]!.op})`, { cause: error })
        } finally {
          await rm(target, { recursive: true, force: true })
        }
      }
      expect(acknowledged).toBeGreaterThan(0)
      printFigure(
        'power-cut',
        `worst loss ${worstMs} ms of what the server had read, and nothing that it had acknowledged, in ${CUTS} cuts of ${calls.length} calls with what was not synced ${fate}`,
      )
    },
  )

  it('recovers when the power goes again while it recovers', { timeout: RECOVERIES * 60_000 }, async () => {
    const random = seededRandom(SEED)
    const { data, calls } = await session()
    let cuts = 0
    for (let i = 0; i < RECOVERIES; i += 1) {
      const disk = new PowerCutDisk(data)
      const cut = Math.floor((0.3 + 0.6 * random()) * calls.length)
      for (const call of calls.slice(0, cut)) disk.apply(call)
      await withTarget(async (target) => {
        await disk.writeTo(target, 'by chance', random)
        const again = await PowerCutDisk.of(target)
        const { unclosed } = await findLeftBehind(target)
        const faults = await Faults.below(target, { log: true })
        // Nobody comes back: what may go on is closed soon.
        const soon = ['--resume-window-ms', '1000']
        const server = await ServerProcess.start(['--data', target, '--no-thumbnails', ...soon], {
          env: faults.env,
        })
        await until('recovery', async () => (await findLeftBehind(target)).unclosed.length === 0)
        await server.end('SIGTERM')
        const whole = new Map<string, number>()
        for (const folder of unclosed) whole.set(basename(folder), (await documentIn(folder)).pictures)
        for (const call of await readLog(faults.logPath)) {
          again.apply(call)
          if (random() > CUT_SHARE) continue
          cuts += 1
          await withTarget(async (second) => {
            await again.writeTo(second, 'by chance', random)
            for (const folder of (await findLeftBehind(second)).unclosed)
              await recoverFolder(folder, MAX_GAP_MS)
            for (const folder of await recordingsIn(second)) {
              expect(await verifyFolder(folder), folder).toEqual([])
              const pictures = whole.get(basename(folder))
              if (pictures !== undefined) expect((await documentIn(folder)).pictures).toBe(pictures)
            }
          })
        }
      })
    }
    printFigure('power-cut', `nothing lost in ${cuts} more cuts in the middle of recoveries`)
  })
})
