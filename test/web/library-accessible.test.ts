/** The library, "Add a camera" and the settings: looked through by axe-core in both themes and languages, and by keyboard. */

import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { seriousFaults } from '../support/axe.ts'
import { FilmPhone } from '../support/filmed.ts'
import { endBrowserAfterAll, hasChromium, openPage, originsAsked, type PageOptions } from '../support/page.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

if (!hasChromium)
  console.warn('Tests are left out, of the library by keyboard and axe-core: there is no Chromium.')

endBrowserAfterAll()

const PICTURES = 60

/** A page, and one recording in which pictures are missing. */
async function recorded(options: PageOptions = {}) {
  const { server, port } = await startServer({ stopWaitMs: 0, thumbnails: false })
  const phone = await FilmPhone.connect(port, PICTURES)
  server.room.start({ bitrateMbps: 2, fps: 20 })
  await phone.begin()
  await phone.film(PICTURES, { from: 25, to: 35 })
  server.room.stop()
  await phone.end()
  const origin = `http://127.0.0.1:${port}`
  const page = await openPage(`${origin}/login#${server.accessToken}`, options)
  await page.waitForURL(`${origin}/`)
  const go = (hash: string) => page.goto(`${origin}/#/${hash}`)
  await go('library')
  await page.locator('article.card .badge').waitFor()
  return { page, go, origin }
}

it.skipIf(!hasChromium).each([
  ['dark', 'en-US', 1366],
  ['light', 'zh-CN', 390],
] as const)('axe-core finds nothing serious, %s, %s, %i wide', async (theme, language, width) => {
  const { page, go, origin } = await recorded({ theme, language, width, height: 844 })
  expect(await seriousFaults(page)).toEqual([])
  await page.getByRole('button', { name: /^(Filters|筛选)$/ }).click()
  expect(await seriousFaults(page)).toEqual([])
  await page.locator('article.card a').first().click()
  await page.locator('.plot .mark').waitFor()
  expect(await seriousFaults(page)).toEqual([])
  await page.locator('.downloads, .group').getByRole('link').last().waitFor()
  const take = await page.evaluate<string>('document.querySelector(`a[href*="library/take/"]`).hash')
  await go(take.slice(2))
  await page.locator('.films video').waitFor()
  expect(await seriousFaults(page)).toEqual([])
  await go('add')
  await page.locator('.qr').waitFor()
  expect(await seriousFaults(page)).toEqual([])
  await go('settings')
  await page.locator('.options summary').click()
  await page.getByRole('button', { name: /^(Show tokens|显示令牌)$/ }).click()
  await page.locator('.access li').first().waitFor()
  expect(await seriousFaults(page)).toEqual([])
  await expectNoSidewaysScroll(page, go)
  // In all these views no other host was asked.
  await go('live')
  await until('a camera is watched', () => originsAsked(page).length > 1)
  expect(originsAsked(page)).toEqual([origin, origin.replace('http', 'ws')])
})

/** Nothing is wider than the screen. */
async function expectNoSidewaysScroll(page: Page, go: (hash: string) => Promise<unknown>): Promise<void> {
  for (const view of ['library', 'add', 'settings']) {
    await go(view)
    await page.locator(`a[href="#/${view}"][aria-current="page"]`).waitFor()
    const surplus = await page.evaluate<number>(
      'Math.max(...[document.documentElement, ...document.querySelectorAll("main, .library-list")].map((one) => one.scrollWidth - one.clientWidth))',
    )
    expect(surplus, view).toBeLessThanOrEqual(0)
  }
}

it.skipIf(!hasChromium)('opens, watches, names and deletes by keyboard alone', async () => {
  const { page } = await recorded()
  const focused = () =>
    page.evaluate<string>(
      '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent).trim()',
    )
  /** Tabs on until the focus is there. */
  const tabTo = async (name: RegExp) => {
    for (let i = 0; i < 60; i += 1) {
      await page.keyboard.press('Tab')
      if (name.test(await focused())) return
    }
    throw new Error(`the focus never came to ${name}`)
  }
  await tabTo(/^Watch Pixel 6a/)
  await page.keyboard.press('Enter')
  await page.locator('.plot .mark').waitFor()
  await tabTo(/^Rename/)
  await page.keyboard.press('Enter')
  await until('the field', async () => (await focused()) === 'Title')
  await page.keyboard.type('Rehearsal')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Rehearsal', level: 1 }).waitFor()
  await until('the focus is kept', async () => (await focused()) === 'Rename')
  await tabTo(/missing at 00:01: watch/)
  await page.keyboard.press('Enter')
  await until(
    'it went there',
    async () => (await page.evaluate<number>('document.querySelector(".detail video").currentTime')) > 0.5,
  )
  await page.locator('.library-detail').focus()
  await tabTo(/^Delete/)
  await page.keyboard.press('Enter')
  await page.getByText('Nothing recorded yet').waitFor()
  await tabTo(/^Undo/)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Watch Rehearsal' }).waitFor()
})
