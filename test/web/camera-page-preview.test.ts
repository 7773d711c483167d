/** The camera page in a real browser, with a camera whose pictures are known: the preview shows what is recorded. */

import { join } from 'node:path'
import { expect, it } from 'vitest'
import { filming, PORTRAIT } from '../support/camera-page.ts'
import { cutProxy } from '../support/cut-proxy.ts'
import { drawCamera, likeness, mirrored, shownIn, whiteIn } from '../support/drawn-camera.ts'
import { probe } from '../support/ffmpeg.ts'
import { documentIn, recordingsIn } from '../support/folders.ts'
import { endBrowserAfterAll, hasChromium, openPage } from '../support/page.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

if (!hasChromium) console.warn('Tests are left out, of the camera page: there is no Chromium.')
endBrowserAfterAll()

/** Edges are not sharp: of squares that are drawn at the same places so much is the same. */
const ALIKE = 0.97

it.skipIf(!hasChromium)(
  'records a phone that was turned upright before, cut to 4:3 as the preview shows it, but never mirrored; says when the network cannot follow',
  async () => {
    const { server, port, data } = await startServer({ thumbnails: false, stopWaitMs: 0 })
    const way = await cutProxy(port)
    const page = await openPage(`http://127.0.0.1:${way.port}/camera`, { ...PORTRAIT, before: drawCamera })
    const ratio = async () => {
      const { width, height } = (await page.locator('.picture').boundingBox())!
      return width / height
    }
    await filming(page)
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByLabel('4:3').check()
    await page.getByRole('combobox', { name: 'Data rate' }).selectOption('24')
    await page.getByRole('button', { name: 'Close' }).click()
    await until('it lies', async () => Math.abs((await ratio()) - 4 / 3) < 0.02)
    await page.evaluate('turnPhone()')
    await until('it is upright', async () => Math.abs((await ratio()) - 3 / 4) < 0.02)
    await page.locator('.bar').getByText('360×480').waitFor()
    await page.locator('video.mirrored').waitFor()
    const preview = await shownIn(page)
    const record = page.getByRole('button', { name: 'Start recording' })
    await record.click()
    await until('pictures', () => (server.cameras()[0]?.pictures ?? 0) > 10)
    await page.getByRole('button', { name: 'Stop recording' }).click()
    const [folder] = await until('a folder', async () => {
      const all = await recordingsIn(data)
      return all.length === 1 && all
    })
    await until('it is closed', async () => (await documentIn(folder!)).state === 'closed')
    const film = join(folder!, 'stream.mp4')
    expect((await probe(film)).streams[0]).toMatchObject({ width: 360, height: 480 })
    const recorded = await whiteIn(film)
    expect(likeness(mirrored(preview), recorded)).toBeGreaterThan(ALIKE)
    expect(likeness(preview, recorded)).toBeLessThan(0.8)
    await page.evaluate('film("noise")')
    way.narrow(60_000)
    await record.click()
    await page.getByText(/^\d+ s wait here, and are being sent/).waitFor()
    await page.getByText('The network or this phone cannot follow: the picture is coarser').waitFor()
    way.narrow(Number.POSITIVE_INFINITY)
  },
)
