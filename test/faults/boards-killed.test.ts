/** SIGKILL of the server while boards record: what was read is kept, and films are made of it after the restart. Cuts of boards. */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { verifyFolder } from '../../src/library/verify.ts'
import type { SimulatorAccount } from '../../src/simulate/account.ts'
import { seededRandom } from '../../src/simulate/random.ts'
import { probePackets } from '../support/ffmpeg.ts'
import { isLongForm, printFigure } from '../support/figure.ts'
import { documentIn, recordingsIn, rowsIn, temporaryFolder } from '../support/folders.ts'
import { picturesIn } from '../support/jpeg.ts'
import { scanFile } from '../support/mp4.ts'
import { RollcallProcess, ServerProcess } from '../support/process.ts'
import { BOARD_INTERVAL_MS, StreamingBoard } from '../support/streaming-board.ts'
import { until } from '../support/until.ts'

const KILLS = isLongForm ? 20 : 2
const BOARDS = isLongForm ? 4 : 2
const SEED = 20261126
/** The promise: what a killed process may lose of each board, in ms. */
const LOST_MS = 1000
/** A kill comes when the first board has sent between so many pictures. */
const [LEAST_PICTURES, MOST_PICTURES] = isLongForm ? [20, 150] : [20, 60]
/** Of the restarts, this share is killed too, while it recovers. */
const KILLED_AGAIN = 0.3
/** Of each simulated board; it is back 5 s later. */
const CUTS = 20
/** Pictures that a cut may catch on the way. */
const ON_THE_WAY = 3

/** Whole fragments of a film as it lies there, which ffprobe reads; 0 when there is none yet. */
async function playableIn(folder: string): Promise<number> {
  const file = join(folder, 'stream.mp4')
  const scanned = await scanFile(file).catch(() => undefined)
  if (!scanned) return 0
  const packets = await probePackets(file)
  const whole = packets.filter(({ position, sizeBytes }) => position + sizeBytes <= scanned.wholeBytes)
  expect(whole).toHaveLength(scanned.samples)
  return scanned.samples
}

it(`at most a second of boards is lost in ${KILLS} kills, and a film is made of all that is there`, {
  timeout: KILLS * 30_000,
}, async () => {
  const random = seededRandom(SEED)
  const data = await temporaryFolder()
  const start = () => ServerProcess.start(['--data', data, '--no-thumbnails', '--no-mdns'])
  const known = new Map<string, number>()
  let worstMs = 0
  let kills = 0
  let server = await start()
  while (kills < KILLS) {
    const ids = Array.from({ length: BOARDS }, (_, i) => `bench-${i + 1}`)
    const boards = await Promise.all(ids.map((id) => StreamingBoard.connect(server.port, id)))
    for (const id of ids) await server.says(new RegExp(`${id} connected`))
    server.type('start')
    await server.says(new RegExp(`${BOARDS} confirmed`))
    const pictures = LEAST_PICTURES + random() * (MOST_PICTURES - LEAST_PICTURES)
    await until('the moment of the kill', () => boards[0]!.sent.length > pictures)
    const atMs = performance.now()
    await server.end('SIGKILL')
    kills += 1
    for (const board of boards) board.pause()

    const folders = (await recordingsIn(data)).filter((folder) => !known.has(folder))
    expect(folders.map((folder) => basename(folder).split('_')[0])).toEqual(ids)
    const playable = await Promise.all(folders.map(playableIn))
    server = await start()
    if (random() < KILLED_AGAIN && kills < KILLS) {
      await server.says(/ recovered /)
      await server.end('SIGKILL')
      kills += 1
      server = await start()
    }
    for (const [i, folder] of folders.entries()) {
      await until('recovery', async () => (await documentIn(folder)).state === 'recovered')
      const { pictures, integrity } = await documentIn(folder)
      const { sent } = boards[i]!
      const pausedMs = boards[i]!.longestPauseMs(atMs, 2 * LOST_MS)
      expect(pictures).toBeGreaterThanOrEqual(playable[i]!)
      expect(pictures).toBeGreaterThanOrEqual(boards[i]!.confirmedAt(atMs - LOST_MS - pausedMs))
      expect(pictures).toBeLessThanOrEqual(sent.length)
      expect(integrity).toMatchObject({ missing: 0, repeated: 0, outOfOrder: 0, malformed: 0 })
      // The first that were sent, each once, byte for byte.
      const found = await picturesIn(join(folder, 'stream.mp4'))
      expect(found).toHaveLength(pictures)
      for (const [k, picture] of found.entries()) expect(Buffer.compare(picture, sent[k]!), `${k}`).toBe(0)
      expect((await rowsIn(folder)).map(([sequence]) => Number(sequence))).toEqual(found.map((_, k) => k))
      const lostMs = (boards[i]!.confirmedAt(atMs) - pictures) * BOARD_INTERVAL_MS
      worstMs = Math.max(worstMs, lostMs - pausedMs)
      known.set(folder, pictures)
    }
  }
  // Those that a kill cut off as well.
  for (const [folder, pictures] of known) {
    if (pictures === 0) continue
    const film = join(folder, 'stream.h264.mp4')
    await until(`the film of ${folder}`, () => existsSync(film))
    expect(await probePackets(film)).toHaveLength(pictures)
  }
  expect(await server.end('SIGTERM')).toBe(0)
  expect(await recordingsIn(data)).toEqual([...known.keys()].sort())
  for (const folder of known.keys()) expect(await verifyFolder(folder), folder).toEqual([])
  const pictures = [...known.values()].reduce((sum, count) => sum + count, 0)
  printFigure(
    'boards',
    `worst loss ${Math.round(Math.max(0, worstMs))} ms of what the server had read of boards, in ${kills} kills; ${known.size} folders, ${pictures} pictures, as many in the films made of them`,
  )
})

