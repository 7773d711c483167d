/** The camera page over https, cut off at random moments in every way there is: each picture is recorded, once. */

import { expect, it } from 'vitest'
import { seededRandom } from '../../src/simulate/random.ts'
import { allSent, filmed } from '../support/bare-camera.ts'
import type { CutProxy } from '../support/cut-proxy.ts'
import { isLongForm, printFigure } from '../support/figure.ts'
import { documentIn, recordingsIn } from '../support/folders.ts'
import { endBrowserAfterAll, hasChromium } from '../support/page.ts'
import { onWay, type SecureCamera } from '../support/secure-camera.ts'
import { expectSamePictures, expectWholeRecording, recordingOf } from '../support/sums.ts'
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
type Kind = (typeof KINDS)[number]
/** At most so many pictures before a fault. */
const MOST_PICTURES = 60

if (!hasChromium || !isLongForm)
  console.warn('Cuts of the camera page at random moments are left out: they are for the long form.')
endBrowserAfterAll()

it.skipIf(!hasChromium || !isLongForm)(
  'loses no picture in twenty faults',
  async () => {
    const random = seededRandom(SEED)
    const { data, way, camera, begin, ...begun } = await onWay()
    let { server } = begun
    /** By capture: what the encoder gave, as far as the page could tell. */
    const captures = new Map<string, { sums: string[]; kind: Kind }>()
    for (let run = 0; run < RUNS; run += 1) {
      const kind = KINDS[run % KINDS.length]!
      // A browser keeps connections for what it asks next, and a reload would wait for one that was cut.
      if (kind === 'reloaded') renew(way)
      await camera.isReady()
      await camera.start()
      const pictures = 2 + random() * MOST_PICTURES
      const { id } = (await camera.state()).capture
      await until('the moment of the fault', async () => {
        const { capture, sums } = await camera.checksumsOf()
        return capture === id && sums.length > pictures
      })
      console.log(`${run}: ${kind}`)
      if (kind === 'reloaded') {
        captures.set(id, { sums: await camera.checksums(), kind })
        await camera.reload()
        await allSent(camera)
        continue
      }
      if (kind === 'killed') {
        await server.end('SIGKILL')
        server = await begin()
      } else await strike(kind, camera, way)
      await filmed(camera, (await camera.checksums()).length + 10)
      await camera.stop()
      await allSent(camera)
      captures.set(id, { sums: await camera.checksums(), kind })
    }
    const killed = [...captures.values()].filter(({ kind }) => kind === 'killed')
    // What a kill left empty comes on top.
    const folders = await recordingsIn(data)
    expect(folders.length).toBeLessThanOrEqual(captures.size + killed.length)
    const known = await Promise.all(folders.map(async (folder) => (await documentIn(folder)).capture?.id))
    expect(new Set(known)).toEqual(new Set(captures.keys()))
    let recorded = 0
    for (const [id, { sums, kind }] of captures) {
      if (kind !== 'killed') expect(known.filter((one) => one === id)).toHaveLength(1)
      const folder = await recordingOf(data, id)
      await until('it is closed', async () => (await documentIn(folder)).state !== 'recording')
      const { pictures } = await documentIn(folder)
      expect(pictures).toBeGreaterThanOrEqual(sums.length)
      await expectWholeRecording(folder, sums, kind === 'reloaded' ? pictures : sums.length)
      await expectSamePictures(folder)
      recorded += pictures
    }
    printFigure(
      'resume',
      `${RUNS} recordings of the camera page in a browser over https, with a fault each (held, cut, killed, offline, reloaded): ${recorded} pictures, none missing, none twice, each byte and each decoded picture as the encoder gave it`,
    )
    expect(await server.end('SIGTERM')).toBe(0)
  },
  900_000,
)

/** All connections end, and new ones go through. */
function renew(way: CutProxy): void {
  way.drop()
  way.mend()
}

/** For as long as it says by the clock. A cut connection is dead: another one must follow. */
async function strike(kind: Kind, camera: SecureCamera, way: CutProxy): Promise<void> {
  const context = camera.page.context()
  const before = await camera.welcomes()
  const lastMs = performance.now() + Number(/\d+/.exec(kind)) * 1000
  const isOver = () => until('its end', () => performance.now() > lastMs)
  if (kind === 'held for 1 s') {
    way.hold()
    await isOver()
    way.release()
  } else if (kind === 'offline for 5 s') {
    await context.setOffline(true)
    await isOver()
    await until('it waits', async () => (await camera.state()).waitingMs > 5000)
    await context.setOffline(false)
  } else {
    way.cut()
    await isOver()
    way.mend()
    await until('it is back', async () => (await camera.welcomes()) > before)
  }
}
