/** Simulated boards beside phones, all as processes: every picture is in the files, and the newest are files of their own. */

import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { verifyFolder } from '../../src/library/verify.ts'
import type { CaptureAccount, SimulatorAccount } from '../../src/simulate/account.ts'
import type { BoardCaptureAccount } from '../../src/simulate/board-account.ts'
import { probePackets, testPictures } from '../support/ffmpeg.ts'
import { isLongForm, printFigure } from '../support/figure.ts'
import { documentIn, recordingsIn, rowsIn, temporaryFolder } from '../support/folders.ts'
import { decodedJpegs } from '../support/jpeg.ts'
import { RollcallProcess, ServerProcess } from '../support/process.ts'
import { until } from '../support/until.ts'

const BOARDS = 8
const PHONES = 4
const FPS = 15
const SECONDS = isLongForm ? 60 : 2
/** What `start` asks of boards; pictures are made before they are sent, and large ones take long to make. */
const [RESOLUTION, WIDTH, HEIGHT] = isLongForm ? (['HD', 1280, 720] as const) : (['VGA', 640, 480] as const)
/** It is looked for so many seconds of pictures at a time: no wait is longer than a test may wait. */
const STEP_SECONDS = 10
/** `--esp-keep`, and boards that send twice as many in a second. */
const KEEP = isLongForm ? 200 : 20
const QUICK_BOARDS = isLongForm ? 8 : 3
const QUICK_FPS = 30
const QUICK_PICTURES = isLongForm ? 600 : 45
/** Listing a folder takes its time: it may see the newest files, and those that went as they came. */
const A_FEW = 5

/** `rollcall simulate`; `account` ends it and gives what it sent. */
async function simulate(server: ServerProcess, path: string, count: number, flags: string[]) {
  const connected = () => server.output.match(/ connected \(/g)?.length ?? 0
  const before = connected()
  const json = join(await temporaryFolder(), 'account.json')
  const url = ['--url', `ws://127.0.0.1:${server.port}${path}`]
  const common = [...url, '--json', json, '--cameras', String(count)]
  const simulator = new RollcallProcess(['simulate', ...common, ...flags])
  await until('all of them', () => connected() === before + count)
  return {
    async account(): Promise<SimulatorAccount> {
      expect(await simulator.end('SIGINT')).toBe(0)
      return JSON.parse(await readFile(json, 'utf8'))
    },
  }
}

const isOf = (folder: string, camera: string) => basename(folder).startsWith(`${camera}_`)
const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0)

/** The recording is what a board says that it sent. */
async function expectBoardRecorded(folder: string, capture: BoardCaptureAccount): Promise<void> {
  const { pictures, bytes } = capture
  const size = { width: WIDTH, height: HEIGHT }
  expect(capture).toMatchObject({ ...size, fps: FPS, source: 'ffmpeg', ended: 'stopped' })
  const found = await probePackets(join(folder, 'stream.mp4'))
  expect(found).toHaveLength(pictures)
  expect(found.every(({ ptsMs }, i) => i === 0 || ptsMs > found[i - 1]!.ptsMs)).toBe(true)
  expect((await rowsIn(folder)).map(([sequence]) => Number(sequence))).toEqual(found.map((_, i) => i))
  expect(await documentIn(folder)).toMatchObject({
    ...{ state: 'closed', pictures, bytes, ...size, errors: [] },
    parts: [{ pictures }],
    integrity: { packets: pictures, missing: 0, repeated: 0, outOfOrder: 0, malformed: 0 },
  })
}

/** The same of a phone. */
async function expectPhoneRecorded(folder: string, capture: CaptureAccount): Promise<void> {
  const { pictures, bytes } = capture
  expect(await documentIn(folder)).toMatchObject({
    ...{ state: 'closed', pictures, bytes, errors: [] },
    integrity: { missing: 0, repeated: 0, outOfOrder: 0, malformed: 0 },
  })
  expect(await probePackets(join(folder, 'stream.mp4'))).toHaveLength(pictures)
}

