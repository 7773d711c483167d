/** The faults themselves: that a server process under the shim sees the disk and the clock that a test gives it. */

import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { Faults } from '../support/faults.ts'
import { testPictures } from '../support/ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from '../support/folders.ts'
import { TestPhone } from '../support/phone.ts'
import { ServerProcess } from '../support/process.ts'
import { until } from '../support/until.ts'

const HOUR_MS = 3_600_000

async function recording(options: { log?: boolean } = {}) {
  const data = await temporaryFolder()
  const faults = await Faults.below(data, options)
  const args = ['--data', data, '--no-thumbnails', '--stop-wait-ms', '0']
  const server = await ServerProcess.start(args, { env: faults.env })
  const phone = await TestPhone.connect(server.port)
  phone.status('capture_started')
  const pictures = await testPictures(30)
  const send = (from: number, to: number) => {
    for (let i = from; i < to; i += 1) phone.packet(1000 + i * 100, pictures[i]!)
  }
  return { data, faults, server, phone, send }
}

describe('a process under the shim', () => {
  it('writes, syncs and renames in the sight of the log', async () => {
    const { data, faults, server, phone, send } = await recording({ log: true })
    send(0, 20)
    phone.status('capture_stopped')
    await phone.acknowledged()
    expect(await server.end('SIGTERM')).toBe(0)
    const log = await readFile(faults.logPath, 'latin1')
    for (const op of ['mkdir', 'create', 'opendir', 'write', 'syncbegin', 'syncend', 'rename', 'unlink'])
      expect(log.includes(` ${op} `), op).toBe(true)
    const [folder] = await recordingsIn(data)
    expect(await documentIn(folder!)).toMatchObject({ state: 'closed', pictures: 20 })
  })

  it('meets a full disk, which the log tells', async () => {
    const { faults, server, send } = await recording()
    send(0, 10)
    await until('bytes', () => faults.writtenBytes > 1000)
    faults.fail('ENOSPC', { afterBytes: 100 })
    send(10, 30)
    await server.says(/ENOSPC/)
    expect(faults.hits).toBeGreaterThan(0)
  })

  it('waits for a slow disk until it is healed', async () => {
    const { data, faults, server, phone, send } = await recording()
    faults.delay(HOUR_MS)
    send(0, 20)
    await until('a call that waits', () => faults.hits > 0)
    faults.heal()
    phone.status('capture_stopped')
    await phone.acknowledged()
    expect(await server.end('SIGTERM')).toBe(0)
    const [folder] = await recordingsIn(data)
    expect(await documentIn(folder!)).toMatchObject({ state: 'closed', pictures: 20 })
  })

  it('has a wall clock that steps', async () => {
    const { data, faults, server } = await recording()
    faults.setClockOffset(-24 * HOUR_MS)
    const phone = await TestPhone.connect(server.port)
    phone.status('capture_started')
    phone.packet(1000, (await testPictures(30))[0]!)
    await phone.acknowledged()
    await server.end('SIGTERM')
    const folders = await recordingsIn(data)
    const mine = folders.find((folder) => folder.includes(phone.id))
    const { startedAtMs } = await documentIn(mine!)
    expect(Math.abs(startedAtMs - (Date.now() - 24 * HOUR_MS))).toBeLessThan(60_000)
  })
})
