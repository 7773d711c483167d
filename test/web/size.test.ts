/** What the first view weighs, and whom it asks. */

import { readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { endBrowserAfterAll, hasChromium, openPage } from '../support/page.ts'
import { simulatePhones } from '../support/phones.ts'
import { startServer } from '../support/server.ts'

if (!hasChromium) console.warn('Tests are left out, of what the first view weighs: there is no Chromium.')
endBrowserAfterAll()

const WEB = new URL('../../dist/web/', import.meta.url)
const MAX_BYTES = 150_000

it.skipIf(!hasChromium)(
  'the first view asks this server alone, and for less than 150 KB gzipped',
  async () => {
    await stat(fileURLToPath(new URL('index.html', WEB))).catch(() => {
      throw new Error('there is no dist/web: npm run build first')
    })
    const { server, port } = await startServer({ thumbnails: false })
    await simulatePhones(port, 1)
    const origin = `http://127.0.0.1:${port}`
    const page = await openPage(`${origin}/login`)
    const asked: string[] = []
    page.context().on('request', (request) => asked.push(request.url()))
    await page.getByLabel('Access token').fill(server.accessToken)
    await page.keyboard.press('Enter')
    await page.getByText('1 camera', { exact: true }).waitFor()
    await page.waitForLoadState('load')
    expect(asked.filter((url) => new URL(url).origin !== origin)).toEqual([])
    const files = new Set(
      asked.map((url) => new URL(url).pathname).filter((path) => path.startsWith('/assets/')),
    )
    // The page, its style, its script, the worker that decodes.
    expect(files.size).toBeGreaterThanOrEqual(3)
    let bytes = gzipSync(await readFile(new URL('index.html', WEB))).length
    for (const path of files) bytes += gzipSync(await readFile(new URL(`.${path}`, WEB))).length
    expect(bytes).toBeLessThan(MAX_BYTES)
  },
)
