/** The camera page's engine in a real browser, against a real server: from frames to a recording in which nothing is missing. */

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { BareCamera } from '../support/bare-camera.ts'
import { frameMd5, probe, probePackets } from '../support/ffmpeg.ts'
import { documentIn, recordingsIn, rowsIn } from '../support/folders.ts'
import { hasChromium } from '../support/page.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

if (!hasChromium) console.warn('Tests are left out, of the camera page: there is no Chromium.')

/** So many pictures were encoded in the latest capture. */
async function filmed(camera: BareCamera, count: number): Promise<void> {
  await until(`${count} pictures`, async () => (await camera.checksums()).length >= count)
}

/** Stops, and waits until nothing is kept any more. */
async function end(camera: BareCamera): Promise<void> {
  await camera.say({ type: 'stop' })
  await until('all is acknowledged', async () => {
    const { capture, waitingBytes, leftCaptures } = await camera.state()
    return capture === null && waitingBytes === 0 && leftCaptures === 0
  })
}

/** The only recording, closed: every number once, nothing missing, each payload as the encoder gave it. */
async function expectWhole(data: string, sums: string[], count = sums.length): Promise<string> {
  const folders = await recordingsIn(data)
  expect(folders).toHaveLength(1)
  const folder = folders[0]!
  await until('it is closed', async () => (await documentIn(folder)).state === 'closed')
  const { integrity } = await documentIn(folder)
  expect([integrity.missing, integrity.repeated, integrity.outOfOrder]).toEqual([0, 0, 0])
  const rows = await rowsIn(folder)
  expect(rows.map(([sequence]) => Number(sequence))).toEqual(Array.from({ length: count }, (_, i) => i))
  const stream = await readFile(join(folder, 'stream.h264'))
  let at = 0
  const got = rows.map((row) => {
    const bytes = Number(row[4])
    at += bytes
    return createHash('sha256')
      .update(stream.subarray(at - bytes, at))
      .digest('hex')
  })
  expect(got.slice(0, sums.length)).toEqual(sums)
  return folder
}

it.skipIf(!hasChromium)('films as it was asked, and each picture has its time', async () => {
  const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
  const settings = { ratio: { width: 16, height: 9 }, shortSide: 240, fps: 10, bitrateMbps: 0.4 }
  const camera = await BareCamera.open({ port, id: 'phone-film', settings })
  await until('it is there', () => server.room.views()[0]?.ownName === 'Anna')
  await camera.say({ type: 'start' })
  await filmed(camera, 45)
  console.log(await camera.state())
  await end(camera)
  const folder = await expectWhole(data, await camera.checksums())
  const film = join(folder, 'stream.mp4')
  const { streams } = await probe(film)
  expect(streams[0]).toMatchObject({ codec_name: 'h264', width: 426, height: 240 })
  const packets = await probePackets(film)
  const seconds = (packets.at(-1)!.ptsMs - packets[0]!.ptsMs) / 1000
  const fps = (packets.length - 1) / seconds
  const mbps = (packets.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) * 8) / 1e6 / seconds
  console.log({ fps, mbps, n: packets.length, different: new Set(await frameMd5(film)).size })
})
