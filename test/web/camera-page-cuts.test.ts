/** The camera page over https with the certificate that the server made: nothing is lost on its way, and takes reach it. */

import { expect, it } from 'vitest'
import { allSent, filmed } from '../support/bare-camera.ts'
import { cutProxy } from '../support/cut-proxy.ts'
import { documentIn } from '../support/folders.ts'
import { KeepingPhone } from '../support/keeping-phone.ts'
import { endBrowserAfterAll, hasChromium } from '../support/page.ts'
import { onWay, SecureCamera } from '../support/secure-camera.ts'
import { startServer } from '../support/server.ts'
import { expectSamePictures, expectWhole, expectWholeRecording, recordingOf } from '../support/sums.ts'
import { until } from '../support/until.ts'

if (!hasChromium) console.warn('Tests are left out, of the camera page: there is no Chromium.')
endBrowserAfterAll()

/** Two starts of a server and a cut of seconds, on a machine that is busy. */
const BUSY_MS = 120_000

it.skipIf(!hasChromium)(
  'loses nothing when the server is killed, the network cut and the page reloaded in one recording',
  async () => {
    const { data, way, camera, begin, ...begun } = await onWay()
    let { server } = begun
    await camera.start()
    await filmed(camera, 20)
    await server.end('SIGKILL')
    await filmed(camera, 40)
    server = await begin()
    await until('it is sent', async () => (await camera.state()).waitingMs < 1200)
    way.cut()
    await camera.page.getByText(/films: [1-9]\d* s wait here/).waitFor()
    const { capture, sums } = await camera.checksumsOf()
    // A browser keeps connections for what it asks next: those that were cut would hold the reload up.
    way.drop()
    way.mend()
    await camera.reload()
    await allSent(camera)
    const folder = await recordingOf(data, capture)
    await until('it is closed', async () => (await documentIn(folder)).state === 'closed')
    const { pictures } = await documentIn(folder)
    // Some were encoded after they were counted.
    expect(pictures).toBeGreaterThanOrEqual(sums.length)
    await expectWholeRecording(folder, sums, pictures)
    await expectSamePictures(folder)
    expect(await server.end('SIGTERM')).toBe(0)
  },
  BUSY_MS,
)

it.skipIf(!hasChromium)(
  'is started for a take that began while it was away, and stops at its own button while it is away',
  async () => {
    const started = await startServer({ https: true, httpsPort: 0, thumbnails: false, stopWaitMs: 0 })
    const { server, port, data } = started
    const way = await cutProxy(server.httpsPort!)
    const camera = await SecureCamera.open(way.port)
    const { page } = camera
    const isAway = () => until('it is away', async () => (await camera.state()).link === 'connecting')
    // A take needs a camera that is there.
    const other = await KeepingPhone.make('phone-other')
    await other.connect(port)
    way.drop()
    await isAway()
    const { takeId } = server.room.start({ bitrateMbps: 1, fps: 20 })
    expect((await camera.state()).capture).toBeNull()
    way.mend()
    await page.getByText('REC').waitFor()
    expect((await camera.state()).capture.byOperator).toBe(true)
    await filmed(camera, 20)
    way.drop()
    await isAway()
    await camera.stop()
    await page.getByText('REC').waitFor({ state: 'detached' })
    const sums = await camera.checksums()
    way.mend()
    await allSent(camera)
    await page.getByText('Ready', { exact: true }).waitFor()
    const folder = await expectWhole(data, sums)
    expect((await documentIn(folder)).take).toBe(takeId)
    // The take goes on without it.
    expect(server.room.takeId()).toBe(takeId)
  },
)
