import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { mkdir, readdir, rm, statfs, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { temporaryFolder } from '../../test/support/folders.ts'
import { keepRecording } from '../../test/support/kept.ts'
import { until } from '../../test/support/until.ts'
import { Readers } from './readers.ts'
import { Retention, type RetentionOptions } from './retention.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 10, 24)
/** More than others on this disk free or take while a test runs. */
const SPARSE_BYTES = 2 ** 40
const OFF = { keepDays: 0, keepBytes: 0, minFree: 0 }

/** A data folder, retention on it, and what it told. */
async function setUp(limits: Partial<RetentionOptions['limits']>, options: Partial<RetentionOptions> = {}) {
  const dataDir = await temporaryFolder()
  const removed: string[] = []
  const failures: string[] = []
  const steps: number[] = []
  const time = { wallMs: START_MS, monotonicMs: 0 }
  const retention = new Retention({
    dataDir,
    limits: { ...OFF, ...limits },
    clock: { wallMs: () => time.wallMs, monotonicMs: () => time.monotonicMs },
    isBusy: () => false,
    onRemoved: ({ id, reason, bytes }) => removed.push(`${id} ${reason} ${bytes > 0}`),
    onFailure: ({ message }) => failures.push(message),
    onClockStep: (stepMs) => steps.push(stepMs),
    ...options,
  })
  onTestFinished(() => retention.close())
  /** A recording that ended so many days ago. */
  const keep = (n: number, daysAgo: number, more: { state?: 'recording' | 'recovered' | 'failed' } = {}) =>
    keepRecording(dataDir, nameOf(n), { endedAtMs: START_MS - daysAgo * DAY_MS, ...more })
  const trash = join(dataDir, '.rollcall', 'trash')
  const left = async () => (await readdir(dataDir)).filter((name) => !name.startsWith('.')).sort()
  return { dataDir, retention, removed, failures, steps, time, keep, trash, left }
}

const nameOf = (n: number) => `192.0.2.7_${n}_20261124_134902`

it('removes what is too old, says so, and leaves nothing in the trash', async () => {
  const { retention, removed, keep, left, trash } = await setUp({ keepDays: 7 })
  await keep(1, 9)
  await keep(2, 8, { state: 'failed' })
  await keep(3, 8.5, { state: 'recovered' })
  await keep(4, 6)
  await retention.begin()
  expect(removed).toEqual([1, 3, 2].map((n) => `${nameOf(n)} keepDays true`))
  expect(await left()).toEqual([nameOf(4)])
  expect(await readdir(trash)).toEqual([])
})

it('counts all files of all recordings against keepBytes', async () => {
  const { retention, removed, keep, left } = await setUp({ keepBytes: 5000 })
  for (const n of [1, 2, 3]) await keep(n, 10 - n)
  await retention.run()
  // Each takes 1000 bytes and its recording.json.
  expect(removed).toEqual([`${nameOf(1)} keepBytes true`])
  expect(await left()).toEqual([nameOf(2), nameOf(3)])
})

it('makes room until minFree is free on the disk', async () => {
  const { dataDir, retention, removed, keep } = await setUp({ minFree: 2 ** 50 })
  const { bavail, bsize } = await statfs(dataDir)
  expect(bavail * bsize).toBeLessThan(2 ** 50)
  await keep(1, 1)
  await keep(2, 0)
  await retention.run()
  expect(removed).toEqual([1, 2].map((n) => `${nameOf(n)} minFree true`))
})

it('has what people deleted removed first, when more is to be free', async () => {
  const told: string[] = []
  const deletes = (minFree: number) =>
    setUp(
      { minFree },
      {
        emptyDeleted: async () => void told.push('deleted'),
        onRemoved: ({ id }) => told.push(id),
      },
    )
  const [needs, has] = [await deletes(2 ** 50), await deletes(1)]
  for (const { keep, retention } of [needs, has]) {
    await keep(1, 1)
    await retention.run()
  }
  expect(told).toEqual(['deleted', nameOf(1)])
})

it('counts what it has removed as free for a while, also where the system says so late', async () => {
  const { dataDir, removed, keep, time } = await setUp({})
  const { bavail, bsize } = await statfs(dataDir)
  const late = new Retention({
    dataDir,
    // Between what is free now and that with one recording of this size removed: the small files here free nothing.
    limits: { ...OFF, minFree: bavail * bsize + SPARSE_BYTES / 2 },
    clock: { wallMs: () => time.wallMs, monotonicMs: () => time.monotonicMs },
    isBusy: () => false,
    onRemoved: ({ id }) => removed.push(id),
    onFailure: () => {},
    onClockStep: () => {},
  })
  onTestFinished(() => late.close())
  // It takes no space, so that its removal frees none.
  for (const n of [1, 2, 3]) await truncate(join(await keep(n, 9 - n), 'stream.mp4'), SPARSE_BYTES)
  await late.run()
  await late.run()
  expect(removed).toEqual([nameOf(1)])
  time.monotonicMs += 45_000
  time.wallMs += 45_000
  await late.run()
  expect(removed).toEqual([nameOf(1), nameOf(2)])
})

it('looks once a minute by itself', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const { retention, keep, left } = await setUp({ keepDays: 1 })
  await keep(1, 9)
  vi.advanceTimersByTime(59_999)
  expect(await left()).toEqual([nameOf(1)])
  vi.advanceTimersByTime(1)
  await until('an empty folder', async () => (await left()).length === 0)
  await retention.close()
})

