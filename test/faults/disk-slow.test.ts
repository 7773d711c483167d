/** A disk that holds writes back: memory stays bounded, the phones wait, and nothing is lost. */

import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { verifyFolder } from '../../src/library/verify.ts'
import { Faults } from '../support/faults.ts'
import { printFigure } from '../support/figure.ts'
import { documentIn, temporaryFolder } from '../support/folders.ts'
import { ServerProcess } from '../support/process.ts'
import { expectRawPrefix, expectTimesPrefix, foldersOf, StreamingPhone } from '../support/streaming.ts'
import { until } from '../support/until.ts'

const MIB = 1024 * 1024
const HOUR_MS = 3_600_000
/** All recordings together, `maxQueuedTotalBytes`. */
const QUEUED_BYTES = 8 * MIB
/** What each phone sends while the disk does nothing: far more than may wait, with what sockets take besides. */
const BURST_BYTES = 16 * MIB
/** More than this a server must not have grown by: what waits, a message of each phone in hand, and garbage. */
const GROWTH_BYTES = 32 * MIB

/** A server on a disk that can be held, and phones that stream. */
async function streaming(phones: number, ...options: string[]) {
  const data = await temporaryFolder()
  const faults = await Faults.below(data)
  const args = ['--data', data, '--no-thumbnails', ...options]
  const server = await ServerProcess.start(args, { env: faults.env })
  const cameras = await Promise.all(
    Array.from({ length: phones }, () => StreamingPhone.connect(server.port, '640x480')),
  )
  for (const camera of cameras) camera.start()
  for (const camera of cameras) await until('its folder', async () => (await foldersOf(data, camera))[0])
  await until('bytes on the disk', () => faults.writtenBytes > MIB)
  return { data, faults, server, cameras }
}

async function residentBytes({ child }: ServerProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024
}

/** Sends pictures without waiting until so many bytes have gone out. */
function burst(camera: StreamingPhone, bytes: number): void {
  let sent = 0
  while (sent < bytes) {
    camera.next()
    sent += camera.sent.at(-1)!.payload.length
  }
}

async function endedDocument(data: string, camera: StreamingPhone) {
  const [folder, ...more] = await foldersOf(data, camera)
  expect(more).toEqual([])
  const document = await until('its end', async () => {
    const found = await documentIn(folder!)
    return found.state !== 'recording' && found
  })
  expect(document).toMatchObject({ state: 'closed', errors: [], integrity: { missing: 0 } })
  expect(await verifyFolder(folder!)).toEqual([])
  return { folder: folder!, document }
}

describe('a disk that holds every write back', () => {
  it('makes the phones wait, in bounded memory for all of them together, and loses no picture', async () => {
    const scene = await streaming(4, '--max-queued-total-bytes', String(QUEUED_BYTES))
    const { data, faults, server, cameras } = scene
    const before = await residentBytes(server)
    faults.delay(HOUR_MS)
    for (const camera of cameras) burst(camera, BURST_BYTES)
    await server.says(/the disk is behind: the camera has to wait/)
    // Their own queues have taken over: what waits there grows no less.
    for (const { phone } of cameras) {
      const waiting = await until('a queue in the phone', () => phone.socket.bufferedAmount)
      expect(waiting).toBeGreaterThan(0)
    }
    let most = before
    for (let looks = 0; looks < 20; looks += 1) {
      most = Math.max(most, await residentBytes(server))
      server.type('status')
      await until('an answer', () => server.output.split('No take is running').length > looks + 1)
    }
    expect(most - before).toBeLessThan(GROWTH_BYTES)
    const sentBytes = cameras.length * BURST_BYTES
    printFigure(
      'slow-disk',
      `${Math.round(sentBytes / MIB)} MiB sent to a disk that stood still: memory grew by ${Math.max(0, Math.round((most - before) / MIB))} MiB, 0 pictures lost`,
    )
    faults.heal()
    for (const camera of cameras) camera.stop()
    for (const camera of cameras) {
      const { folder, document } = await endedDocument(data, camera)
      expect(document.pictures).toBe(camera.sent.length - 1)
      expect(await expectTimesPrefix(folder, camera.sent)).toBe(document.pictures)
      await expectRawPrefix(folder, camera.sent)
    }
  })

  it('costs a phone that hangs up meanwhile only what it had not sent', async () => {
    const { data, faults, cameras } = await streaming(1, '--max-queued-bytes', String(MIB))
    const [camera] = cameras
    faults.delay(HOUR_MS)
    burst(camera!, BURST_BYTES)
    await until('a queue in the phone', () => camera!.phone.socket.bufferedAmount > 0)
    camera!.pause()
    camera!.phone.socket.terminate()
    faults.heal()
    const { folder, document } = await endedDocument(data, camera!)
    expect(document.pictures).toBeLessThan(camera!.sent.length - 1)
    expect(await expectTimesPrefix(folder, camera!.sent)).toBe(document.pictures)
    await expectRawPrefix(folder, camera!.sent)
  })
})
