/** The live view at a real server: what viewers of a camera are sent. */

import { expect, it } from 'vitest'
import { testPictures } from './support/ffmpeg.ts'
import { configurationApart, TestPhone } from './support/phone.ts'
import { startServer } from './support/server.ts'
import { bearerOf, decodedH264, LiveViewer } from './support/viewer.ts'

/** A camera whose parameter sets come apart, as Android's do. */
async function camera(options: Parameters<typeof startServer>[0] = {}) {
  const started = await startServer({ thumbnails: false, ...options })
  const phone = await TestPhone.connect(started.port)
  const units = await testPictures(40)
  const { configuration, picture } = configurationApart(units[0]!)
  const pictures = [picture, ...units.slice(1)]
  phone.status('capture_started')
  phone.packet(0, configuration)
  let sent = 0
  /** Sends the next pictures, 50 ms apart by the phone's clock. @returns The last one's sequence number. */
  const send = async (count: number) => {
    for (let i = 0; i < count; i += 1, sent += 1) phone.packet(5000 + sent * 50, pictures[sent % 40]!)
    await phone.acknowledged()
    return phone.sequence - 1
  }
  const headers = await bearerOf(started.data)
  const watch = (id = phone.id) => LiveViewer.open(started.port, id, headers)
  return { ...started, phone, send, watch, headers, configuration, pictures }
}

it('begins with a keyframe at once in the middle of a group of pictures, and goes on without a loss', async () => {
  const { phone, send, watch, configuration, pictures } = await camera()
  await send(16)
  const viewer = await watch()
  await viewer.upTo(await send(14))
  expect(viewer.all[0]).toMatchObject({ type: 'hello', camera: phone.id, width: 160, height: 120 })
  expect(viewer.hellos).toHaveLength(1)
  expect(viewer.hellos[0]!.codec).toMatch(/^avc1\.42[\dA-F]{4}$/)
  expect(Math.abs(viewer.hellos[0]!.serverTimeMs - Date.now())).toBeLessThan(60_000)
  // Of 0 to 15 the second keyframe is 10; the configuration was packet 0.
  expect(viewer.pictures.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 20 }, (_, i) => 11 + i),
  )
  expect(viewer.pictures.map(({ flags }) => flags)).toEqual(
    Array.from({ length: 20 }, (_, i) => (i % 10 === 0 ? 1 : 0)),
  )
  expect(viewer.pictures[0]!.captureMs).toBe(5500)
  expect(await viewer.decoded()).toEqual(await decodedH264([configuration, ...pictures.slice(10, 30)]))
})
