/** stream.mp4 is playable at every moment: while it grows, and cut at any byte. */

import { copyFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recoverFolder } from '../src/library/recover.ts'
import { verifyFolder } from '../src/library/verify.ts'
import { scanFragments, scanHead } from '../src/mp4/scan.ts'
import { frameMd5, probePackets, testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, rowsIn, temporaryFolder } from './support/folders.ts'
import { scanFile } from './support/mp4.ts'
import { TestPhone } from './support/phone.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

const PICTURES = 30
const MAX_GAP_MS = 10_000

/** The files of a recording as a crash would leave them: taken while it runs. */
async function growing(): Promise<{ folder: string; mp4: Buffer; ends: number[] }> {
  const { port, data } = await startServer({ fragmentMs: 100 })
  const phone = await TestPhone.connect(port)
  phone.status('capture_started')
  for (const [i, payload] of (await testPictures(PICTURES, '64x48')).entries())
    phone.packet(5000 + i * 50, payload)
  const live = await until('every picture in stream.mp4', async () => {
    const [found] = await recordingsIn(data)
    const scanned = found && (await scanFile(join(found, 'stream.mp4')).catch(() => undefined))
    // recording.json is written beside the others.
    const isTold = found && (await documentIn(found).catch(() => undefined))
    return isTold && scanned && scanned.samples === PICTURES && found
  })
  const folder = join(await temporaryFolder(), basename(live))
  await mkdir(folder)
  for (const name of ['stream.mp4', 'stream.h264', 'frames.csv', 'recording.json'])
    await copyFile(join(live, name), join(folder, name))
  await phone.close()
  const mp4 = await readFile(join(folder, 'stream.mp4'))
  const read = async (offset: number, length: number) => mp4.subarray(offset, offset + length)
  const ends: number[] = []
  for await (const { endOffset } of scanFragments(read, await scanHead(read))) ends.push(endOffset)
  return { folder, mp4, ends }
}

describe('a growing stream.mp4', () => {
  it('is read by ffprobe whole, with exact times', async () => {
    const { folder } = await growing()
    const packets = await probePackets(join(folder, 'stream.mp4'))
    expect(packets.map(({ ptsMs }) => Math.round(ptsMs))).toEqual(
      Array.from({ length: PICTURES }, (_, i) => i * 50),
    )
  })

  it('gives every whole fragment to ffprobe when it is cut', async () => {
    const { folder, mp4, ends } = await growing()
    const file = join(folder, 'cut.mp4')
    const whole = await probePackets(join(folder, 'stream.mp4'))
    const cuts = ends.flatMap((end, i) => [
      end - 1,
      end,
      end + 1,
      end + 9,
      Math.floor((end + (ends[i + 1] ?? end)) / 2),
    ])
    for (const cut of cuts.filter((cut) => cut >= ends[0]! && cut <= mp4.length)) {
      await writeFile(file, mp4.subarray(0, cut))
      const wholeEnd = ends.findLast((end) => end <= cut)!
      const expected = whole.filter(({ position, sizeBytes }) => position + sizeBytes <= wholeEnd)
      const packets = await probePackets(file)
      expect(packets.slice(0, expected.length)).toMatchObject(
        expected.map(({ ptsMs, sizeBytes }) => ({ ptsMs, sizeBytes })),
      )
    }
  })

  it('keeps every whole fragment when it is cut at any byte', async () => {
    const { mp4, ends } = await growing()
    for (let cut = 0; cut <= mp4.length; cut += 1) {
      const read = async (offset: number, length: number) =>
        mp4.subarray(offset, Math.min(cut, offset + length))
      const head = await scanHead(read).catch(() => undefined)
      const found: number[] = []
      if (head) for await (const { endOffset } of scanFragments(read, head)) found.push(endOffset)
      expect(found).toEqual(ends.filter((end) => end <= cut))
    }
  })
})

describe('recovery', () => {
  it('closes a recording that was cut anywhere, from its own bytes', async () => {
    const { folder, mp4, ends } = await growing()
    const original = await frameMd5(join(folder, 'stream.mp4'))
    const rows = await readFile(join(folder, 'frames.csv'))
    const open = await readFile(join(folder, 'recording.json'))
    for (let i = 0; i < 24; i += 1) {
      const cut = Math.floor((mp4.length * (i + 1)) / 24)
      await writeFile(join(folder, 'stream.mp4'), mp4.subarray(0, cut))
      await writeFile(
        join(folder, 'frames.csv'),
        rows.subarray(0, Math.floor((rows.length * (24 - (i % 12))) / 24)),
      )
      await writeFile(join(folder, 'recording.json'), open)
      const { document } = await recoverFolder(folder, MAX_GAP_MS)
      const wholeEnd = ends.findLast((end) => end <= cut)
      expect(document.state).toBe('recovered')
      expect(document).toEqual(await documentIn(folder))
      if (wholeEnd === undefined) {
        expect(document.pictures).toBe(0)
        continue
      }
      const recovered = await frameMd5(join(folder, 'stream.mp4'))
      expect(recovered).toEqual(original.slice(0, document.pictures))
      expect(document.pictures).toBeGreaterThan(0)
      expect((await rowsIn(folder)).filter((row) => row[3] !== '')).toHaveLength(document.pictures)
      expect(await verifyFolder(folder)).toEqual([])
    }
  })

  it('can be cut off itself and begun again', async () => {
    const { folder } = await growing()
    const { document: first } = await recoverFolder(folder, MAX_GAP_MS)
    const closed = await readFile(join(folder, 'stream.mp4'))
    for (const cut of [closed.length - 1, closed.length - 400]) {
      await writeFile(join(folder, 'stream.mp4'), closed)
      await truncate(join(folder, 'stream.mp4'), cut)
      const { document } = await recoverFolder(folder, MAX_GAP_MS)
      expect(document).toEqual(first)
      expect(await readFile(join(folder, 'stream.mp4'))).toEqual(closed)
    }
  })
})
