/** The camera page's engine in a real browser, against a real server: it films for the operator's takes. */

import { expect, it } from 'vitest'
import { allSent, BareCamera, end, endBareCamerasAfterAll, filmed } from '../support/bare-camera.ts'
import { cutProxy } from '../support/cut-proxy.ts'
import { documentIn, recordingsIn } from '../support/folders.ts'
import { hasChromium } from '../support/page.ts'
import { startServer } from '../support/server.ts'
import { expectWhole, expectWholeRecording } from '../support/sums.ts'
import { until } from '../support/until.ts'

if (!hasChromium) console.warn('Tests are left out, of the camera page: there is no Chromium.')
endBareCamerasAfterAll()

it.skipIf(!hasChromium)(
  'films for a take as the operator asks, and stops for one that ended while it was away',
  async () => {
    const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const way = await cutProxy(port)
    const camera = await BareCamera.open({ port: way.port, id: 'phone-take' })
    await until('it is there', async () => (await camera.state())?.link === 'open')
    const asked = { bitrateMbps: 1, fps: 20, aspectRatio: { width: 1, height: 1 } }
    const { takeId } = server.room.start(asked)
    await filmed(camera, 20)
    expect((await camera.state()).capture.byOperator).toBe(true)
    const ratio = asked.aspectRatio
    expect((await camera.said())[0]).toMatchObject({
      type: 'asked',
      settings: { ratio, fps: 20, bitrateMbps: 1 },
    })
    expect(server.room.views()[0]).toMatchObject({ take: takeId, width: 240, height: 240 })
    way.cut()
    server.room.stop()
    await filmed(camera, 40)
    way.mend()
    await until('it has stopped', async () => (await camera.state()).capture === null)
    await end(camera)
    const folder = await expectWhole(data, await camera.checksums())
    expect((await documentIn(folder)).take).toBe(takeId)
    expect((await camera.said()).at(-1)).toEqual({ type: 'asked', settings: null })
  },
)

it.skipIf(!hasChromium)(
  'films on for its take after it was reloaded, and not once its holder stopped it while it was away',
  async () => {
    const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const way = await cutProxy(port)
    const camera = await BareCamera.open({ port: way.port, id: 'phone-more' })
    await until('it is there', async () => (await camera.state())?.link === 'open')
    const { takeId } = server.room.start({ bitrateMbps: 1, fps: 20 })
    await filmed(camera, 20)
    const before = await camera.checksums()
    await camera.load()
    await filmed(camera, 10)
    expect((await camera.state()).capture.byOperator).toBe(true)
    way.cut()
    await until('it is away', () => server.room.views()[0]!.state === 'away')
    await camera.say({ type: 'stop' })
    await until('it has stopped', async () => (await camera.state()).capture === null)
    const after = await camera.checksums()
    // Though the page is opened anew before anybody was told.
    await camera.page.goto('about:blank')
    way.mend()
    await camera.load()
    await allSent(camera)
    const folders = await recordingsIn(data)
    const documents = await Promise.all(folders.map(documentIn))
    expect(documents.map(({ take }) => take)).toEqual([takeId, takeId])
    const older = documents[0]!.startedAtMs < documents[1]!.startedAtMs ? 0 : 1
    // Some were encoded after they were counted.
    await expectWholeRecording(folders[older]!, before, documents[older]!.pictures)
    await expectWholeRecording(folders[1 - older]!, after, documents[1 - older]!.pictures)
    expect(server.room.takeId()).toBe(takeId)
  },
)

it.skipIf(!hasChromium)('begins for its take when its camera is allowed late', async () => {
  const { server, port } = await startServer({ stopWaitMs: 0, thumbnails: false, confirmMs: 60_000 })
  const camera = await BareCamera.open({ port, id: 'phone-slow', isOff: true })
  await until('it is there', async () => (await camera.state())?.link === 'open')
  const { takeId, outcome } = server.room.start({ bitrateMbps: 1, fps: 20 })
  expect((await outcome).refused).toHaveLength(1)
  await camera.page.evaluate('window.draw(640, 480)')
  await until('it films', () => server.room.views()[0]!.take === takeId)
  // Its pictures stop, and come again; nothing else tells of it.
  const told = async () => (await camera.state()).notice
  await until('its rate', async () => (await camera.state()).encoded !== null)
  await camera.page.evaluate('window.isStill = true')
  await until('it is missed', async () => (await told()) === 'no-frames')
  expect((await camera.state()).encoded).toBeNull()
  await camera.page.evaluate('window.isStill = false')
  await until('it is well', async () => (await told()) === null)
  // It is started anew after it was reloaded; a stop calls that off.
  await camera.load()
  await until('it is there', async () => (await camera.state())?.link === 'open')
  server.room.stop()
  await camera.page.evaluate('window.draw(640, 480)')
  await until('there are pictures', async () => (await camera.timestamps()).length > 5)
  expect((await camera.state()).capture).toBeNull()
})
