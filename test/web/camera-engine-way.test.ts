/** The camera page's engine in a real browser, against a real server: nothing is lost on the way, or it is counted. */

import { expect, it } from 'vitest'
import { allSent, BareCamera, end, endBareCamerasAfterAll, filmed } from '../support/bare-camera.ts'
import { cutProxy } from '../support/cut-proxy.ts'
import { documentIn, recordingsIn, rowsIn, temporaryFolder } from '../support/folders.ts'
import { hasChromium } from '../support/page.ts'
import { ServerProcess } from '../support/process.ts'
import { startServer } from '../support/server.ts'
import { expectSamePictures, expectWhole } from '../support/sums.ts'
import { until } from '../support/until.ts'

if (!hasChromium) console.warn('Tests are left out, of the camera page: there is no Chromium.')
endBareCamerasAfterAll()

/** No picture comes for so long: the phone sleeps, in ms. */
const ASLEEP_MS = 1500

it.skipIf(!hasChromium)(
  'loses nothing when the way is held for one second, cut for five, and then narrow; it catches up faster than it films',
  async () => {
    const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const way = await cutProxy(port)
    const camera = await BareCamera.open({
      port: way.port,
      id: 'phone-cut1',
      settings: { shortSide: 480, fps: 30, bitrateMbps: 8 },
      // Less than a second: of what waits only the newest is in memory.
      memoryBytes: 200_000,
    })
    await until('it is there', async () => (await camera.state())?.link === 'open')
    await camera.say({ type: 'start' })
    await filmed(camera, 10)
    way.hold()
    await until('a second waits', async () => (await camera.state()).waitingMs > 1500)
    way.release()
    await until('it is sent', async () => (await camera.state()).waitingMs < 1200)
    expect(await camera.page.evaluate('window.bitrate')).toBe(8_000_000)
    way.cut()
    await until('five seconds wait', async () => (await camera.state()).waitingMs > 5500)
    way.narrow(100_000)
    way.mend()
    await until('it is said', async () => (await camera.state()).notice === 'bitrate-lowered')
    expect(await camera.page.evaluate('window.bitrate')).toBeLessThan(6_000_000)
    const before = { ms: performance.now(), waitingMs: (await camera.state()).waitingMs }
    way.narrow(Number.POSITIVE_INFINITY)
    await until('it is sent', async () => (await camera.state()).waitingMs < 1200)
    const tookMs = performance.now() - before.ms
    expect((before.waitingMs - 1200 + tookMs) / tookMs).toBeGreaterThan(1.5)
    const notice = () => server.room.views()[0]?.phone?.notice ?? ''
    await until('the operator is told', () => notice().startsWith('bitrate lowered'))
    // Memory did not hold it: it came back from the phone's store.
    expect(await camera.page.evaluate('window.reads.length')).toBeGreaterThan(1)
    await end(camera)
    await expectSamePictures(await expectWhole(data, await camera.checksums()))
  },
)

it.skipIf(!hasChromium)(
  'films coarser while its encoder falls behind; goes on in the same recording after the server was killed',
  async () => {
    const data = await temporaryFolder()
    let server = await ServerProcess.start(['--data', data, '--no-thumbnails'])
    const { port } = server
    const camera = await BareCamera.open({ port, id: 'phone-kill' })
    await until('it is there', async () => (await camera.state())?.link === 'open')
    await camera.say({ type: 'start' })
    await filmed(camera, 25)
    await camera.say({ type: 'busy', isBusy: true })
    await until('it is said', async () => (await camera.state()).notice === 'bitrate-lowered')
    expect(await camera.page.evaluate('window.bitrate')).toBeLessThan(400_000)
    await camera.say({ type: 'busy', isBusy: false })
    await server.end('SIGKILL')
    await filmed(camera, 40)
    server = await ServerProcess.start(['--data', data, '--no-thumbnails', '--port', String(port)])
    await until('it is sent', async () => (await camera.state()).waitingMs < 1200)
    await end(camera)
    await expectWhole(data, await camera.checksums())
    expect(await server.end('SIGTERM')).toBe(0)
  },
)

