/** SIGKILL at random moments, again and again, on one data folder. */

import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readDocument } from '../../src/library/recover.ts'
import { verifyFolder } from '../../src/library/verify.ts'
import { seededRandom } from '../../src/simulate/random.ts'
import { isLongForm, printFigure } from '../support/figure.ts'
import { documentIn, recordingsIn, rowsIn, temporaryFolder } from '../support/folders.ts'
import { hasPictures } from '../support/mp4.ts'
import { ServerProcess } from '../support/process.ts'
import {
  expectPicturesPrefix,
  expectTimesPrefix,
  foldersOf,
  INTERVAL_MS,
  StreamingPhone,
} from '../support/streaming.ts'
import { until } from '../support/until.ts'

const KILLS = isLongForm ? 50 : 5
const CAMERAS = 8
const SEED = 20261125
/** The promise: what a killed process may lose of each camera, in ms. */
const LOST_MS = 1000
/** A kill comes when the first camera has sent this many pictures at most; they are 20 ms apart. */
const MOST_PICTURES = 120
/** So many cameras end a recording and begin the next before the kill. */
const RESTARTING = 2
/** Of the restarts after a kill, this share is killed too, while it recovers. */
const KILLED_AGAIN = 0.3

/** What one capture of a camera left when the server was killed. */
interface Left {
  folder: string
  sent: StreamingPhone['sent']
  /** Pictures in whole fragments, before anything was repaired. */
  playable: number
}

/** Eight cameras record until a random moment; then the server is killed. */
async function recordUntilKilled(server: ServerProcess, random: () => number) {
  const phones = await Promise.all(Array.from({ length: CAMERAS }, () => StreamingPhone.connect(server.port)))
  for (const phone of phones) phone.start()
  const pictures = 2 + Math.floor(random() * MOST_PICTURES)
  const again = Math.floor(random() * pictures)
  const first = phones[0]!
  await until('the moment to begin anew', () => first.sent.length > again)
  for (const phone of phones.slice(-RESTARTING)) {
    phone.stop()
    phone.start()
  }
  await until('the moment of the kill', () => first.sent.length > pictures)
  const atMs = performance.now()
  await server.end('SIGKILL')
  for (const phone of phones) phone.pause()
  return { phones, atMs }
}

/** Every folder plays as it lies there. */
async function expectPlayable(
  data: string,
  phones: StreamingPhone[],
  known: ReadonlyMap<string, number>,
): Promise<Left[]> {
  const left: Left[] = []
  for (const phone of phones) {
    // A camera of an earlier round may have had the same port.
    const folders = (await foldersOf(data, phone)).filter((folder) => !known.has(folder))
    for (const [i, folder] of folders.entries()) {
      const sent = phone.captures[i]!
      const isPlayable = await hasPictures(join(folder, 'stream.mp4'))
      left.push({ folder, sent, playable: isPlayable ? await expectTimesPrefix(folder, sent) : 0 })
    }
  }
  return left
}

/** Each recording holds the first pictures that were sent, each once. */
async function expectRecovered({ folder, sent, playable }: Left): Promise<void> {
  await until('recovery', async () => {
    const state = (await readDocument(folder))?.state
    return state === 'recovered' || state === 'closed'
  })
  const document = await documentIn(folder)
  expect(document.pictures).toBeGreaterThanOrEqual(playable)
  expect(document.pictures).toBeLessThan(sent.length)
  expect(document.integrity).toMatchObject({ missing: 0, repeated: 0, outOfOrder: 0, malformed: 0 })
  const recorded = (await rowsIn(folder)).filter((row) => row[3] !== '').map((row) => Number(row[0]))
  expect(recorded).toEqual(Array.from({ length: document.pictures }, (_, i) => i + 1))
}

it(`at most a second is lost in ${KILLS} kills in a row, and no folder`, {
  timeout: KILLS * 30_000,
}, async () => {
  const random = seededRandom(SEED)
  const data = await temporaryFolder()
  const known = new Map<string, number>()
  let worstMs = 0
  /** Without the time in which a busy machine did not let the server run. */
  let worstRunningMs = 0
  let pictures = 0
  let kills = 0
  const start = () => ServerProcess.start(['--data', data])
  let server = await start()
  while (kills < KILLS) {
    const { phones, atMs } = await recordUntilKilled(server, random)
    kills += 1
    const left = await expectPlayable(data, phones, known)
    server = await start()
    if (random() < KILLED_AGAIN && kills < KILLS && left.length > 0) {
      await server.says(/ recovered /)
      await server.end('SIGKILL')
      kills += 1
      server = await start()
    }
    for (const one of left) await expectRecovered(one)
    for (const phone of phones) {
      const last = left.findLast(({ sent }) => sent === phone.sent)
      const recorded = last ? (await documentIn(last.folder)).pictures : 0
      // The configuration packet is no picture.
      expect(recorded).toBeGreaterThanOrEqual(phone.readBefore(atMs, LOST_MS) - 1)
      const lostMs = (phone.confirmedAt(atMs) - 1 - recorded) * INTERVAL_MS
      worstMs = Math.max(worstMs, lostMs)
      worstRunningMs = Math.max(worstRunningMs, lostMs - phone.longestPauseMs(atMs, 2 * LOST_MS))
    }
    const sample = left.find(({ playable }) => playable > 0)
    if (sample) await expectPicturesPrefix(sample.folder, sample.sent)
    for (const { folder } of left) known.set(folder, (await documentIn(folder)).pictures)
  }
  expect(await server.end('SIGTERM')).toBe(0)
  // All that ever was is still there as it was recovered, and nothing else.
  expect(await recordingsIn(data)).toEqual([...known.keys()].sort())
  for (const [folder, count] of known) {
    expect((await documentIn(folder)).pictures).toBe(count)
    expect(await verifyFolder(folder), folder).toEqual([])
    pictures += count
  }
  printFigure(
    'sigkill',
    `worst loss ${Math.round(worstRunningMs)} ms of what the server had read, ${worstMs} ms with the pauses of a busy machine, in ${kills} kills under ${CAMERAS} cameras; ${known.size} folders, ${pictures} pictures, seed ${SEED}`,
  )
})
