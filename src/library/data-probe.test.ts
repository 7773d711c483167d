import { existsSync } from 'node:fs'
import { readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
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