it('leaves alone what is open, starred, being read, or no recording', async () => {
  const readers = new Readers()
  const { dataDir, retention, removed, failures, keep, left } = await setUp(
    { keepDays: 1, keepBytes: 1, minFree: 2 ** 50 },
    { isBusy: (id) => readers.isReading(id) },
  )
  await keep(1, 9, { state: 'recording' })
  await writeFile(join(await keep(2, 9), 'starred'), '')
  await keep(3, 9)
  const ends = [readers.begin(nameOf(3)), readers.begin(nameOf(3))]
  await writeFile(join(await keep(4, 9), 'recording.json'), '{"version":1,')
  await mkdir(join(dataDir, 'my films'))
  await mkdir(join(dataDir, nameOf(5)))
  await writeFile(join(dataDir, nameOf(6)), 'a file')
  const all = await left()
  await retention.run()
  expect([removed, failures]).toEqual([[], []])
  ends[0]!()
  ends[0]!()
  await retention.run()
  expect(await left()).toEqual(all)
  ends[1]!()
  await rm(join(dataDir, nameOf(2), 'starred'))
  await retention.run()
  expect(removed.sort()).toEqual([2, 3].map((n) => `${nameOf(n)} keepDays true`))
})

it('asks again before each removal whether someone reads it or has starred it', async () => {
  const { dataDir, retention, removed, keep, left } = await setUp(
    { keepDays: 1 },
    {
      onRemoved: async ({ id }) => {
        removed.push(id)
        busy.add(nameOf(2))
      },
      isBusy: (id) => busy.has(id),
    },
  )
  const busy = new Set<string>()
  for (const n of [1, 2, 3]) await keep(n, 10 - n)
  // In a folder that was looked at before; a star changes the folder's time.
  await retention.run()
  expect(removed).toEqual([nameOf(1), nameOf(3)])
  expect(await left()).toEqual([nameOf(2)])
  busy.clear()
  await writeFile(join(dataDir, nameOf(2), 'starred'), '')
  await retention.run()
  expect(await left()).toEqual([nameOf(2)])
})

describe('a symbolic link', () => {
  it('to a recording elsewhere is no recording', async () => {
    const elsewhere = await temporaryFolder()
    const { dataDir, retention, removed } = await setUp({ keepDays: 1 })
    const folder = await keepRecording(elsewhere, nameOf(1), { endedAtMs: 0 })
    await symlink(folder, join(dataDir, nameOf(1)))
    await retention.run()
    expect(removed).toEqual([])
    expect(existsSync(join(folder, 'stream.mp4'))).toBe(true)
  })

  it('within a recording goes, and what it points to stays', async () => {
    const elsewhere = await temporaryFolder()
    await writeFile(join(elsewhere, 'film.mp4'), Buffer.alloc(100_000))
    const { retention, removed, keep, left } = await setUp({ keepDays: 1, keepBytes: 50_000 })
    const folder = await keep(1, 0)
    await symlink(elsewhere, join(folder, 'cuts'))
    await symlink(join(elsewhere, 'film.mp4'), join(folder, 'film.mp4'))
    await retention.run()
    expect(removed, 'a link takes no room of its own').toEqual([])
    await rm(folder, { recursive: true })
    await symlink(elsewhere, join(await keep(1, 9), 'cuts'))
    await retention.run()
    expect(await left()).toEqual([])
    expect(await readdir(elsewhere)).toEqual(['film.mp4'])
  })

  it('in the place of recording.json tells nothing', async () => {
    const elsewhere = await temporaryFolder()
    const other = await keepRecording(elsewhere, nameOf(1), { endedAtMs: 0 })
    const { dataDir, retention, removed } = await setUp({ keepDays: 1 })
    await mkdir(join(dataDir, nameOf(1)))
    await symlink(join(other, 'recording.json'), join(dataDir, nameOf(1), 'recording.json'))
    await retention.run()
    expect(removed).toEqual([])
  })

  it.each([['.rollcall'], ['.rollcall', 'trash']])(
    'in the place of %s/%s is not followed, and nothing goes',
    async (...path) => {
      const elsewhere = await temporaryFolder()
      await mkdir(join(elsewhere, 'trash'))
      await writeFile(join(elsewhere, 'trash', 'precious'), '')
      const { dataDir, retention, removed, failures, keep } = await setUp({ keepDays: 1 })
      const link = join(dataDir, ...path)
      await mkdir(join(link, '..'), { recursive: true })
      await symlink(path.length > 1 ? join(elsewhere, 'trash') : elsewhere, link)
      await keep(1, 9)
      await retention.begin()
      expect(removed).toEqual([])
      expect(failures.join()).toContain('is no folder')
      expect(await readdir(join(elsewhere, 'trash'))).toEqual(['precious'])
    },
  )
})

