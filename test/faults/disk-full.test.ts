/** A small disk fills up under four phones and a board: all is closed in order, and goes on when there is space. */

import { execFile } from 'node:child_process'
import { readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { verifyFolder } from '../../src/library/verify.ts'
import type { RecordingDocument } from '../../src/recording/document.ts'
import { Faults } from '../support/faults.ts'
import { probePackets } from '../support/ffmpeg.ts'
import { printFigure } from '../support/figure.ts'
import { documentIn, recordingsIn, temporaryFolder } from '../support/folders.ts'
import { decodedJpegs } from '../support/jpeg.ts'
import { ServerProcess } from '../support/process.ts'
import { canMount, freeBytesOf, smallDisk } from '../support/small-disk.ts'
import { StreamingPhone } from '../support/streaming.ts'
import { StreamingBoard } from '../support/streaming-board.ts'
import { until } from '../support/until.ts'

const run = promisify(execFile)

const MIB = 1024 * 1024
const DISK_BYTES = 64 * MIB
const PHONES = 4
const BOARD = 'bench-1'
const CAMERAS = PHONES + 1
const OPTIONS = ['--min-free-bytes', String(32 * MIB), '--reserve-bytes', String(2 * MIB)]
/** Left free beside the filler: some seconds of four cameras above what ends them. */
const LEFT_BYTES = 11 * MIB

/** A server on a small disk, and phones and a board that stream into one take. */
async function recordingOnSmallDisk() {
  const data = await smallDisk(DISK_BYTES)
  const server = await ServerProcess.start(['--data', data, '--no-thumbnails', ...OPTIONS])
  const phones = await Promise.all(
    Array.from({ length: PHONES }, () => StreamingPhone.connect(server.port, '320x240')),
  )
  const board = await StreamingBoard.connect(server.port, BOARD)
  await server.says(/bench-1 connected/)
  server.type('start')
  for (const phone of phones) {
    await phone.phone.command('start_capture')
    phone.start()
  }
  await server.says(/5 confirmed/)
  for (const camera of [...phones, board]) await until('pictures', () => camera.sent.length > 40)
  return { data, server, phones, board, filler: join(data, 'filler') }
}

/** The folders of a camera's recordings, in the order of their names. */
async function foldersOf(data: string, id: string): Promise<string[]> {
  return (await recordingsIn(data)).filter((folder) => basename(folder).startsWith(`${id}_`))
}

/** Another process writes until so much is left. */
async function fill(filler: string, data: string, leftBytes: number): Promise<void> {
  const bytes = (await freeBytesOf(data)) - leftBytes
  await run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k', `count=${Math.round(bytes / 65536)}`]).catch(
    (error) => expect(error.stderr).toContain('No space left'),
  )
}

/** The documents of a camera's recordings, once there are so many and none is open. */
function closedDocuments(data: string, id: string, count: number): Promise<RecordingDocument[]> {
  return until(`${count} closed recordings`, async () => {
    const folders = await foldersOf(data, id)
    const documents = await Promise.all(folders.map((folder) => documentIn(folder).catch(() => undefined)))
    const closed = documents.filter((document) => document?.state === 'closed')
    return closed.length === count && folders.length === count && (closed as RecordingDocument[])
  })
}

/** Every folder keeps the invariants, and ffprobe reads each picture that is counted. */
async function expectWhole(data: string): Promise<void> {
  for (const folder of await recordingsIn(data)) {
    expect(
      (await verifyFolder(folder)).map(({ message }) => message),
      folder,
    ).toEqual([])
    const { parts } = await documentIn(folder)
    for (const { file, pictures } of parts)
      expect(await probePackets(join(folder, file)), folder).toHaveLength(pictures)
  }
}

/** The board's newest pictures, files of their own: each is whole. */
async function expectWholeImages(data: string): Promise<void> {
  const folder = join(data, 'images', BOARD)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg'))
  const files = await Promise.all(names.map((name) => readFile(join(folder, name))))
  expect(files.length).toBeGreaterThan(40)
  expect(await decodedJpegs(files)).toBe(files.length)
}

/** Space comes back: each camera goes on in a second recording of the same take, and every picture is accounted for. */
async function expectGoesOn({
  data,
  server,
  phones,
  board,
  filler,
}: Awaited<ReturnType<typeof recordingOnSmallDisk>>) {
  await rm(filler)
  const ids = [...phones.map(({ phone }) => phone.id), BOARD]
  for (const id of ids) await until('another recording', async () => (await foldersOf(data, id)).length === 2)
  for (const camera of [...phones, board]) {
    const before = camera.sent.length
    await until('more pictures', () => camera.sent.length > before + 50)
    camera.pause()
    await ('phone' in camera ? camera.phone : camera.board).acknowledged()
    camera.stop()
  }
  // A phone's first packet is no picture.
  const sent = [...phones.map((phone) => phone.sent.length - 1), board.sent.length]
  for (const [i, id] of ids.entries()) {
    const [first, second] = await closedDocuments(data, id, 2)
    expect(first!.errors).toMatchObject([{ code: 'DISK_FULL' }])
    expect(second).toMatchObject({ errors: [], take: first!.take })
    expect(second!.pictures).toBeGreaterThan(40)
    expect(second!.integrity.missing).toBe(0)
    const dropped = (first!.integrity.droppedAtEnd ?? 0) + (second!.integrity.droppedBefore ?? 0)
    const accounts = JSON.stringify([id, first!.integrity, second!.integrity])
    expect(first!.pictures + dropped + second!.pictures, accounts).toBe(sent[i])
  }
  await expectWholeImages(data)
  await expectWhole(data)
  server.type('quit')
  expect((await server.ended).code).toBe(0)
}

