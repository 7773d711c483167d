/** A board on a real server: what it sends is recorded as it came, over a cut, and a film for browsers is made of it. */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { verifyFolder } from '../src/library/verify.ts'
import type { RecordingSummary } from '../src/wire/api/recordings.ts'
import { TestBoard } from './support/board.ts'
import { probePackets } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, rowsIn } from './support/folders.ts'
import { picturesIn } from './support/jpeg.ts'
import { startApi } from './support/requests.ts'
import { until } from './support/until.ts'

it('records what a board sends, byte for byte, over a cut, and makes a film of it', async () => {
  const { port, server, data, send, json } = await startApi()
  let isSilent = false
  const board = await TestBoard.connect({ port, answers: (text) => (isSilent ? undefined : `ACK: ${text}`) })
  onTestFinished(() => board.socket.terminate())
  const row = () => server.cameras()[0]
  await until('it is there', () => row()?.id === 'esp-1')
  const started = send('POST', '/api/commands', { command: 'start' })
  await until('started', () => board.received.length === 1)
  await started
  await board.film(6)
  await until('its pictures', () => row()?.pictures === 6)
  board.socket.terminate()
  await until('away', () => row()?.state === 'away')
  await board.connect()
  await until('started again', () => board.received.length === 2)
  await board.film(6)
  await until('all pictures', () => row()?.pictures === 12)
  await send('POST', '/api/commands', { command: 'stop' })
  const folder = await until('closed', async () => {
    const [one] = (await recordingsIn(data)).filter((path) => basename(path).startsWith('esp-1_'))
    return one && (await documentIn(one).catch(() => undefined))?.state === 'closed' && one
  })
  const found = await picturesIn(join(folder, 'stream.mp4'))
  expect(found.length).toBe(board.sent.length)
  for (const [i, picture] of found.entries()) expect(Buffer.compare(picture, board.sent[i]!)).toBe(0)
  const rows = await rowsIn(folder)
  expect(rows.map(([sequence]) => Number(sequence))).toEqual(found.map((_, i) => i))
  const arrivals = rows.map(([, , arrival]) => Number(arrival))
  const times = (await probePackets(join(folder, 'stream.mp4'))).map(({ ptsMs }) => Math.round(ptsMs))
  expect(times).toEqual(arrivals.map((at) => at - arrivals[0]!))
  expect((await documentIn(folder)).integrity).toMatchObject({ missing: 0, clockJumps: [] })
  await until(
    'a film',
    async () =>
      (await json<RecordingSummary>(`/api/recordings/${basename(folder)}`)).playable.state === 'ready',
  )
  expect(await verifyFolder(folder)).toEqual([])
  expect((await readFile(join(folder, 'stream.h264.mp4'))).length).toBeGreaterThan(1000)

  // Stopped and started again at once, without an answer to the start: its first pictures are not left out.
  await send('POST', '/api/commands', { command: 'start' })
  await send('POST', '/api/commands', { command: 'stop' })
  isSilent = true
  const again = send('POST', '/api/commands', { command: 'start' })
  await until('told to start', () => board.received.length === 6)
  await board.film(4)
  await again
  await until('every picture', () => row()?.pictures === 4)
})
