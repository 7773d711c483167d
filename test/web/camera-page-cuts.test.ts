/** The camera page over https with the certificate that the server made: nothing is lost on its way, and takes reach it. */

import { expect, it } from 'vitest'
import { allSent, filmed } from '../support/bare-camera.ts'
import { cutProxy } from '../support/cut-proxy.ts'
import { documentIn, recordingsIn, temporaryFolder } from '../support/folders.ts'
import { KeepingPhone } from '../support/keeping-phone.ts'
import { endBrowserAfterAll, hasChromium } from '../support/page.ts'
import { ServerProcess } from '../support/process.ts'
import { SecureCamera } from '../support/secure-camera.ts'
import { expectSamePictures, expectWholeRecording, recordingOf } from '../support/sums.ts'
import { until } from '../support/until.ts'
import { bearerOf } from '../support/viewer.ts'

if (!hasChromium) console.warn('Tests are left out, of the camera page: there is no Chromium.')
endBrowserAfterAll()

it.skipIf(!hasChromium)(
  'loses nothing when the server is killed, the network cut, and the page is reloaded, in one recording; is started and stopped while it is away',
  async () => {
    const data = await temporaryFolder()
    const begin = (port: number, httpsPort: number) =>
      ServerProcess.start([
        ...['--data', data, '--no-thumbnails'],
        ...['--port', String(port), '--https-port', String(httpsPort)],
      ])
    let server = await begin(0, 0)
    const { port } = server
    const httpsPort = await server.httpsPort()
    const way = await cutProxy(httpsPort)
    const camera = await SecureCamera.open(way.port)
    const { page } = camera
    await camera.start()
    await filmed(camera, 45)
    await server.end('SIGKILL')
    await filmed(camera, 75)
    server = await begin(port, httpsPort)
    await until('it is sent', async () => (await camera.state()).waitingMs < 1200)
    way.cut()
    await page.getByText(/films: [1-9]\d* s wait here/).waitFor()
    const { capture, sums } = await camera.checksumsOf()
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
    await expectTakeReaches({ camera, way, port, data })
    expect(await server.end('SIGTERM')).toBe(0)
  },
)

/** A take begins while the phone is away; in it its holder presses the button, and nobody hears of it at once. */
async function expectTakeReaches({
  camera,
  way,
  port,
  data,
}: {
  camera: SecureCamera
  way: Awaited<ReturnType<typeof cutProxy>>
  port: number
  data: string
}): Promise<void> {
  const { page } = camera
  const isAway = () => until('it is away', async () => (await camera.state()).link === 'connecting')
  const headers = { ...(await bearerOf(data)), 'content-type': 'application/json' }
  const start = { method: 'POST', headers, body: '{"command":"start"}' }
  // A take needs a camera that is there.
  const other = await KeepingPhone.make('phone-other')
  await other.connect(port)
  way.drop()
  await isAway()
  const answer = fetch(`http://127.0.0.1:${port}/api/commands`, start)
  await until('it has begun', () => other.commands('start_capture').length > 0)
  expect((await camera.state()).capture).toBeNull()
  way.mend()
  await page.getByText('REC').waitFor()
  expect((await camera.state()).capture.byOperator).toBe(true)
  await filmed(camera, 20)
  way.drop()
  await isAway()
  // At its own button.
  await camera.stop()
  await page.getByText('REC').waitFor({ state: 'detached' })
  const { capture, sums } = await camera.checksumsOf()
  expect(sums.length).toBeGreaterThanOrEqual(20)
  way.mend()
  await allSent(camera)
  await page.getByText('Ready', { exact: true }).waitFor()
  const folder = await recordingOf(data, capture)
  await expectWholeRecording(folder, sums)
  const { take } = (await (await answer).json()) as { take: string }
  expect((await documentIn(folder)).take).toBe(take)
  expect(other.commands('stop_capture')).toEqual([])
  expect(await recordingsIn(data)).toHaveLength(2)
}
