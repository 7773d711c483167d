/** The page that tells of the browser's warning and how to trust the certificate for good. Open to all, by plain http too. */

import { html, type Language, type Markup, page } from './pages.ts'

export interface TrustFacts {
  /** `made`: by Rollcall, with an authority to trust. `given`: somebody else's. `none`: there is no https. */
  certificate: 'made' | 'given' | 'none'
  /** SHA-256 of the authority's certificate, as devices show it; undefined when there is none. */
  fingerprint: string | undefined
  /** As the drawing of the warning calls this server. */
  host: string
  /** Where the camera page opens; undefined when it cannot. */
  cameraUrl: string | undefined
}

const TEXTS = {
  en: {
    title: 'The browser’s warning · Rollcall',
    lead: 'Browsers give a camera only to https pages. This server made its own certificate for that, and your browser does not know it yet.',
    once: 'Go on this time',
    tap: 'The browser warns once. Tap 1, then 2:',
    picture: (host: string) =>
      `Two phones with the warning. Android, Chrome: 1, the button “Advanced”; 2, the link “Proceed to ${host} (unsafe)”. iPhone, Safari: 1, the button “Show Details”; 2, the link “visit this website”.`,
    mean: 'The warning means: nobody outside vouches for this machine. What you film is encrypted all the same. Go on only if the address is that of your own server.',
    open: 'Open the camera page',
    forGood: 'Trust it for good',
    why: 'Then no warning comes any more, and the camera page can be installed like an app.',
    caution:
      'Only on devices of your own: whoever holds the key of this server can then pose as any site to them.',
    android: 'Android',
    android1: 'Download the certificate:',
    android2:
      'Open Settings, search for “CA certificate”. By hand: Security, More security settings, Encryption & credentials, Install a certificate, CA certificate. Names differ a little between makers.',
    android3: 'Tap “Install anyway”, and choose the file ca.crt.',
    android4:
      'Close the browser and open the page again. Chrome trusts it now; Firefox keeps a list of its own.',
    iphone: 'iPhone and iPad',
    iphone1: 'Open this page in Safari, and download the profile:',
    iphone2: 'Allow the download. Open Settings: “Profile Downloaded” is near the top. Tap Install.',
    iphone3:
      'Then General, About, Certificate Trust Settings: turn on the one that begins with “Rollcall on”.',
    iphone4: 'Open the page again.',
    computer: 'A computer',
    computer1:
      'Download the certificate and import it as an authority: in Chrome under “Manage certificates”, in Firefox under “View Certificates”, on a Mac in Keychain Access.',
    fingerprint: 'SHA-256 fingerprint, to compare with what the device shows:',
    given:
      'This server has a certificate that somebody gave it. If your browser warns, ask whoever runs the server: there is nothing to download here.',
    none: 'This server runs without https (--no-https, or the port was taken). Browsers give it no camera, but on the machine itself at http://localhost.',
  },
  zh: {
    title: '浏览器的警告 · Rollcall',
    lead: '浏览器只允许 https 页面使用相机。为此，本服务器自己生成了证书，而您的浏览器还不认识它。',
    once: '这一次继续',
    tap: '浏览器会警告一次。先点 1，再点 2：',
    picture: (host: string) =>
      `两部手机上的警告。安卓 Chrome：1 点按钮“高级”，2 点链接“继续前往 ${host}（不安全）”。iPhone Safari：1 点按钮“显示详细信息”，2 点链接“访问此网站”。`,
    mean: '警告的意思是：没有外部机构为这台机器担保。您拍摄的内容仍然是加密传输的。请确认地址是您自己的服务器后再继续。',
    open: '打开相机页面',
    forGood: '永久信任',
    why: '之后不再出现警告，相机页面也可以像应用一样安装。',
    caution: '仅限您自己的设备：拿到本服务器密钥的人，可以对信任它的设备冒充任何网站。',
    android: '安卓',
    android1: '下载证书：',
    android2:
      '打开“设置”，搜索“CA 证书”。手动路径：安全、更多安全设置、加密与凭据、安装证书、CA 证书。各厂商的名称略有不同。',
    android3: '点“仍然安装”，选择文件 ca.crt。',
    android4: '关闭浏览器后重新打开页面。Chrome 现在信任它；Firefox 使用自己的列表。',
    iphone: 'iPhone 和 iPad',
    iphone1: '用 Safari 打开本页，下载描述文件：',
    iphone2: '允许下载。打开“设置”，顶部附近有“已下载描述文件”，点“安装”。',
    iphone3: '然后进入“通用”、“关于本机”、“证书信任设置”，打开以“Rollcall on”开头的一项。',
    iphone4: '重新打开页面。',
    computer: '电脑',
    computer1:
      '下载证书并作为证书颁发机构导入：Chrome 在“管理证书”，Firefox 在“查看证书”，Mac 在“钥匙串访问”。',
    fingerprint: 'SHA-256 指纹，可与设备显示的内容核对：',
    given: '本服务器使用别人提供的证书。如果浏览器警告，请询问服务器的管理者：这里没有可下载的内容。',
    none: '本服务器没有 https（--no-https，或端口被占用）。除了在本机打开 http://localhost，浏览器不会允许使用相机。',
  },
} as const