describe.skipIf(!canMount)('a disk that fills up (left out where nothing can be mounted)', () => {
  it('has every recording closed before the last bytes go; all go on by themselves when there is space', async () => {
    const scene = await recordingOnSmallDisk()
    const { data, server, phones, filler } = scene
    await fill(filler, data, LEFT_BYTES)
    const before = server.output.length
    await server.says(
      /ERROR recordings are closed: the disk is full: .* are kept back for closing; recording goes on once \d+ MB are free/,
    )
    for (const id of [...phones.map(({ phone }) => phone.id), BOARD]) {
      const [document] = await closedDocuments(data, id, 1)
      expect(document!.errors).toMatchObject([{ code: 'DISK_FULL' }])
      expect(document!.integrity).not.toHaveProperty('droppedAtEnd')
      expect(document!.take).toMatch(/^take_/)
    }
    await expectWhole(data)
    const free = await freeBytesOf(data)
    expect(free).toBeGreaterThan(2 * MIB)
    printFigure(
      'disk-full',
      `${CAMERAS} recordings closed, one of a board, with ${(free / MIB).toFixed(1)} MiB left, 0 pictures lost before, all accounted for after`,
    )
    server.type('status')
    await server.says(/disk full[\s\S]*disk: \d+ MB free, good for 0 minutes; too little to start/)
    expect(server.output.slice(before).match(/ {2}disk full /g)).toHaveLength(CAMERAS)
    server.type('start')
    await server.says(
      /start: \d.* MB free in .*, good for 0 minutes of 5 cameras at 4 Mbit\/s; 34 MB must be free \(DISK_SPACE_LOW\)/,
    )
    for (const { phone } of phones) await phone.acknowledged()
    await expectGoesOn(scene)
  })

  it('at once, by another process: what was written is closed from its own bytes, at the latest when there is space', async () => {
    const scene = await recordingOnSmallDisk()
    const { data, server, phones, filler } = scene
    await fill(filler, data, 0)
    for (const id of [...phones.map(({ phone }) => phone.id), BOARD])
      await until('its end', () =>
        server.output
          .split('\n')
          .find(
            (line) =>
              /the recording ends|recording \S+ closed|no space to close/.test(line) && line.includes(id),
          ),
      )
    for (const { phone } of phones) await phone.acknowledged()
    await expectGoesOn(scene)
  })

  it('by a quota that the file system does not tell of: what was written is closed, the rest is counted', async () => {
    const data = await temporaryFolder()
    const faults = await Faults.below(data)
    const args = ['--data', data, '--no-thumbnails', '--min-free-bytes', '0']
    const server = await ServerProcess.start(args, { env: faults.env })
    const phone = await StreamingPhone.connect(server.port)
    phone.start()
    await until('pictures', () => phone.sent.length > 100)
    faults.fail('EDQUOT', { afterBytes: 10_000 })
    await server.says(/there is no space to close it: it is closed when there is some/)
    const attempts = server.output.match(/the recording ends/g)!.length
    expect(attempts).toBeLessThanOrEqual(2)
    faults.heal()
    await server.says(/closed, now that the disk takes it/)
    await until('another recording', async () => {
      const documents = await Promise.all(
        (await recordingsIn(data)).map((folder) => documentIn(folder).catch(() => undefined)),
      )
      return documents.some((document) => document?.state === 'recording')
    })
    phone.stop()
    await phone.phone.acknowledged()
    server.type('quit')
    expect((await server.ended).code).toBe(0)
    const documents = await Promise.all((await recordingsIn(data)).map((folder) => documentIn(folder)))
    expect(documents[0]!.errors).toMatchObject([{ code: 'DISK_FULL' }])
    expect(documents[0]!.integrity.droppedAtEnd).toBeGreaterThan(0)
    let accounted = 0
    for (const { pictures, integrity } of documents)
      accounted += pictures + (integrity.droppedBefore ?? 0) + (integrity.droppedAtEnd ?? 0)
    expect(accounted).toBe(phone.sent.length - 1)
    await expectWhole(data)
  })

  it('is refused at start, with what is left and how long it lasts, and no camera is told to start', async () => {
    const data = await smallDisk(DISK_BYTES)
    const server = await ServerProcess.start(['--data', data])
    const { phone } = await StreamingPhone.connect(server.port)
    await server.says(/introduces itself/)
    server.type('start 16:9 8 30')
    await server.says(
      /start: 67 MB free in .*, good for 0 minutes of 1 camera at 8 Mbit\/s; 1\.1 GB must be free \(DISK_SPACE_LOW\); nothing is started/,
    )
    await phone.acknowledged()
    expect(phone.received).toEqual([])
  })
})
