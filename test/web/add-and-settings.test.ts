/** Add a camera, and the settings, in a real browser. */

import { join } from 'node:path'
import { encode } from 'uqr'
import { expect, it } from 'vitest'
import { qrPath } from '../../src/web/add/qr-path.ts'
import { seriousFaults } from '../support/axe.ts'
import { frameMd5, probe, probePackets } from '../support/ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from '../support/folders.ts'
import { endBrowserAfterAll, hasChromium, openPage, type PageOptions } from '../support/page.ts'
import { TestPhone } from '../support/phone.ts'
import { readCode } from '../support/qr-reader.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

if (!hasChromium)
  console.warn('Tests are left out, of adding cameras and of the settings: there is no Chromium.')

endBrowserAfterAll()

async function opened(
  view: string,
  config: Parameters<typeof startServer>[0] = {},
  options: PageOptions = {},
) {
  const started = await startServer({ thumbnails: false, stopWaitMs: 0, ...config })
  const origin = `http://127.0.0.1:${started.port}`
  const page = await openPage(`${origin}/login#${started.server.accessToken}`, options)
  await page.waitForURL(`${origin}/`)
  await page.goto(`${origin}/#/${view}`)
  return { ...started, page, origin }
}

it.skipIf(!hasChromium)(
  'makes any phone a camera: the address of the camera page with the key, as text and as a code, and the warning',
  async () => {
    const { page, server, data, origin } = await opened('add', {
      ...{ host: '0.0.0.0', cameraAccess: 'key', https: true, httpsPort: 0 },
    })
    const address = (await page.locator('code[data-address]').textContent())!
    expect(address).toMatch(new RegExp(`^https://[\\d.]+:${server.httpsPort}/camera#key=[\\w-]+$`))
    const picture = join(await temporaryFolder(), 'code.png')
    await page.getByRole('img', { name: /^QR code of https:/ }).screenshot({ path: picture })
    const read = (await readCode(picture)) ?? address
    expect(read).toBe(address)
    const warning = page.locator('img[src="/warning-en.svg"]')
    // biome-ignore lint/suspicious/noExplicitAny: an image of the page
    await until('the picture', () => warning.evaluate((image: any) => image.naturalWidth > 0))
    const trust = await page.getByRole('link', { name: /how to trust it for good/ }).getAttribute('href')
    expect(trust).toBe(`/trust${new URL(address).hash}`)
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('radio', { name: 'The Android app' }).check()
    await page.locator('code[data-address^="ws:"]').waitFor()
    await page.getByRole('radio', { name: 'An ESP32 board' }).check()
    const board = await page.locator('code[data-address*="/esp?key="]').getAttribute('data-address')
    expect(board).toBe(`${board!.split('/esp')[0]}/esp?key=${new URL(address).hash.slice('#key='.length)}`)
    expect(await page.locator('.qr').count()).toBe(0)
    // The key goes along to the camera page.
    await page.goto(`${origin}${trust}`)
    const link = page.getByRole('link', { name: 'Open the camera page' })
    expect(await link.getAttribute('href')).toBe(`${origin}/camera${new URL(address).hash}`)
    await page.close()
    await expectFilms(read, data)
  },
)

/** A phone that scans the address goes past the warning, and films over https. */
async function expectFilms(address: string, data: string): Promise<void> {
  const phone = await openPage(address, { isPastWarning: true, width: 390, height: 844 })
  const { origin, pathname } = new URL(address)
  await phone.getByText('Ready').waitFor()
  expect(phone.url()).toBe(`${origin}${pathname}`)
  await phone.getByRole('button', { name: 'Start recording' }).click()
  await phone.getByText(/Mbit\/s/).waitFor()
  await phone.getByRole('button', { name: 'Stop recording' }).click()
  await phone.getByText('Ready').waitFor()
  const [folder] = await recordingsIn(data)
  await until('it is closed', async () => (await documentIn(folder!)).state === 'closed')
  const { integrity, pictures, device } = await documentIn(folder!)
  expect([integrity.missing, device.path]).toEqual([0, '/camera'])
  const film = join(folder!, 'stream.mp4')
  const { streams } = await probe(film)
  expect(streams[0]).toMatchObject({ codec_name: 'h264', width: 1280, height: 720 })
  expect(await probePackets(film)).toHaveLength(pictures)
  expect(new Set(await frameMd5(film)).size).toBeGreaterThan(pictures / 2)
}

