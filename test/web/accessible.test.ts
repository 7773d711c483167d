/** The control room by keyboard alone, and looked through by axe-core. */

import { expect, it } from 'vitest'
import { seriousFaults } from '../support/axe.ts'
import { endBrowserAfterAll, hasChromium, openPage } from '../support/page.ts'
import { simulatePhones } from '../support/phones.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

if (!hasChromium)
  console.warn('Tests are left out, of the control room by keyboard and axe-core: there is no Chromium.')
endBrowserAfterAll()

it.skipIf(!hasChromium).each(['dark', 'light'] as const)(
  'axe-core finds nothing serious in the %s theme',
  async (theme) => {
    const { server, port } = await startServer({ thumbnails: false, stopWaitMs: 0 })
    const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`, { theme })
    await page.getByText('No camera is connected').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await simulatePhones(port, 2)
    await page.getByText('All 2 cameras').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await page.locator('main').focus()
    await page.keyboard.press('Space')
    await page.getByText('2 of 2 confirmed').waitFor()
    await page
      .getByRole('button', { name: /^Name and colour/ })
      .first()
      .click()
    await page.getByRole('button', { name: 'Language, theme, sign out' }).click()
    expect(await seriousFaults(page)).toEqual([])
  },
)

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