// In test/board-recording.test.ts boards are back at once.
if (!isLongForm) console.warn('Cuts of simulated boards are left out: they are for the long form.')
it.runIf(isLongForm)(
  `boards that are cut ${CUTS} times in a take go on in one folder each`,
  {
    timeout: CUTS * 15_000,
  },
  async () => {
    const data = await temporaryFolder()
    const server = await ServerProcess.start(['--data', data, '--no-thumbnails', '--no-mdns'])
    const json = join(await temporaryFolder(), 'account.json')
    const url = `ws://127.0.0.1:${server.port}/esp?id=bench-{n}`
    const esp = ['--kind', 'esp', '--cameras', String(BOARDS), '--drop-every', '3', '--url', url]
    const simulator = new RollcallProcess(['simulate', ...esp, '--json', json])
    await server.says(new RegExp(`bench-${BOARDS} connected`))
    server.type('start VGA 12')
    await server.says(new RegExp(`${BOARDS} confirmed`))
    const returns = (board: number) => server.output.split(`camera bench-${board} is back`).length - 1
    for (let cut = 1; cut <= CUTS; cut += 1)
      for (let board = 1; board <= BOARDS; board += 1)
        await until(`return ${cut} of board ${board}`, () => returns(board) >= cut)
    server.type('stop')
    await server.says(/: stopping /)
    await until('all are closed', async () =>
      (await Promise.all((await recordingsIn(data)).map(documentIn))).every(
        ({ state }) => state === 'closed',
      ),
    )
    expect(await simulator.end('SIGINT')).toBe(0)
    expect(await server.end('SIGTERM')).toBe(0)
    const { boards }: SimulatorAccount = JSON.parse(await readFile(json, 'utf8'))
    const folders = await recordingsIn(data)
    expect(folders.map((folder) => basename(folder).split('_')[0])).toEqual(boards.map(({ id }) => id))
    let lost = 0
    for (const [i, { captures }] of boards.entries()) {
      const sent = captures.reduce((sum, { pictures }) => sum + pictures, 0)
      const { pictures, integrity } = await documentIn(folders[i]!)
      expect(captures.length).toBeGreaterThan(CUTS)
      expect(sent - pictures).toBeLessThanOrEqual(captures.length * ON_THE_WAY)
      expect(pictures).toBeLessThanOrEqual(sent)
      expect(integrity).toMatchObject({ packets: pictures, missing: 0, repeated: 0, malformed: 0 })
      expect(await verifyFolder(folders[i]!)).toEqual([])
      lost += sent - pictures
    }
    printFigure(
      'boards',
      `${BOARDS} boards cut ${CUTS} times in a take: a folder each, ${lost} pictures lost on the way`,
    )
  },
)
