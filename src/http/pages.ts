/** The login page and the first page, in English and Chinese. Every value is escaped; no script or style stands in the page. */

import type { IncomingHttpHeaders } from 'node:http'

export type Language = 'en' | 'zh'

const TEXTS = {
  en: {
    tag: 'en',
    loginTitle: 'Sign in · Rollcall',
    reached: 'This is a Rollcall server. Your device reaches it.',
    forCameras:
      'To film you need no sign-in: open the camera page, or type an address that begins with ws:// into the Android app.',
    cameraPage: 'Open the camera page',
    signIn: 'Sign in',
    how: 'Open the link that the server’s terminal shows, or enter the token here.',
    token: 'Access token',
    wrong: 'The token is wrong. On the server, “node bin/rollcall.js token” prints the right one.',
    often: 'Too many wrong tokens. Try again in a minute.',
    unreachable: 'The server did not answer. Try again.',
  },
  zh: {
    tag: 'zh-CN',
    loginTitle: '登录 · Rollcall',
    reached: '这是 Rollcall 服务器，您的设备可以连接到它。',
    forCameras: '拍摄无需登录：打开相机页面，或在安卓应用里输入以 ws:// 开头的地址。',
    cameraPage: '打开相机页面',
    signIn: '登录',
    how: '打开服务器终端显示的链接，或在这里输入令牌。',
    token: '访问令牌',
    wrong: '令牌不正确。在服务器上运行 node bin/rollcall.js token 可查看正确的令牌。',
    often: '错误次数过多，请一分钟后再试。',
    unreachable: '服务器没有响应，请重试。',
  },
} as const

/** The first of a browser's languages that we speak; else English. */
export function languageOf(headers: IncomingHttpHeaders): Language {
  const wanted = (headers['accept-language'] ?? '').split(',').map((entry) => {
    const [tag = '', ...parameters] = entry.trim().toLowerCase().split(';')
    const quality = parameters.find((parameter) => parameter.trim().startsWith('q='))
    return { language: tag.split('-', 1)[0]!, quality: quality ? Number(quality.trim().slice(2)) : 1 }
  })
  const spoken = wanted.filter(({ language, quality }) => Object.hasOwn(TEXTS, language) && quality > 0)
  // Sorting is stable: among equals the first stays first.
  return (spoken.sort((a, b) => b.quality - a.quality)[0]?.language as Language | undefined) ?? 'en'
}

/** Markup with every value escaped, but for what is markup of ours already. */
export function html(parts: TemplateStringsArray, ...values: (string | Markup)[]): Markup {
  const text = parts.map((part, i) => {
    const value = values[i - 1]
    if (value === undefined) return part
    return (value instanceof Markup ? value.text : escaped(value)) + part
  })
  return new Markup(text.join(''))
}

export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export function loginPage(language: Language): string {
  const texts = TEXTS[language]
  return page(
    language,
    texts.loginTitle,
    html`<p class="lead">${texts.reached}</p>
<p>${texts.forCameras}<br><a href="/camera">${texts.cameraPage}</a></p>
<form id="login" data-wrong="${texts.wrong}" data-often="${texts.often}" data-unreachable="${texts.unreachable}">
<p>${texts.how}</p>
<label for="token">${texts.token}</label>
<div class="row">
<input id="token" type="password" autocomplete="current-password" autocapitalize="off" spellcheck="false" required>
<button>${texts.signIn}</button>
</div>
<p id="problem" role="alert"></p>
</form>`,
    { script: '/login.js' },
  )
}

/**
 * A page that needs no sign-in.
 *
 * @param further.style - Path of a style sheet beside that of all of them.
 * @param further.script - Path of its script.
 */
export function page(
  language: Language,
  title: string,
  content: Markup,
  further: { style?: string; script?: string },
): string {
  const { style, script } = further
  return html`<!doctype html>
<html lang="${TEXTS[language].tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/login.svg">
<link rel="stylesheet" href="/login.css">
${style ? html`<link rel="stylesheet" href="${style}">\n` : html``}${script ? html`<script src="${script}" defer></script>\n` : html``}</head>
<body>
<main>
<h1><img src="/login.svg" alt="" width="32" height="32">Rollcall</h1>
${content}
</main>
</body>
</html>
`.text
}

function escaped(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]!)
}

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1d4ed8"/><circle cx="16" cy="16" r="6" fill="#fff"/></svg>
`

export const STYLE = `:root {
  color-scheme: light dark;
  --page: #f4f5f7;
  --card: #fff;
  --text: #1b1f24;
  --soft: #59616b;
  --line: #cdd3da;
  --accent: #1d4ed8;
  --on-accent: #fff;
  --bad: #b42318;
  --good: #1a7f37;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #111418;
    --card: #1a1f25;
    --text: #e8ebef;
    --soft: #a3adb8;
    --line: #3a434d;
    --accent: #8ab4ff;
    --on-accent: #0b1a33;
    --bad: #ff9b8f;
    --good: #5ad17e;
  }
}
* { box-sizing: border-box }
body {
  margin: 0;
  min-height: 100vh;
  display: grid;
  place-items: center;
  padding: 24px 16px;
  background: var(--page);
  color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
}
main {
  width: 100%;
  max-width: 480px;
  padding: 32px;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 16px;
}
h1 { display: flex; align-items: center; gap: 12px; margin: 0 0 24px; font-size: 24px; line-height: 32px }
p { margin: 0 0 16px; color: var(--soft) }
.lead { font-size: 18px; color: var(--text); text-wrap: balance }
form { margin-top: 24px; padding-top: 24px; border-top: 1px solid var(--line) }
label { display: block; margin-bottom: 8px; font-weight: 600 }
.row { display: flex; flex-wrap: wrap; gap: 12px; align-items: center }
input, button { min-height: 44px; padding: 8px 16px; font: inherit; border-radius: 8px }
input { flex: 1 1 200px; min-width: 0; color: inherit; background: var(--page); border: 1px solid var(--line) }
button { border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer }
button:disabled { opacity: .6; cursor: default }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
#problem { margin: 16px 0 0; color: var(--bad) }
#problem:empty { display: none }
a { padding: 8px 0; color: var(--accent) }
@media (max-width: 480px) { body { place-items: start center } main { padding: 24px 20px } }
`

/** Runs in the browser. The token stands behind # in the link, where neither logs nor proxies see it, and leaves the address bar first. */
export const SCRIPT = `'use strict'
const form = document.getElementById('login')

async function signIn(token) {
  const button = form.querySelector('button')
  const problem = document.getElementById('problem')
  button.disabled = true
  problem.textContent = ''
  try {
    const response = await fetch('/api/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    if (response.ok) return location.replace('/')
    problem.textContent = response.status === 429 ? form.dataset.often : form.dataset.wrong
  } catch {
    problem.textContent = form.dataset.unreachable
  }
  button.disabled = false
}

function signInByLink() {
  const token = location.hash.slice(1)
  if (token === '') return false
  history.replaceState(null, '', '/login')
  signIn(token)
  return true
}

if (form) {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    signIn(document.getElementById('token').value.trim())
  })
  addEventListener('hashchange', signInByLink)
  // A link on another site brings no cookie along; whoever is signed in goes on from here.
  if (!signInByLink())
    fetch('/', { redirect: 'manual' }).then((response) => response.ok && location.replace('/'), () => {})
}
`