it.skipIf(!hasChromium)('says why the camera page is nowhere without https', async () => {
  const { page } = await opened('add', { host: '0.0.0.0' })
  await page.locator('code[data-address^="ws:"]').waitFor()
  await page.getByRole('radio', { name: 'Any phone' }).check()
  await page.getByText('This server runs without https').waitFor()
})

it.skipIf(!hasChromium)(
  'shows the address with the key where it is needed, as text and as a code',
  async () => {
    const { page, port } = await opened('add', { host: '0.0.0.0', cameraAccess: 'key' })
    const code = page.locator('code[data-address]')
    const address = (await code.textContent())!
    expect(address).toMatch(new RegExp(`^ws://[\\d.]+:${port}/android-cam\\?key=[\\w-]+$`))
    const { path } = qrPath(encode(address, { ecc: 'M', border: 0 }).data)
    const drawn = page.getByRole('img', { name: /^QR code of ws:/ })
    expect(await drawn.locator('path').getAttribute('d')).toBe(path)
    const picture = join(await temporaryFolder(), 'code.png')
    await drawn.screenshot({ path: picture })
    expect([address, undefined]).toContain(await readCode(picture))
    // The key opens: a phone that types the address is there at once.
    await page.getByText('None yet.').waitFor()
    const phone = await TestPhone.connect(port, new URL(address).pathname + new URL(address).search)
    const row = page.locator(`[data-camera="${phone.id}"]`)
    await row.getByText('New').waitFor()
    expect(await row.textContent()).toContain('Pixel 6a')
    await page.getByText('Pixel 6a is connected.').waitFor({ state: 'attached' })
  },
)

it.skipIf(!hasChromium)('says so when no phone can reach the server', async () => {
  const { page } = await opened('add')
  await page.getByText('No phone can reach this server').waitFor()
  await page.getByText('Only this machine reaches it, no phone').waitFor()
  expect(await page.locator('code[data-address]').textContent()).not.toContain('key')
})

it.skipIf(!hasChromium)('shows what the server runs with, its tokens on demand, and its log', async () => {
  const { page, server, data, port } = await opened('settings', { keepDays: 30 })
  await page.getByText('Everything is fine').waitFor()
  const changed = page.locator('.options > dl')
  expect(await changed.textContent()).toContain('keepDays')
  expect(await changed.textContent()).toContain('30')
  await page.locator('summary').click()
  await page.getByText('maxPacketBytes', { exact: true }).waitFor()
  expect(await page.locator('.settings').textContent()).toContain(data)
  const before = server.accessToken
  expect(await page.content()).not.toContain(before)
  await page.getByRole('button', { name: 'Show tokens' }).click()
  const token = page.locator('[data-token="accessToken"]')
  expect(await token.textContent()).toBe(before)
  await page.getByRole('button', { name: 'Make anew: Access token' }).click()
  const dialog = page.getByRole('dialog', { name: 'Make anew: Access token?' })
  await dialog.waitFor()
  expect(await seriousFaults(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect(await token.textContent()).toBe(before)
  await page.getByRole('button', { name: 'Make anew: Access token' }).click()
  await dialog.getByRole('button', { name: 'Make anew' }).click()
  await page.getByText('Access token is new.').waitFor()
  expect(await token.textContent()).not.toBe(before)
  // This browser goes on, and sees what happens now.
  await TestPhone.connect(port)
  await page.reload()
  await page.getByText('Everything is fine').waitFor()
  await page.locator('.log').getByText('introduces itself (Pixel 6a)').waitFor()
  await server.close()
  await page.locator('.log').getByText('No newer lines can be had').waitFor()
})

it.skipIf(!hasChromium)('keeps tokens and changes from who may only watch', async () => {
  const { page, origin } = await opened('settings')
  await page.getByRole('button', { name: 'Show tokens' }).click()
  const watch = await page.locator('[data-token="watchToken"]').textContent()
  const other = await openPage(`${origin}/login#${watch}`)
  await other.waitForURL(`${origin}/`)
  await other.goto(`${origin}/#/settings`)
  await other.getByText('You are signed in with the watch token').waitFor()
  expect(await other.getByRole('button', { name: 'Show tokens' }).count()).toBe(0)
})
