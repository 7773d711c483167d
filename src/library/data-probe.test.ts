import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { open, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { temporaryFolder } from '../../test/support/folders.ts'
import { DataProbe } from './data-probe.ts'

async function setUp() {
  const dataDir = await temporaryFolder()
  const time = { nowMs: 0 }
  const probe = new DataProbe({ dataDir, clock: { wallMs: () => 0, monotonicMs: () => time.nowMs } })
  return { dataDir, time, probe }
}

it('finds a folder that takes files, how much is free, and leaves nothing behind', async () => {
  const { dataDir, probe } = await setUp()
  const state = await probe.look()
  expect(state.fault).toBeUndefined()
  expect(state.freeBytes).toBeGreaterThan(0)
  expect(await readdir(dataDir)).toEqual([])
})

it('names what is wrong by the code of the system, and looks again after three seconds', async () => {
  const { dataDir, time, probe } = await setUp()
  expect((await probe.look()).fault).toBeUndefined()
  await rm(dataDir, { recursive: true })
  time.nowMs = 2999
  expect((await probe.look()).fault).toBeUndefined()
  time.nowMs = 3000
  expect(await probe.look()).toEqual({ fault: 'ENOENT', freeBytes: undefined })
})

it('tries once for all who ask at the same time', async () => {
  const { probe } = await setUp()
  const asked = Array.from({ length: 1000 }, () => probe.look())
  expect(new Set(asked).size).toBe(1)
  await asked[0]
})

it('writes through no link that lies in its place', async () => {
  const { dataDir, probe } = await setUp()
  const elsewhere = join(await temporaryFolder(), 'precious')
  await writeFile(elsewhere, 'as it was')
  await symlink(elsewhere, join(dataDir, '.rollcall.probe'))
  expect((await probe.look()).fault).toBeUndefined()
  expect(await readFile(elsewhere, 'utf8')).toBe('as it was')
  expect(existsSync(join(dataDir, '.rollcall.probe'))).toBe(false)
})

it('holds what it knew for ten seconds while there is no answer: a disk may be busy with pictures', async () => {
  const { time, probe } = await setUp()
  const known = await probe.look()
  // Each holds a thread of the pool, which all files share, until somebody opens its other end.
  const folder = await temporaryFolder()
  const pipes = ['a', 'b', 'c', 'd'].map((name) => join(folder, name))
  execFileSync('mkfifo', pipes)
  const held = pipes.map((pipe) => open(pipe, 'r'))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const asked = async (ms: number) => {
    time.nowMs = ms
    const state = probe.look()
    time.nowMs += 2000
    vi.advanceTimersByTime(2000)
    return (await state).fault
  }
  expect(await asked(3000)).toBe(known.fault)
  expect(await asked(7000)).toBe(known.fault)
  expect(await asked(11_000)).toBe('no answer for 10 s')
  expect(await asked(60_000)).toBe('no answer for 59 s')
  for (const pipe of pipes) closeSync(openSync(pipe, 'r+'))
  for (const handle of held) await (await handle).close()
  time.nowMs = 70_000
  expect((await probe.look()).fault).toBeUndefined()
})
