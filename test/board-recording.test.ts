/** Boards on a real server: what they send is recorded as it came, over cuts, and films for browsers are made of it. */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { verifyFolder } from '../src/library/verify.ts'
import type { RecordingSummary } from '../src/wire/api/recordings.ts'
import { jpegs, TestBoard } from './support/board.ts'
import { probe, probePackets } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, rowsIn } from './support/folders.ts'
import { picturesIn } from './support/jpeg.ts'
import { startApi } from './support/requests.ts'
import { numbered, numberIn } from './support/streaming-board.ts'
import { until } from './support/until.ts'

/** Cuts of each board in one take. */
const CUTS = 20
/** Cut here and there, a picture that is sent again and again. */
const EVERY_BYTES = 97
/** Boards by what they call themselves, or by their address. */
const BOARDS = [
  { id: 'esp-1', localAddress: '127.0.0.2' },
  { id: 'bench-1', query: '?id=bench-1', localAddress: '127.0.0.3' },
  { id: 'bench-2', query: '?id=bench-2', localAddress: '127.0.0.3' },
]

it('records what boards send, byte for byte, over 20 cuts, drops what is no picture, and makes films of it', async () => {
  const { port, server, data, send, json } = await startApi({ thumbnails: true })
  let isSilent = false
  const [jpeg] = (await jpegs(1)) as [Uint8Array]
  const boards = await Promise.all(
    BOARDS.map(async ({ id, ...address }) => {
      const answers = (text: string) => (isSilent ? undefined : `ACK: ${text}`)
      const board = await TestBoard.connect({ port, ...address, answers })
      onTestFinished(() => board.socket.terminate())
      const row = () => server.cameras().find((one) => one.id === id)
      await until('it is there', () => row()?.state === 'ready')
      /** Numbers of the pictures that came for certain; others were sent and cut. */
      const certain: number[] = []
      const film = async (count: number) => {
        const before = row()!.pictures
        for (let i = 0; i < count; i += 1) {
          certain.push(board.sent.length)
          board.picture(numbered(jpeg, board.sent.length))
        }
        await until('its pictures', () => row()!.pictures === before + count)
      }
      return { id, board, row, certain, film }
    }),
  )
  const started = send('POST', '/api/commands', { command: 'start' })
  await until('started', () => boards.every(({ board }) => board.received.length === 1))
  await started
  const folders = await Promise.all(boards.map(({ row }) => until('its folder', () => row()!.recording)))
  await Promise.all(
    boards.map(async ({ board, row, film }) => {
      await film(2)
      for (let cut = 1; cut <= CUTS; cut += 1) {
        // One that may come or not.
        board.picture(numbered(jpeg, board.sent.length))
        await board.cut()
        await until('away', () => row()?.state === 'away')
        await board.connect()
        await until('started again', () => board.received.length === 1 + cut)
        await until('it records', () => row()?.state === 'recording')
        await film(2)
      }
    }),
  )
  expect(boards.map(({ row }) => row()!.recording)).toEqual(folders)

  // Cut at every 97th byte, a whole one behind each: on the same connection.
  const { board, row, film } = boards[0]!
  let broken = 0
  for (let bytes = 0; bytes < jpeg.length; bytes += EVERY_BYTES) {
    board.socket.send(jpeg.subarray(0, bytes))
    await film(1)
    broken += 1
  }
  expect(broken).toBeGreaterThan(50)
  expect(row()).toMatchObject({ state: 'recording', malformed: broken, recording: folders[0] })
  expect(board.received).toHaveLength(1 + CUTS)

  const counted = boards.map(({ row }) => row()!.pictures)
  await send('POST', '/api/commands', { command: 'stop' })
  const closed = await until('closed', async () => {
    const found = await recordingsIn(data)
    const documents = await Promise.all(found.map((path) => documentIn(path).catch(() => undefined)))
    return documents.every((document) => document?.state === 'closed') && found
  })
  expect(closed.map((path) => basename(path)).sort()).toEqual(folders.toSorted())
  for (const [i, { board, certain }] of boards.entries()) {
    const folder = join(data, folders[i]!)
    const found = await picturesIn(join(folder, 'stream.mp4'))
    expect(found).toHaveLength(counted[i]!)
    for (const picture of found) expect(Buffer.compare(picture, board.sent[numberIn(picture)]!)).toBe(0)
    // In their order, none twice, all that came.
    const numbers = found.map(numberIn)
    expect(numbers.every((number, k) => k === 0 || number > numbers[k - 1]!)).toBe(true)
    expect(certain.filter((number) => !numbers.includes(number))).toEqual([])
    const rows = await rowsIn(folder)
    expect(rows.map(([sequence]) => Number(sequence))).toEqual(found.map((_, k) => k))
    const arrivals = rows.map(([, , arrival]) => Number(arrival))
    const times = (await probePackets(join(folder, 'stream.mp4'))).map(({ ptsMs }) => ptsMs)
    expect(times.every((ms, k) => k === 0 || ms > times[k - 1]!)).toBe(true)
    // Those of one millisecond stand a little behind each other.
    expect(Math.max(...times.map((ms, k) => Math.abs(ms - arrivals[k]! + arrivals[0]!)))).toBeLessThan(10)
    expect(await documentIn(folder)).toMatchObject({
      pictures: found.length,
      parts: [{ pictures: found.length }],
      integrity: {
        ...{ packets: found.length, missing: 0, repeated: 0, outOfOrder: 0, sequenceRestarts: 0 },
        ...{ malformed: i === 0 ? broken : 0, clockJumps: [] },
      },
    })
  }
  for (const id of folders) {
    await until(
      'a film',
      async () => (await json<RecordingSummary>(`/api/recordings/${id}`)).playable.state === 'ready',
    )
    const thumbnail = join(data, id, 'thumbnail.jpg')
    await until('a thumbnail', () => existsSync(thumbnail))
    expect((await probe(thumbnail)).streams).toMatchObject([{ codec_name: 'mjpeg', width: 320, height: 240 }])
    expect(await verifyFolder(join(data, id))).toEqual([])
    expect((await readFile(join(data, id, 'stream.h264.mp4'))).length).toBeGreaterThan(1000)
  }

  // Stopped and started again at once, without an answer to the start: its first pictures are not left out.
  const ask = (command: string) => send('POST', '/api/commands', { command, cameras: ['esp-1'] })
  await ask('start')
  await ask('stop')
  isSilent = true
  const told = board.received.length
  const again = ask('start')
  await until('told to start', () => board.received.length > told)
  await board.film(4)
  await again
  await until('every picture', () => row()?.pictures === 4)
})