it.skipIf(!hasChromium)(
  'sends what was kept when it wakes without a connection, and is reloaded',
  async () => {
    const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const way = await cutProxy(port)
    const camera = await BareCamera.open({ port: way.port, id: 'phone-load' })
    await until('it is there', async () => (await camera.state())?.link === 'open')
    await camera.say({ type: 'start' })
    await filmed(camera, 20)
    const wake = await camera.sleep()
    const asleepMs = () => Date.now() - server.room.views()[0]!.lastPictureAtMs!
    await until('it sleeps', () => asleepMs() > ASLEEP_MS)
    way.cut()
    wake()
    await filmed(camera, 40)
    const sums = await camera.checksums()
    way.mend()
    await camera.load()
    await allSent(camera)
    const [folder] = await recordingsIn(data)
    await until('it is closed', async () => (await documentIn(folder!)).state === 'closed')
    const { pictures } = await documentIn(folder!)
    expect(pictures).toBeGreaterThanOrEqual(sums.length)
    await expectWhole(data, sums, pictures)
    const times = (await rowsIn(folder!)).map((row) => Number(row[1]))
    expect(Math.max(...times.slice(1).map((ms, i) => ms - times[i]!))).toBeGreaterThan(ASLEEP_MS / 2)
  },
)

it.skipIf(!hasChromium)('gives way to a newer page, which sends what the older one had filmed', async () => {
  const { port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
  const camera = await BareCamera.open({ port, id: 'phone-two1' })
  await until('it is there', async () => (await camera.state())?.link === 'open')
  await camera.say({ type: 'start' })
  await filmed(camera, 25)
  const older = camera.page
  const newer = await camera.context.newPage()
  await camera.load(newer)
  await until('it has given way', async () => (await camera.state(older)).link === 'replaced')
  await until('it films no more', async () => (await camera.state(older)).capture === null)
  const sums = await camera.checksums()
  await until('all is sent', async () => {
    const state = await camera.state(newer)
    return state?.link === 'open' && state.leftCaptures === 0
  })
  await expectWhole(data, sums)
})

/** What the phone's own store says of a capture. */
function noteOf({ page }: BareCamera, capture: string): Promise<string> {
  const path = ['rollcall-captures', capture].map(
    (name) => `.then((folder) => folder.getDirectoryHandle('${name}'))`,
  )
  const file = ".then((folder) => folder.getFileHandle('capture.json')).then((file) => file.getFile())"
  return page.evaluate(`navigator.storage.getDirectory()${path.join('')}${file}.then((file) => file.text())`)
}

it.skipIf(!hasChromium)('gives up its oldest pictures when there is no room, and counts them', async () => {
  const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
  const way = await cutProxy(port)
  const camera = await BareCamera.open({
    port: way.port,
    id: 'phone-full',
    memoryBytes: 300_000,
    settings: { bitrateMbps: 1 },
  })
  await until('it is there', async () => (await camera.state())?.link === 'open')
  way.cut()
  // Of the first nothing is left when the second has filled the room.
  await camera.say({ type: 'start' })
  await filmed(camera, 15)
  await camera.say({ type: 'stop' })
  await until('it has stopped', async () => (await camera.state()).capture === null)
  const first = await camera.checksumsOf()
  const devtools = await camera.context.newCDPSession(camera.page)
  const origin = `http://127.0.0.1:${way.port}`
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 300_000 })
  await camera.say({ type: 'start' })
  await until('pictures are given up', async () => (await camera.state()).dropped > first.sums.length + 30)
  // A page that is reloaded will know of it.
  const count = first.sums.length
  expect(JSON.parse(await noteOf(camera, first.capture))).toMatchObject({ dropped: count, droppedTo: count })
  await until('it is said', async () => (await camera.state()).notice === 'storage-full')
  way.mend()
  await until('it is back', () => server.room.views()[0]?.state === 'recording')
  const phone = () => server.room.views()[0]?.phone
  await until('it is told', () => (phone()?.dropped ?? 0) > first.sums.length)
  expect(phone()!.notice).toMatch(/^the storage of the phone is full/)
  await until('it is sent', async () => (await camera.state()).waitingMs < 1200)
  const { dropped } = await camera.state()
  await end(camera)
  const folders = await recordingsIn(data)
  for (const folder of folders)
    await until('it is closed', async () => (await documentIn(folder)).state === 'closed')
  const documents = await Promise.all(folders.map(documentIn))
  const given = documents.findIndex(({ capture }) => capture?.id === first.capture)
  expect(documents[given]).toMatchObject({ pictures: 0, integrity: { missing: first.sums.length } })
  const rows = await rowsIn(folders[1 - given]!)
  const lost = (await camera.checksums()).length - rows.length
  expect(lost).toBeGreaterThan(30)
  expect(documents[1 - given]!.integrity.missing).toBe(lost)
  // Of those that were given up some had been sent, and came.
  expect(dropped).toBeGreaterThanOrEqual(lost)
  // What begins is a keyframe.
  expect(rows[0]![5]).toBe('1')
})
