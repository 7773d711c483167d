/** The camera page's engine, cut off at random moments in every way there is: each picture is recorded, once. */

import { expect, it, onTestFinished } from 'vitest'
import { seededRandom } from '../../src/simulate/random.ts'
import { allSent, BareCamera, end, endBareCamerasAfterAll, filmed } from '../support/bare-camera.ts'
import { cutProxy } from '../support/cut-proxy.ts'
import { isLongForm, printFigure } from '../support/figure.ts'
import { documentIn, recordingsIn, temporaryFolder } from '../support/folders.ts'
import { hasChromium } from '../support/page.ts'
import { ServerProcess } from '../support/process.ts'
import { expectSamePictures, expectWholeRecording } from '../support/sums.ts'
import { until } from '../support/until.ts'

const RUNS = 20
const SEED = 20261125
const KINDS = [
  'held for 1 s',
  'cut for 1 s',
  'cut for 5 s',
  'cut for 30 s',
  'killed',
  'offline for 5 s',
  'reloaded',
] as const
/** At most so many pictures before a fault. */
const MOST_PICTURES = 60

if (!hasChromium || !isLongForm)
  console.warn('Cuts of the camera page are left out: they are for the long form.')
endBareCamerasAfterAll()

it.skipIf(!hasChromium || !isLongForm)(
  'loses no picture in twenty faults',
  async () => {
    const random = seededRandom(SEED)
    const data = await temporaryFolder()
    let server = await ServerProcess.start(['--data', data, '--no-thumbnails'])
    const way = await cutProxy(server.port)
    const camera = await BareCamera.open({ port: way.port, id: 'phone-many' })
    const waits = (ms: number) => until(`${ms} ms wait`, async () => (await camera.state()).waitingMs > ms)
    /** By capture: what the encoder gave, as far as the page could tell. */
    const captures = new Map<string, { sums: string[]; kind: (typeof KINDS)[number] }>()
    for (let run = 0; run < RUNS; run += 1) {
      const kind = KINDS[run % KINDS.length]!
      await until('it is there', async () => (await camera.state())?.link === 'open')
      await camera.say({ type: 'start' })
      const pictures = 2 + random() * MOST_PICTURES
      const { id } = await until('it films', async () => (await camera.state()).capture)
      await until('the moment of the fault', async () => {
        const { capture, sums } = await camera.checksumsOf()
        return capture === id && sums.length > pictures
      })
      console.log(`${run}: ${kind}`)
      if (kind === 'held for 1 s') {
        way.hold()
        await waits(2000)
        way.release()
      } else if (kind === 'killed') {
        const { port } = server
        await server.end('SIGKILL')
        server = await ServerProcess.start(['--data', data, '--no-thumbnails', '--port', String(port)])
      } else if (kind === 'offline for 5 s') {
        await camera.context.setOffline(true)
        await waits(5000)
        await camera.context.setOffline(false)
      } else if (kind !== 'reloaded') {
        way.cut()
        await waits(Number(/\d+/.exec(kind)) * 1000)
        way.mend()
      }
      if (kind === 'reloaded') {
        captures.set(id, { sums: await camera.checksums(), kind })
        await camera.load()
        await allSent(camera)
      } else {
        await filmed(camera, (await camera.checksums()).length + 10)
        await end(camera)
        captures.set(id, { sums: await camera.checksums(), kind })
      }
    }
    const whole = new Map<string, string>()
    // In the order of their names: where the killed server had written no picture yet, a second one holds them all.
    for (const folder of await recordingsIn(data)) {
      await until('it is closed', async () => (await documentIn(folder)).state !== 'recording')
      const { capture } = await documentIn(folder)
      const { kind } = captures.get(capture!.id)!
      if (kind !== 'killed') expect(whole.has(capture!.id)).toBe(false)
      whole.set(capture!.id, folder)
    }
    expect([...whole.keys()].sort()).toEqual([...captures.keys()].sort())
    let recorded = 0
    for (const [id, folder] of whole) {
      const { sums, kind } = captures.get(id)!
      const { pictures } = await documentIn(folder)
      expect(pictures).toBeGreaterThanOrEqual(sums.length)
      await expectWholeRecording(folder, sums, kind === 'reloaded' ? pictures : sums.length)
      await expectSamePictures(folder)
      recorded += pictures
    }
    printFigure(
      'resume',
      `${RUNS} recordings of the camera page in a browser, with a fault each (held, cut, killed, offline, reloaded): ${recorded} pictures, none missing, none twice, each byte and each decoded picture as the encoder gave it`,
    )
    onTestFinished(async () => {
      await server.end('SIGTERM')
    })
  },
  600_000,
)
