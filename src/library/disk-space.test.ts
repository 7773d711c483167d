import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RequestError, StorageError } from '../errors.ts'
import type { RecordingDocument } from '../recording/document.ts'
import { DiskSpace } from './disk-space.ts'

const GB = 1e9
/** What other programs may write while a test runs. */
const NOISE_BYTES = 0.2 * GB

/** The disk of the temporary folder, of which so much is to be kept. */
async function setUp(options: { minFreeBytes?: number; keepBytes?: number; dataDir?: string } = {}) {
  const { bavail, bsize } = await statfs(tmpdir())
  const free = bavail * bsize
  const time = { nowMs: 0 }
  const needs = { recordings: 0, bytes: 0 }
  const ended: RecordingDocument[] = []
  const faults: (string | undefined)[] = []
  const disk = new DiskSpace({
    dataDir: options.dataDir ?? tmpdir(),
    minFreeBytes: options.minFreeBytes ?? 0,
    reserveBytes: Math.max(0, free - (options.keepBytes ?? free)),
    needs: () => needs,
    copies: 2,
    clock: { wallMs: () => 0, monotonicMs: () => time.nowMs },
    onEnded: (document) => ended.push(document),
    onFault: (fault) => faults.push(fault),
  })
  await disk.look()
  return { disk, free, time, needs, ended, faults }
}

describe('free space', () => {
  it('is what the file system says, less what was written since', async () => {
    const { disk, free } = await setUp()
    expect(Math.abs(disk.freeBytes! - free)).toBeLessThan(NOISE_BYTES)
    disk.writtenBytes += 2 * GB
    expect(Math.abs(disk.freeBytes! - (free - 2 * GB))).toBeLessThan(NOISE_BYTES)
  })

  it('is not known when the folder is gone: what writes there will tell', async () => {
    const { disk } = await setUp({ dataDir: join(tmpdir(), 'not-there') })
    expect([disk.freeBytes, disk.isFull, disk.hasRoom, disk.report(1)]).toEqual([
      undefined,
      false,
      true,
      undefined,
    ])
  })

  it.each([
    ['waits for the disk', ({ disk }) => (disk.queuedBytes = GB)],
    ['was written', ({ disk }) => (disk.writtenBytes = GB)],
    ['the ends of the open recordings need', ({ needs }) => (needs.bytes = GB)],
    ['a thousand recordings need at their ends', ({ needs }) => (needs.recordings = 1000)],
  ] satisfies [string, (scene: Awaited<ReturnType<typeof setUp>>) => unknown][])(
    'is full when what is kept back would be touched by what %s',
    async (_title, take) => {
      const scene = await setUp({ keepBytes: 0.8 * GB })
      expect(scene.disk.isFull).toBe(false)
      take(scene)
      expect([scene.disk.isFull, scene.disk.hasRoom]).toEqual([true, false])
      const full = scene.disk.fullError()
      expect(full).toBeInstanceOf(StorageError)
      expect(full.message).toMatch(
        /^the disk is full: \d.* free in .*, \d.* are kept back for closing; recording goes on once \d.* are free$/,
      )
    },
  )

  it('lasts as long as what cameras are asked for lets it, less when they write more, without a jump', async () => {
    const { disk, time, needs } = await setUp({ keepBytes: 12 * GB })
    const write = async (bytesPerSecond: number) => {
      disk.writtenBytes += 2 * bytesPerSecond
      time.nowMs += 2000
      await disk.look()
      return disk.report(10e6)!.minutes
    }
    // 12 GB less little at twice 10 MB/s.
    expect(disk.report(10e6)!.minutes).toBeCloseTo(10, 0)
    needs.recordings = 3
    // A take begins and ends with little.
    expect(await write(0.1e6)).toBeCloseTo(10, 0)
    const told: number[] = []
    for (let i = 0; i < 60; i += 1) told.push((await write(i % 2 ? 60e6 : 20e6))!)
    // 40 MB/s on average; the test writes nothing, so that as much stays free.
    const rates = told.map((minutes) => 12e9 / minutes / 60)
    expect(Math.max(...rates)).toBeLessThan(45e6)
    expect(rates.at(-1)).toBeGreaterThan(34e6)
    needs.recordings = 0
    await write(0)
    expect(disk.report(10e6)!.minutes).toBeCloseTo(10, 0)
    expect(disk.report(0)!.minutes).toBeUndefined()
  })
})

describe('a start', () => {
  it('is refused when less than is asked for is free', async () => {
    const { disk, free } = await setUp({ minFreeBytes: 1e15 })
    const shown = `${((free - (free % 1e8)) / GB).toFixed(0)}`
    const refused = () => disk.refuseIfLow({ cameras: 3, mbps: 8 })
    expect(refused).toThrow(RequestError)
    expect(refused).toThrow(
      /GB free in .*, good for \d+ \w+ of 3 cameras at 8 Mbit\/s; 1000000\.0 GB must be free/,
    )
    expect(refused).toThrow(new RegExp(shown.slice(0, -1)))
  })

  it('is refused while the data folder is gone, which is told once, and not when it is back a moment before', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'disk-space-'))
    onTestFinished(() => rm(dataDir, { recursive: true }))
    const { disk, faults } = await setUp({ dataDir })
    const start = () => disk.refuseIfLow({ cameras: 1, mbps: 4 })
    expect(start).not.toThrow()
    await rm(dataDir, { recursive: true })
    await disk.look()
    await disk.look()
    expect(start).toThrow(
      new RequestError('DATA_FOLDER_UNUSABLE', `the data folder ${dataDir} is gone (ENOENT)`),
    )
    expect(faults).toEqual(['is gone (ENOENT)'])
    await mkdir(dataDir)
    expect(start).not.toThrow()
    expect([disk.fault, faults]).toEqual([undefined, ['is gone (ENOENT)', undefined]])
  })

  it('is not refused when there is enough', async () => {
    const { disk } = await setUp()
    expect(() => disk.refuseIfLow({ cameras: 3, mbps: 8 })).not.toThrow()
  })
})

describe('a folder whose end the disk refused', () => {
  it('is tried again with growing pauses until the disk takes it', async () => {
    const { disk, time, ended } = await setUp()
    const triedMs: number[] = []
    disk.leave(async () => {
      triedMs.push(time.nowMs)
      if (triedMs.length < 5) throw new Error('no')
      return { id: 'folder' } as RecordingDocument
    })
    for (; time.nowMs < 100_000 && ended.length === 0; time.nowMs += 1000) {
      await disk.look()
      await new Promise(setImmediate)
    }
    expect(triedMs).toEqual([0, 1000, 3000, 7000, 15_000])
    expect(ended).toEqual([{ id: 'folder' }])
  })
})
