/** stream.mp4 is playable at every moment: while it grows, and cut at any byte. */

import { copyFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recoverFolder } from '../src/library/recover.ts'
import { verifyFolder } from '../src/library/verify.ts'
import { scanFragments, scanHead } from '../src/mp4/scan.ts'
import { frameMd5, probePackets, testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, rowsIn, temporaryFolder } from './support/folders.ts'
import { memoryReader, scanAll, scanFile } from './support/mp4.ts'
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

  it.each([
    ['content', 1],
    ['content', 2],
    ['header', 1],
    ['header', 3],
  ])('keeps every whole fragment around those whose %s is torn: %d', async (what, holes) => {
    const { folder, mp4, ends } = await growing()
    const path = join(folder, 'stream.mp4')
    const before = await probePackets(path)
    const { fragments } = await scanAll(memoryReader(mp4))
    expect(fragments.length).toBeGreaterThan(2 * holes + 3)
    // Also the one before the last, which a power cut tears.
    const torn = Array.from({ length: holes }, (_, i) => fragments.length - 2 - 2 * i)
    for (const i of torn) {
      const { startOffset, dataOffset } = fragments[i]!
      mp4.fill(0, what === 'content' ? dataOffset : startOffset, dataOffset + (what === 'content' ? 4 : 0))
    }
    await writeFile(path, mp4)
    const { document, cutBytes } = await recoverFolder(folder, MAX_GAP_MS)
    const isLost = fragments.flatMap(({ samples }, i) => samples.map(() => torn.includes(i)))
    expect(document.pictures).toBe(isLost.filter((lost) => !lost).length)
    expect(await probePackets(path)).toEqual(before.filter((_, i) => !isLost[i]))
    expect((await rowsIn(folder)).map((row) => row[3] === '')).toEqual(isLost)
    expect(document.integrity).toMatchObject({ packets: PICTURES, missing: 0, picturesBeforeKeyframe: 0 })
    expect(cutBytes).toBe(torn.reduce((sum, i) => sum + ends[i]! - fragments[i]!.startOffset, 0))
    expect(await verifyFolder(folder)).toEqual([])
    const closed = await readFile(path)
    expect((await recoverFolder(folder, MAX_GAP_MS)).document).toEqual(document)
    expect(await readFile(path)).toEqual(closed)
  })

  it('keeps the whole fragments of a closed part with a torn one, and of one with a wrong time', async () => {
    const { folder, mp4 } = await growing()
    const [path, json] = [join(folder, 'stream.mp4'), join(folder, 'recording.json')]
    const open = await readFile(json)
    await recoverFolder(folder, MAX_GAP_MS)
    const closed = await readFile(path)
    const { fragments } = await scanAll(memoryReader(closed))
    const { startOffset, dataOffset, samples } = fragments[4]!
    closed.fill(0, startOffset, dataOffset)
    await writeFile(path, closed)
    await writeFile(json, open)
    const { document } = await recoverFolder(folder, MAX_GAP_MS)
    expect(document.pictures).toBe(PICTURES - samples.length)
    expect(await probePackets(path)).toHaveLength(document.pictures)
    expect(await verifyFolder(folder)).toEqual([])
    // The highest byte of its decode time.
    mp4[mp4.indexOf('tfdt', startOffset) + 8] = 1
    await writeFile(path, mp4)
    await writeFile(json, open)
    expect((await recoverFolder(folder, MAX_GAP_MS)).document.pictures).toBe(PICTURES)
  })

  it('sets a file aside as it is whose first fragment is torn', async () => {
    const { folder, mp4, ends } = await growing()
    const path = join(folder, 'stream.mp4')
    const [first] = (await scanAll(memoryReader(mp4))).fragments
    mp4.fill(0, first!.dataOffset, ends[0])
    await writeFile(path, mp4)
    expect((await recoverFolder(folder, MAX_GAP_MS)).document.pictures).toBe(0)
    expect(await readFile(`${path}.partial`)).toEqual(mp4)
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
