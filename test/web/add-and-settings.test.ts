/** Add a camera, and the settings, in a real browser. */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { encode } from 'uqr'
import { expect, it } from 'vitest'
import { qrPath } from '../../src/web/add/qr-path.ts'
import { temporaryFolder } from '../support/folders.ts'
import { endBrowserAfterAll, hasChromium, openPage, type PageOptions } from '../support/page.ts'
import { TestPhone } from '../support/phone.ts'
import { startServer } from '../support/server.ts'

if (!hasChromium)
  console.warn('Tests are left out, of adding cameras and of the settings: there is no Chromium.')

endBrowserAfterAll()

const run = promisify(execFile)

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

/** What a reader of QR codes that we did not write sees in a picture; undefined where none is installed. */
async function readCode(picture: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('zbarimg', ['--quiet', '--raw', picture])
    return stdout.trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    console.warn('left out: reading the QR code back with zbarimg, which is not installed')
    return undefined
  }
}

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
