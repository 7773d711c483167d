/** What the browser shows before it trusts the certificate, and where to tap: one drawing of ours, for both kinds of phone. */

import { html, type Language, type Markup } from './pages.ts'

const WIDTH = 680
const HEIGHT = 470
const PHONE = { width: 280, height: 390, top: 64 }
const LEFT_PHONE = 30
const RIGHT_PHONE = 370
const FONT = 'system-ui, -apple-system, Roboto, PingFang SC, Noto Sans CJK SC, sans-serif'
const INK = '#14181d'
const SOFT = '#4b5561'
const ACCENT = '#1d4ed8'

/** The words that the browsers themselves use. */
const TEXTS = {
  en: {
    title: 'What the browser shows, and where to tap',
    android: 'Android, Chrome',
    iphone: 'iPhone, Safari',
    chromeTitle: ['Your connection is', 'not private'],
    chromeFirst: 'Advanced',
    chromeSecond: (host: string) => ['Proceed to', `${host} (unsafe)`],
    safariTitle: ['This Connection Is', 'Not Private'],
    safariFirst: 'Show Details',
    safariSecond: ['… visit this website.'],
  },
  zh: {
    title: '浏览器显示的内容，以及点按的位置',
    android: '安卓 Chrome',
    iphone: 'iPhone Safari',
    chromeTitle: ['您的连接', '不是私密连接'],
    chromeFirst: '高级',
    chromeSecond: (host: string) => ['继续前往', `${host}（不安全）`],
    safariTitle: ['此连接', '非私人连接'],
    safariFirst: '显示详细信息',
    safariSecond: ['…访问此网站。'],
  },
} as const

/** In the drawing where no address is known. */
export const SAMPLE_SERVER: DrawnServer = { host: '192.168.1.20', port: 50443 }
/** So many letters of a host have room. */
const MAX_LETTERS = 22

export interface DrawnServer {
  /** Name or address, without port. */
  host: string
  /** Of https. */
  port: number
}

/** The drawing as a file of its own. It has its own ground, so it is the same in both themes. */
export function warningPicture(language: Language, server = SAMPLE_SERVER): string {
  const t = TEXTS[language]
  const host = server.host.length > MAX_LETTERS ? `${server.host.slice(0, MAX_LETTERS - 1)}…` : server.host
  const address = `${host}:${server.port}`
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" font-family="${FONT}" fill="${INK}">
<title>${t.title}</title>
<rect width="${String(WIDTH)}" height="${String(HEIGHT)}" rx="16" fill="#eef0f3"/>
${phone(LEFT_PHONE, address, t.android, t.chromeTitle, t.chromeFirst, t.chromeSecond(host))}
${phone(RIGHT_PHONE, address, t.iphone, t.safariTitle, t.safariFirst, t.safariSecond)}
</svg>
`.text
}

/** One phone with its warning; `first` is tapped, then `second`. */
function phone(
  x: number,
  address: string,
  name: string,
  title: readonly string[],
  first: string,
  second: readonly string[],
): Markup {
  const { top, width, height } = PHONE
  const [middle, left] = [x + width / 2, x + 30]
  return html`${line(middle, 42, name, { size: 20, weight: 600, anchor: 'middle' })}
<rect x="${String(x)}" y="${String(top)}" width="${String(width)}" height="${String(height)}" rx="28" fill="#fff" stroke="${INK}" stroke-width="5"/>
<rect x="${String(left)}" y="${String(top + 24)}" width="${String(width - 60)}" height="34" rx="17" fill="#e3e8ee"/>
${line(left + 18, top + 47, address, { size: 16, colour: SOFT })}
<path d="M${String(left + 22)} ${String(top + 84)}l22 38h-44z" fill="none" stroke="#c81e1e" stroke-width="5" stroke-linejoin="round"/>
<path d="M${String(left + 22)} ${String(top + 97)}v11m0 5v4" stroke="#c81e1e" stroke-width="4"/>
${title.map((text, i) => line(left, top + 158 + i * 27, text, { size: 22, weight: 600 })).reduce(joined)}
<path d="M${String(left)} ${String(top + 206)}h${String(width - 70)}m${String(70 - width)} 14h${String(width - 120)}" stroke="#cdd3da" stroke-width="6" stroke-linecap="round"/>
<rect x="${String(left)}" y="${String(top + 238)}" width="172" height="44" rx="22" fill="none" stroke="${ACCENT}" stroke-width="2"/>
${line(left + 86, top + 266, first, { size: 17, weight: 600, colour: ACCENT, anchor: 'middle' })}
${second.map((text, i) => line(left, top + 328 + i * 24, text, { size: 17, colour: ACCENT, underlined: true })).reduce(joined)}
${number(left + 204, top + 260, '1')}
${number(x + width - 30, top + 322, '2')}`
}

/** Where to tap, in its order. */
function number(x: number, y: number, text: string): Markup {
  return html`<circle cx="${String(x)}" cy="${String(y)}" r="19" fill="${ACCENT}" stroke="#fff" stroke-width="3"/>
${line(x, y + 8, text, { size: 22, weight: 600, colour: '#fff', anchor: 'middle' })}`
}

function line(
  x: number,
  y: number,
  text: string,
  look: { size: number; weight?: number; colour?: string; anchor?: 'middle'; underlined?: true },
): Markup {
  const { size, weight = 400, colour = INK, anchor = 'start', underlined } = look
  return html`<text x="${String(x)}" y="${String(y)}" font-size="${String(size)}" font-weight="${String(weight)}" fill="${colour}" text-anchor="${anchor}" text-decoration="${underlined ? 'underline' : 'none'}">${text}</text>`
}

function joined(before: Markup, next: Markup): Markup {
  return html`${before}${next}`
}
