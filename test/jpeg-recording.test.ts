/** Recordings of boards: JPEG pictures kept as they came, and read back by ffprobe and ffmpeg. */

import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Thumbnailer } from '../src/library/ffmpeg.ts'
import { recoverFolder } from '../src/library/recover.ts'
import { verifyFolder } from '../src/library/verify.ts'
import { probe, probePackets } from './support/ffmpeg.ts'
import { documentIn, rowsIn, temporaryFolder } from './support/folders.ts'
import { jpegPictures, picturesIn, recordJpegs, type Sent } from './support/jpeg.ts'
import { memoryReader, scanAll } from './support/mp4.ts'

const run = promisify(execFile)
/** As a network brings them, in ms; the board was away for 40 s. */
const TIMES = [0, 67, 133, 190, 267, 333, 480, 481, 600, 40_600, 40_667, 40_733]

function sentAt(times: readonly number[], pictures: readonly Buffer[]): Sent[] {
  return times.map((atMs, i) => ({ atMs, picture: pictures[i]! }))
}

function expectSame(found: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  expect(found.length).toBe(expected.length)
  for (const [i, picture] of found.entries())
    expect(Buffer.compare(picture, expected[i]!), `picture ${i}`).toBe(0)
}

describe('a recording of JPEG pictures', () => {
  it('holds each as it came, at the time at which it came; another size begins a part', async () => {
    const data = await temporaryFolder()
    const [small, large] = [await jpegPictures(TIMES.length, '160x120'), await jpegPictures(5, '321x241')]
    const later = [60_000, 60_067, 60_140, 60_200, 60_267]
    const folder = await recordJpegs(data, [...sentAt(TIMES, small), ...sentAt(later, large)])
    expect((await readdir(folder)).sort()).toEqual([
      'frames.csv',
      'recording.json',
      'stream.2.mp4',
      'stream.mp4',
    ])
    const film = join(folder, 'stream.mp4')
    expectSame(await picturesIn(film), small)
    expectSame(await picturesIn(join(folder, 'stream.2.mp4')), large)
    const packets = await probePackets(film)
    expect(packets.map(({ ptsMs }) => Math.round(ptsMs))).toEqual(TIMES)
    expect(packets.every(({ keyframe }) => keyframe)).toBe(true)
    const { streams, format } = await probe(film)
    expect(streams[0]).toMatchObject({
      codec_name: 'mjpeg',
      codec_tag_string: 'mp4v',
      width: 160,
      height: 120,
    })
    expect(format.tags).toMatchObject({ compatible_brands: 'isomiso5iso6mp41' })
    const copied = { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 } as const
    const { stdout } = await run(
      'ffmpeg',
      ['-v', 'error', '-i', film, '-c', 'copy', '-f', 'mjpeg', '-'],
      copied,
    )
    expect(stdout.equals(Buffer.concat(small))).toBe(true)
    const document = await documentIn(folder)
    expect(document).toMatchObject({
      state: 'closed',
      codec: 'mp4v.6C',
      profile: null,
      width: 160,
      height: 120,
    })
    expect(document).toMatchObject({
      pictures: 17,
      keyframes: 17,
      parts: [{ pictures: 12 }, { pictures: 5 }],
    })
    expect(document.bytes).toBe(Buffer.concat([...small, ...large]).length)
    expect(document.integrity).toMatchObject({
      missing: 0,
      notH264: 0,
      configurationPackets: 0,
      clockJumps: [],
    })
    // These cameras have no clock.
    for (const [, capture, arrival] of await rowsIn(folder)) expect(capture).toBe(arrival)
    const thumbnailer = new Thumbnailer({
      ffmpeg: 'ffmpeg',
      timeoutMs: 20_000,
      onFailure: (error) => expect.unreachable(error.message),
    })
    thumbnailer.add(folder)
    await thumbnailer.idle()
    expect((await probe(join(folder, 'thumbnail.jpg'))).streams[0]).toMatchObject({ width: 160, height: 120 })
    expect(await verifyFolder(folder)).toEqual([])
  })

  it('gives back every whole fragment when it is cut at any byte', async () => {
    const data = await temporaryFolder()
    const sent = sentAt(TIMES.slice(0, 8), await jpegPictures(8, '32x16'))
    const left = await recordJpegs(data, sent, { leave: true })
    const bytes = await readFile(join(left, 'stream.mp4'))
    const { fragments } = await scanAll(memoryReader(bytes))
    expect(fragments.flatMap(({ samples }) => samples)).toHaveLength(sent.length)
    // A fragment holds several pictures, though each is a keyframe.
    expect(fragments.length).toBeLessThan(sent.length / 2)
    const count = (end: number) =>
      fragments.filter((one) => one.endOffset <= end).reduce((sum, { samples }) => sum + samples.length, 0)
    for (let end = 0; end <= bytes.length; end += 1) {
      const found = await scanAll(memoryReader(bytes, end)).catch(() => undefined)
      const pictures = found?.fragments.flatMap(({ samples }) => samples) ?? []
      expect(pictures.length, `cut at ${end}`).toBe(found ? count(end) : 0)
    }
    const [first, last] = [fragments[0]!, fragments.at(-1)!]
    const ends = [first.endOffset - 1, first.endOffset, last.dataOffset + 1, last.endOffset]
    for (const end of ends) {
      const folder = join(await temporaryFolder(), 'esp-1_20261124_134902')
      await mkdir(folder)
      for (const name of ['frames.csv', 'recording.json'])
        await copyFile(join(left, name), join(folder, name))
      await writeFile(join(folder, 'stream.mp4'), bytes.subarray(0, end))
      const { document } = await recoverFolder(folder, 10_000)
      expect(document).toMatchObject({ state: 'recovered', pictures: count(end) })
      expect(await verifyFolder(folder), `cut at ${end}`).toEqual(count(end) === 0 ? expect.anything() : [])
      if (count(end) === 0) continue
      expect(document).toMatchObject({ codec: 'mp4v.6C', keyframes: count(end) })
      expect(document.integrity.clockJumps).toEqual([])
      expectSame(
        await picturesIn(join(folder, 'stream.mp4')),
        sent.slice(0, count(end)).map(({ picture }) => picture),
      )
    }
  })

  it('loses a picture that a power cut has torn, and what came behind it', async () => {
    const data = await temporaryFolder()
    const sent = sentAt(TIMES, await jpegPictures(TIMES.length, '32x16'))
    const folder = await recordJpegs(data, sent, { leave: true })
    const film = join(folder, 'stream.mp4')
    const bytes = await readFile(film)
    const { fragments } = await scanAll(memoryReader(bytes))
    const torn = fragments.at(-1)!
    bytes.fill(0, torn.endOffset - 100, torn.endOffset)
    await writeFile(film, bytes)
    const { document } = await recoverFolder(folder, 10_000)
    expect(document.pictures).toBe(TIMES.length - torn.samples.length)
    expect(await verifyFolder(folder)).toEqual([])
  })
})
