/** The control room by keyboard alone, and looked through by axe-core. */

import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { seriousFaults } from '../support/axe.ts'
import { endBrowserAfterAll, hasChromium, openPage } from '../support/page.ts'
import { simulatePhones } from '../support/phones.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

if (!hasChromium)
  console.warn('Tests are left out, of the control room by keyboard and axe-core: there is no Chromium.')
endBrowserAfterAll()

/** Nothing serious, and nothing wider than the screen. */
async function expectNoFaults(page: Page): Promise<void> {
  expect(await seriousFaults(page)).toEqual([])
  await expectNoSidewaysScroll(page)
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const surplus = await page.evaluate<number>(
    'Math.max(...[document.documentElement, ...document.querySelectorAll("main, .tiles")].map((one) => one.scrollWidth - one.clientWidth))',
  )
  expect(surplus).toBeLessThanOrEqual(0)
}

it.skipIf(!hasChromium).each([
  ['dark', 'en-US', 1280, 720],
  ['light', 'zh-CN', 390, 844],
] as const)('axe-core finds nothing serious, %s, %s, %i wide', async (theme, language, width, height) => {
  const { server, port } = await startServer({ thumbnails: false, stopWaitMs: 0 })
  const page = await openPage(`http://127.0.0.1:${port}/login`, { theme, language, width, height })
  const token = page.getByLabel(/^(Access token|访问令牌)$/)
  await token.waitFor()
  await expectNoFaults(page)
  await token.fill(server.accessToken)
  await page.keyboard.press('Enter')
  await page.getByText(/^(No camera is connected|还没有相机连接)$/).waitFor()
  await expectNoFaults(page)
  await simulatePhones(port, 2)
  await page.getByText(/^(All 2 cameras|全部 2 台相机)$/).waitFor()
  await expectNoFaults(page)
  if (language === 'zh-CN') {
    await page.getByRole('button', { name: '录制设置' }).click()
    await page.getByRole('dialog').waitFor()
    await expectNoFaults(page)
    await page.keyboard.press('Escape')
  }
  await page.locator('main').focus()
  await page.keyboard.press('Space')
  await page.getByText(/^(2 of 2 confirmed|2 台中 2 台已确认)$/).waitFor()
  await page
    .getByRole('button', { name: /^Name and colour|的名称和颜色$/ })
    .first()
    .click()
  await page.getByRole('button', { name: /^(Language, theme, sign out|语言、主题、退出登录)$/ }).click()
  await expectNoFaults(page)
  await page.keyboard.press('Escape')
  await page
    .getByRole('button', { name: /^(Show .* big|放大 .*)$/ })
    .last()
    .click()
  await until('one is big', async () => (await page.locator('[data-big]').count()) === 1)
  await expectNoFaults(page)
  if (width === 390) return
  // A screen of 4K on the wall is filled.
  await page.setViewportSize({ width: 3840, height: 2160 })
  const big = page.locator('[data-big]')
  await until('a large picture', async () => ((await big.boundingBox())?.width ?? 0) > 2400)
  await expectNoSidewaysScroll(page)
})

it.skipIf(!hasChromium)('is steered by keyboard alone', async () => {
  const { server, port } = await startServer({ thumbnails: false, stopWaitMs: 0 })
  await simulatePhones(port, 1)
  const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`)
  await page.getByText('1 camera', { exact: true }).waitFor()
  const focused = () =>
    page.evaluate<string>(
      '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent).trim()',
    )
  /** Tabs on until the focus is there. */
  const tabTo = async (name: RegExp) => {
    for (let i = 0; i < 40; i += 1) {
      await page.keyboard.press('Tab')
      if (name.test(await focused())) return
    }
    throw new Error(`the focus never came to ${name}`)
  }
  await page.keyboard.press('Tab')
  expect(await focused()).toBe('Skip to content')
  await page.keyboard.press('Enter')
  expect(await page.evaluate('document.activeElement.id')).toBe('main')
  await tabTo(/^Name and colour/)
  await page.keyboard.press('Enter')
  await tabTo(/^Name$/)
  await page.keyboard.type('Desk')
  await page.keyboard.press('Enter')
  await page.getByRole('article', { name: 'Desk' }).waitFor()
  await tabTo(/^Start recording/)
  // On the button the space bar is a press like any other, once.
  await page.keyboard.press('Space')
  await page.getByText('1 of 1 confirmed').waitFor()
  await page.locator('main').focus()
  await tabTo(/^Show Desk big/)
  await page.keyboard.press('Enter')
  await until('it is big', () => page.url().includes('#/live/'))
  await page.keyboard.press('Escape')
  await until('it is small', () => page.url().endsWith('#/live'))
  // Past the header's end, back at its beginning.
  await page.evaluate('document.activeElement.blur()')
  await tabTo(/^Library/)
  await page.keyboard.press('Enter')
  await until('the library', () => page.url().endsWith('#/library'))
  await until('the focus in it', () => page.evaluate<boolean>('document.activeElement.id === "main"'))
  // In other views the space bar scrolls, and starts and stops nothing.
  await page.keyboard.press('Space')
  await page.goBack()
  await page.getByText('Space stops').waitFor()
})
