/** The login page in a real browser. */

import { expect, it } from 'vitest'
import { Browser, hasBrowser } from './support/browser.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

if (!hasBrowser) console.warn('the tests of the login page are left out: there is no Chromium')

it.skipIf(!hasBrowser)(
  'signs in by the link, takes the token out of the address, and out again',
  async () => {
    const { server, port } = await startServer()
    const origin = `http://127.0.0.1:${port}`
    const browser = await Browser.open(`${origin}/login#${server.accessToken}`)
    const text = () => browser.run<string>('document.body?.innerText ?? ""')
    const isFirstPage = () =>
      browser.run<boolean>('location.pathname === "/" && !!document.querySelector("#app > *")')
    await until('the first page', isFirstPage)
    expect(await browser.run('location.href')).toBe(`${origin}/`)
    // The script cannot read it, and no entry of the history holds the token.
    expect(await browser.run('document.cookie')).toBe('')
    const { entries } = await browser.call<{ entries: { url: string }[] }>('Page.getNavigationHistory')
    expect(entries.map(({ url }) => url).join(' ')).not.toContain(server.accessToken)
    // Whoever is signed in does not stay on the login page.
    await browser.call('Page.navigate', { url: `${origin}/login` })
    await until('the first page again', isFirstPage)
    await browser.run('fetch("/api/logout", { method: "POST" }).then(() => location.replace("/login"))')
    await until('the login page', async () => (await text()).includes('Access token'))
    expect(await browser.run('fetch("/", { redirect: "manual" }).then(({ type }) => type)')).toBe(
      'opaqueredirect',
    )
  },
)

it.skipIf(!hasBrowser)('says in the language of the browser that a token is wrong', async () => {
  const { port } = await startServer()
  const browser = await Browser.open(`http://127.0.0.1:${port}/login#wrong`, 'zh-CN')
  const problem = () => browser.run<string | null>('document.getElementById("problem")?.textContent || null')
  expect(await until('the problem', problem)).toBe(
    '令牌不正确。在服务器上运行 node bin/rollcall.js token 可查看正确的令牌。',
  )
  expect(await browser.run('document.documentElement.lang')).toBe('zh-CN')
  expect(await browser.run('location.hash')).toBe('')
})