export function trustPage(language: Language, facts: TrustFacts): string {
  const t = TEXTS[language]
  return page(language, t.title, html`<p class="lead">${t.lead}</p>${bodyOf(language, facts)}`, {
    style: '/trust.css',
    script: '/trust.js',
  })
}

function bodyOf(language: Language, { certificate, fingerprint, host, cameraUrl }: TrustFacts): Markup {
  const t = TEXTS[language]
  const open = cameraUrl
    ? html`<p><a id="camera" class="button" href="${cameraUrl}">${t.open}</a></p>`
    : html``
  if (certificate === 'none') return html`<p>${t.none}</p>${open}`
  if (certificate === 'given') return html`<p>${t.given}</p>${open}`
  return html`
<h2>${t.once}</h2>
<p>${t.tap}</p>
<img src="/warning-${language}.svg" alt="${t.picture(host)}" width="680" height="470">
<p>${t.mean}</p>
${open}
<h2>${t.forGood}</h2>
<p>${t.why} ${t.caution}</p>
<h3>${t.android}</h3>
<ol>
<li>${t.android1} <a href="/ca.crt" download>ca.crt</a></li>
<li>${t.android2}</li>
<li>${t.android3}</li>
<li>${t.android4}</li>
</ol>
<h3>${t.iphone}</h3>
<ol>
<li>${t.iphone1} <a href="/ca.mobileconfig">ca.mobileconfig</a></li>
<li>${t.iphone2}</li>
<li>${t.iphone3}</li>
<li>${t.iphone4}</li>
</ol>
<h3>${t.computer}</h3>
<p>${t.computer1} <a href="/ca.crt" download>ca.crt</a></p>
<p>${t.fingerprint} <code>${inPairs(fingerprint ?? '')}</code></p>`
}

/** A line may end behind a colon alone. */
function inPairs(fingerprint: string): Markup {
  const pairs = fingerprint.split(/(?<=:)/)
  return pairs.map((pair) => html`${pair}`).reduce((before, pair) => html`${before}<wbr>${pair}`)
}

/** Runs in the browser. The camera key stands behind #, where the server does not see it: it goes on to the camera page. */
export const TRUST_SCRIPT = `'use strict'
const camera = document.getElementById('camera')
if (camera && location.hash) camera.hash = location.hash
`

export const TRUST_STYLE = `main { max-width: 720px }
h2 { margin: 32px 0 8px; padding-top: 24px; border-top: 1px solid var(--line); font-size: 20px; line-height: 28px }
h3 { margin: 24px 0 8px; font-size: 16px; line-height: 24px }
img[alt]:not([alt=""]) { display: block; width: 100%; height: auto; margin: 0 0 16px; border-radius: 16px }
ol { margin: 0 0 16px; padding-left: 24px; color: var(--soft) }
li { margin-bottom: 8px }
code { display: block; padding-top: 8px; font-size: 14px }
.button { display: inline-block; padding: 10px 20px; border-radius: 8px; background: var(--accent); color: var(--on-accent); font-weight: 600; text-decoration: none }
`
