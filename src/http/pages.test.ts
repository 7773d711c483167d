import { expect, it } from 'vitest'
import { html, languageOf, loginPage, SCRIPT } from './pages.ts'
import { TRUST_SCRIPT, trustPage } from './trust-page.ts'

const HOSTILE = `<script>alert(1)</script>"' onload='x' & <img src=x onerror=alert(1)>`

it('escapes every value, as text and in attributes', () => {
  expect(html`<p title="${HOSTILE}">${HOSTILE}</p>`.text).toBe(
    html`<p title="${HOSTILE}">`.text + html`${HOSTILE}</p>`.text,
  )
  const { text } = html`<p title="${HOSTILE}">${HOSTILE}</p>`
  expect(text.slice(10, -4)).not.toMatch(/[<']|&(?!amp;|lt;|gt;|quot;|#39;)/)
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onload=&#39;x&#39; &amp; &lt;img')
  expect(html`${html`<b>${'<'}</b>`}`.text).toBe('<b>&lt;</b>')
})

it.each([
  [undefined, 'en'],
  ['', 'en'],
  ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
  ['zh', 'zh'],
  ['ZH-Hant-TW', 'zh'],
  ['de-DE,de;q=0.9,en;q=0.8,zh;q=0.7', 'en'],
  ['en;q=0.5, zh;q=0.6', 'zh'],
  ['zh;q=0', 'en'],
  ['constructor,__proto__', 'en'],
  ['fr', 'en'],
])('answers a browser that wants %s in %s', (wanted, language) => {
  expect(languageOf({ 'accept-language': wanted })).toBe(language)
})

it('has neither script nor style in its pages, so that the policy can forbid both', () => {
  const facts = { certificate: 'made', fingerprint: 'AB:CD', host: 'hall.lan', cameraUrl: '/camera' } as const
  const trustPages = (['en', 'zh'] as const).map((language) => trustPage(language, facts))
  for (const page of [loginPage('en'), loginPage('zh'), ...trustPages]) {
    expect(page).not.toMatch(
      /<script(?! src="\/(?:login|trust)\.js" defer><\/script>)|<style|\sstyle=|\son\w+=|javascript:/,
    )
    expect(page).toMatch(/^<!doctype html>\n<html lang="(en|zh-CN)">/)
  }
  expect(trustPages[0]).toContain('<code>AB:<wbr>CD</code>')
  expect(SCRIPT + TRUST_SCRIPT).not.toMatch(/innerHTML|eval|document\.write/)
})
