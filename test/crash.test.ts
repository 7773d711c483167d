/** kill -9 of a real server in mid-recording: what is on the disk plays, and the next start loses nothing more. */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyFolder } from '../src/library/verify.ts'
import { documentIn, recordingsIn, rowsIn, temporaryFolder } from './support/folders.ts'
import { hasPictures, scanFile } from './support/mp4.ts'
import { ServerProcess } from './support/process.ts'
import {
  expectPicturesPrefix,
  expectRawPrefix,
  expectTimesPrefix,
  foldersOf,
  StreamingPhone,
} from './support/streaming.ts'
import { until } from './support/until.ts'

const PHONES = 3
/** What a killed process may lose, in ms: a fragment, and some time for writing it. */
const LOST_MS = 1000

/** A moment of the recordings, as it can be seen from outside. */
type Moment = (scene: Scene) => Promise<unknown>

interface Scene {
  data: string
  server: ServerProcess
  phones: StreamingPhone[]
}

const mp4Of = async (data: string, phone: StreamingPhone, capture = 0) => {
  const folder = (await foldersOf(data, phone))[capture]
  const file = folder && join(folder, 'stream.mp4')
  return file && existsSync(file) ? file : undefined
}
const hasThumbnail = async (data: string, phone: StreamingPhone) => {
  const [folder] = await foldersOf(data, phone)
  return folder !== undefined && existsSync(join(folder, 'thumbnail.jpg'))
}
const streams = (phone: StreamingPhone, pictures: number) =>
  until(`${pictures} pictures`, () => phone.sent.length > pictures)

const MOMENTS: [string, Moment][] = [
  [
    'before the first fragment is written',
    ({ data }) => until('three folders', async () => (await recordingsIn(data)).length === PHONES),
  ],
  [
    'as the first fragment is written',
    ({ data, phones }) => until('a stream.mp4', () => mp4Of(data, phones[0]!)),
  ],
  ['after seconds', ({ phones }) => streams(phones[0]!, 80)],
  [
    'as one recording is closed and the next begins',
    async ({ data, phones }) => {
      await until('its thumbnail', () => hasThumbnail(data, phones[0]!))
      phones[0]!.stop()
      phones[0]!.start({ pictures: 40 })
      await until('another folder', async () => (await foldersOf(data, phones[0]!)).length === 2)
    },
  ],
  [
    'as hundreds of pictures pour in',
    async ({ data, phones }) => {
      await until('its thumbnail', () => hasThumbnail(data, phones[0]!))
      phones[0]!.stop()
      phones[0]!.start({ pictures: 600 })
      await until('the first of them', () => mp4Of(data, phones[0]!, 1))
    },
  ],
]

/** Records with three phones until a moment, then kills. */
async function killed(moment: Moment): Promise<Scene & { atMs: number }> {
  const data = await temporaryFolder()
  const server = await ServerProcess.start(['--data', data])
  const phones = await Promise.all(Array.from({ length: PHONES }, () => StreamingPhone.connect(server.port)))
  for (const phone of phones) phone.start()
  await moment({ data, server, phones })
  const atMs = performance.now()
  await server.end('SIGKILL')
  for (const phone of phones) phone.pause()
  return { data, server, phones, atMs }
}

describe.each(MOMENTS)('killed %s', (_title, moment) => {
  it('leaves files that play, and closes them at the next start, beside new recordings', async () => {
    const { data, phones, atMs } = await killed(moment)
    const before = new Map<string, { samples: number; media: Buffer }>()
    const captures = new Map<string, StreamingPhone['sent']>()
    for (const phone of phones)
      for (const [i, folder] of (await foldersOf(data, phone)).entries()) {
        const sent = phone.captures[i]!
        captures.set(folder, sent)
        const rawBytes = await expectRawPrefix(folder, sent)
        const file = join(folder, 'stream.mp4')
        // Not there, or killed before its first fragment was whole.
        if (!(await hasPictures(file))) continue
        const samples = await expectTimesPrefix(folder, sent)
        const { headBytes, wholeBytes } = await scanFile(file)
        before.set(folder, { samples, media: (await readFile(file)).subarray(headBytes, wholeBytes) })
        const written = sent.slice(0, 1 + samples).reduce((sum, { payload }) => sum + payload.length, 0)
        expect(rawBytes).toBeGreaterThanOrEqual(written)
      }

    const server = await ServerProcess.start(['--data', data])
    const newcomer = await StreamingPhone.connect(server.port)
    newcomer.start()
    for (const [folder, sent] of captures) {
      const document = await until('recovery', async () => {
        const found = existsSync(join(folder, 'recording.json')) && (await documentIn(folder))
        return found && found.state !== 'recording' && found
      })
      const { samples = 0, media } = before.get(folder) ?? {}
      expect(document.pictures).toBeGreaterThanOrEqual(samples)
      expect(document.integrity).toMatchObject({ missing: 0, repeated: 0, outOfOrder: 0, backwardTimes: 0 })
      const isLast = phones.some((phone) => phone.sent === sent)
      if (isLast) expect(document.state).toBe('recovered')
      if (document.pictures === 0) continue
      expect(await expectTimesPrefix(folder, sent)).toBe(document.pictures)
      await expectPicturesPrefix(folder, sent)
      await expectRawPrefix(folder, sent)
      // Nothing is copied: the pictures are where they were.
      const file = join(folder, 'stream.mp4')
      const { headBytes } = await scanFile(file)
      const after = await readFile(file)
      if (media) expect(after.subarray(headBytes, headBytes + media.length).equals(media)).toBe(true)
      expect((await rowsIn(folder)).filter((row) => row[3] !== '')).toHaveLength(document.pictures)
      await until('a thumbnail', () => existsSync(join(folder, 'thumbnail.jpg')))
    }
    for (const phone of phones) {
      const read = phone.readBefore(atMs, LOST_MS)
      const folder = (await foldersOf(data, phone)).at(-1)
      if (read > 1) expect((await documentIn(folder!)).pictures).toBeGreaterThanOrEqual(read - 1)
    }

    newcomer.stop()
    expect(await server.end('SIGTERM')).toBe(0)
    const [folder, ...others] = await foldersOf(data, newcomer)
    expect(others).toEqual([])
    expect(captures.has(folder!)).toBe(false)
    expect(await documentIn(folder!)).toMatchObject({
      state: 'closed',
      pictures: newcomer.sent.length - 1,
    })
    for (const known of [folder!, ...captures.keys()]) expect(await verifyFolder(known)).toEqual([])
    expect(await recordingsIn(data)).toHaveLength(captures.size + 1)
  })
})