describe('the trash', () => {
  it('is emptied at the start, with every limit off', async () => {
    const { retention, trash, failures } = await setUp({})
    await mkdir(join(trash, nameOf(1), 'deep'), { recursive: true })
    await writeFile(join(trash, nameOf(1), 'stream.mp4'), 'x')
    await writeFile(join(trash, 'a file'), 'x')
    await retention.begin()
    expect(await readdir(trash)).toEqual([])
    expect(failures).toEqual([])
  })

  it('that takes no rename keeps the recording whole; it is tried again an hour later, and others go meanwhile', async () => {
    let obstruct = true
    const { dataDir, retention, removed, failures, keep, left, trash, time } = await setUp(
      { keepDays: 7 },
      {
        isBusy: (id) => {
          // What lies in its place is not empty: the system refuses.
          if (obstruct && id === nameOf(1)) mkdirSync(join(trash, id, 'full'), { recursive: true })
          return false
        },
      },
    )
    await keep(1, 10)
    await keep(2, 9)
    await retention.run()
    expect(failures).toEqual([
      expect.stringMatching(/_1_.* should go \(keepDays\), but cannot be moved to the trash: ENOTEMPTY/),
    ])
    expect(removed).toEqual([`${nameOf(2)} keepDays true`])
    expect(await readdir(join(dataDir, nameOf(1)))).toEqual(['recording.json', 'stream.mp4'])
    obstruct = false
    await retention.run()
    expect([failures.length, await left()]).toEqual([1, [nameOf(1)]])
    time.monotonicMs += 3_600_001
    time.wallMs += 3_600_001
    await retention.run()
    expect([failures.length, await left()]).toEqual([1, []])
  })

  it('that cannot be emptied stops retention, since moving more would free nothing', async () => {
    const { retention, removed, failures, keep, trash } = await setUp({ keepDays: 7 })
    await keep(1, 10)
    await mkdir(join(trash, '..'), { recursive: true })
    await writeFile(trash, 'a file')
    await retention.run()
    expect(removed).toEqual([])
    expect(failures).toEqual([expect.stringMatching(/the trash cannot be emptied: .*is no folder/)])
  })
})

it('lives with folders that are removed by hand while it looks', async () => {
  const { dataDir, retention, removed, failures, keep, left } = await setUp(
    { keepDays: 1 },
    {
      isBusy: (id) => {
        asked.push(id)
        // Asked the second time, before it is moved.
        if (id === nameOf(1) && asked.filter((one) => one === id).length === 2)
          rmSync(join(dataDir, id), { recursive: true })
        return false
      },
    },
  )
  const asked: string[] = []
  await keep(1, 9)
  await keep(2, 8)
  await retention.run()
  expect(failures).toEqual([])
  expect(removed).toEqual([`${nameOf(2)} keepDays true`])
  expect(await left()).toEqual([])
  await rm(dataDir, { recursive: true })
  await retention.run()
  expect(failures).toEqual([expect.stringContaining('retention cannot read')])
})

it('removes at most twenty in one run', async () => {
  const { retention, removed, keep } = await setUp({ keepDays: 1 })
  for (let n = 0; n < 25; n += 1) await keep(100 + n, 50 - n)
  await retention.run()
  expect(removed).toHaveLength(20)
  await retention.run()
  expect(removed).toHaveLength(25)
})

it.each([40 * DAY_MS, -40 * DAY_MS])(
  'removes nothing by age for an hour after the wall clock is set by %d ms',
  async (stepMs) => {
    const { retention, removed, keep, steps, time } = await setUp({ keepDays: 7 })
    await keep(1, 60)
    await keep(2, 1)
    time.wallMs += stepMs
    await retention.run()
    expect([removed, steps]).toEqual([[], [stepMs]])
    time.wallMs -= stepMs
    await retention.run()
    expect([removed, steps]).toEqual([[], [stepMs, -stepMs]])
    time.wallMs += 3_600_001
    time.monotonicMs += 3_600_001
    await retention.run()
    expect(removed).toEqual([`${nameOf(1)} keepDays true`])
  },
)

it('begins nothing once it is closed', async () => {
  const { retention, removed, keep } = await setUp({ keepDays: 1 })
  await keep(1, 9)
  await retention.close()
  await retention.run()
  expect(removed).toEqual([])
})

it('tells of a limit that cannot be met once, and again when that changes', async () => {
  const told: string[] = []
  const { dataDir, retention, keep } = await setUp(
    { keepBytes: 1 },
    { onUnmet: (unmet) => told.push(unmet.map(({ limit, bytes }) => `${limit} ${bytes > 1000}`).join()) },
  )
  await keep(1, 9)
  await writeFile(join(dataDir, nameOf(1), 'starred'), '')
  await retention.run()
  await retention.run()
  expect(told).toEqual(['keepBytes true'])
  await rm(join(dataDir, nameOf(1), 'starred'))
  await retention.run()
  await retention.run()
  expect(told).toEqual(['keepBytes true', ''])
})