it(`records all of ${BOARDS} boards of ${WIDTH}x${HEIGHT} beside ${PHONES} phones for ${SECONDS} s`, {
  timeout: 60_000 + SECONDS * 6000,
}, async () => {
  const data = await temporaryFolder()
  const source = join(await temporaryFolder(), 'film.h264')
  await writeFile(source, Buffer.concat(await testPictures(60, `${WIDTH}x${HEIGHT}`, 30)))
  const server = await ServerProcess.start(['--data', data, '--no-thumbnails', '--no-mdns'])
  const boards = await simulate(server, '/esp?id=bench-{n}', BOARDS, ['--kind', 'esp'])
  const phones = await simulate(server, '/android-cam', PHONES, ['--source', source])
  // One alone, asked and started, then the others.
  server.type('status @bench-1')
  await server.says(/ camera bench-1 says \(address \S+\): STATUS: /)
  server.type('start UGXA 12')
  await server.says(/"UGXA" is no resolution .*; nothing is started/)
  server.type(`start @bench-1 ${RESOLUTION} 12`)
  await server.says(/ 1 confirmed: bench-1\n/)
  await server.says(new RegExp(` camera bench-1 says \\(address \\S+\\): ACK: .*${RESOLUTION}.* 12\\b`))
  server.type(`start ${RESOLUTION} 12`)
  await server.says(new RegExp(`all ${BOARDS + PHONES - 1} confirmed`))
  for (let second = 0; second < SECONDS; ) {
    second = Math.min(SECONDS, second + STEP_SECONDS)
    for (let board = 1; board <= BOARDS; board += 1)
      await until(`${second} s of board ${board}`, async () => {
        const folder = (await recordingsIn(data)).find((one) => isOf(one, `bench-${board}`))
        return folder && (await rowsIn(folder).catch(() => [])).length >= second * FPS
      })
  }
  server.type('stop')
  await server.says(new RegExp(`${BOARDS + PHONES} stopped`))
  const [sent, filmed] = [await boards.account(), await phones.account()]
  expect(await server.end('SIGTERM')).toBe(0)

  const folders = await recordingsIn(data)
  expect(folders).toHaveLength(BOARDS + PHONES)
  const captures = sent.boards.map(({ captures }) => captures[0]!)
  for (const { id, captures } of sent.boards) {
    expect(captures).toHaveLength(1)
    await expectBoardRecorded(folders.find((folder) => isOf(folder, id!))!, captures[0]!)
  }
  for (const { captures } of filmed.phones)
    await expectPhoneRecorded(folders.find((folder) => isOf(folder, captures[0]!.camera))!, captures[0]!)
  for (const folder of folders) expect(await verifyFolder(folder)).toEqual([])
  const skipped = sum(captures.map((capture) => capture.skipped))
  // A busy machine may keep a simulator from sending; what is recorded has nothing to do with that.
  if (isLongForm) expect(skipped).toBe(0)
  const pictures = sum(captures.map((capture) => capture.pictures))
  const others = sum(filmed.phones.map(({ captures }) => captures[0]!.pictures))
  const latestMs = Math.max(...captures.map(({ maxLateMs }) => maxLateMs))
  printFigure(
    'boards',
    `${BOARDS} boards of ${WIDTH}x${HEIGHT} for ${SECONDS} s beside ${PHONES} phones: ${pictures} pictures of boards, ${others} of phones, none missing (${skipped} left out by boards; the latest left ${latestMs} ms late)`,
  )
})

it(`keeps the newest ${KEEP} of ${QUICK_BOARDS} boards of ${QUICK_FPS} pictures a second: no more, each whole`, {
  timeout: 60_000 + 2 * (QUICK_PICTURES / QUICK_FPS) * 4000,
}, async () => {
  const data = await temporaryFolder()
  const server = await ServerProcess.start([
    ...['--data', data, '--no-thumbnails', '--no-mdns', '--esp-keep', String(KEEP)],
  ])
  const names = Array.from({ length: QUICK_BOARDS }, (_, i) => `bench-${i + 1}`)
  const folderOf = (board: string) => join(data, 'images', board)
  /** Of the files of a board, in order of their names. */
  const listed = async (board: string) => {
    const folder = folderOf(board)
    const files = existsSync(folder) ? await readdir(folder) : []
    return files.filter((name) => name.endsWith('.jpg')).sort(byNumber)
  }
  let most = 0
  let looked = 0
  for (const connection of [1, 2]) {
    const flags = ['--kind', 'esp', '--fps', String(QUICK_FPS)]
    const boards = await simulate(server, '/esp?id=bench-{n}', QUICK_BOARDS, flags)
    server.type('start QVGA 12')
    await server.says(new RegExp(`(${QUICK_BOARDS} confirmed[\\s\\S]*){${connection}}`))
    const before = new Set((await Promise.all(names.map(listed))).flat())
    /** Read while others come and go, by path. */
    const seen = new Map<string, Buffer>()
    const look = async (board: string) => {
      const files = await listed(board)
      most = Math.max(most, files.length)
      for (const name of files) {
        const path = join(folderOf(board), name)
        if (seen.has(path)) continue
        const bytes = await readFile(path).catch((error) => {
          // The oldest went meanwhile.
          if (error.code !== 'ENOENT') throw error
          return undefined
        })
        if (bytes) seen.set(path, bytes)
      }
      const newest = files.findLast((name) => !before.has(name))
      return newest ? numberOf(newest) : 0
    }
    await until(`${QUICK_PICTURES} pictures of each`, async () => {
      const newest = []
      for (const board of names) newest.push(await look(board))
      return newest.every((number) => number >= QUICK_PICTURES)
    })
    server.type('stop')
    await server.says(new RegExp(`(${QUICK_BOARDS} stopped[\\s\\S]*){${connection}}`))
    const { boards: sent } = await boards.account()
    for (const { id, captures } of sent) {
      // Numbered from 001 at this connection, to its last picture.
      const { pictures } = captures[0]!
      const newest = Array.from({ length: KEEP }, (_, i) => pictures - KEEP + 1 + i)
      await until(`the newest of ${id}`, async () => {
        const numbers = (await listed(id!)).map(numberOf)
        return numbers.length === KEEP && numbers.join() === newest.join()
      })
    }
    looked += seen.size
    expect(await decodedJpegs([...seen.values()])).toBe(seen.size)
  }
  expect(most).toBeLessThanOrEqual(KEEP + A_FEW)
  expect(await server.end('SIGTERM')).toBe(0)
  expect(server.output).not.toContain('was not kept as a file')
  for (const board of names) {
    const files = await readdir(folderOf(board))
    expect(files.filter((name) => !/^frame_\d{8}_\d{6}_\d{3,}\.jpg$/.test(name))).toEqual([])
    expect(files).toHaveLength(KEEP)
  }
  printFigure(
    'boards',
    `the newest ${KEEP} pictures of ${QUICK_BOARDS} boards of ${QUICK_FPS} a second: at most ${most} files at a time, ${looked} looked at, all whole`,
  )
})

function numberOf(name: string): number {
  return Number(name.split('_')[3]!.split('.')[0])
}

/** By the second, then by number. */
function byNumber(a: string, b: string): number {
  const [first, second] = [a.slice(0, 21), b.slice(0, 21)]
  return first === second ? numberOf(a) - numberOf(b) : first < second ? -1 : 1
}
