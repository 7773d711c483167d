/** No name that comes from outside leaves the data folder: not in a URL, not in a camera's id or path. */

import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderName } from '../src/library/recording-folder.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { TestPhone } from './support/phone.ts'
import { askForSocket, get, statusOf } from './support/raw-http.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

const SECRET = 'what stands outside the data folder'
/** Ways out, as they stand in a request; NUL and bytes above 127 as such, too. */
const WAYS_OUT = [
  '/../outside.txt',
  '/../../../../../../../../etc/passwd',
  '/..%2foutside.txt',
  '/%2e%2e/outside.txt',
  '/%2e%2e%2foutside.txt',
  '/%252e%252e%252foutside.txt',
  '/..%5coutside.txt',
  '/..\\outside.txt',
  '/....//outside.txt',
  '/.%00./outside.txt',
  '/outside.txt%00.html',
  '/%c0%ae%c0%ae/outside.txt',
  '/%uff0e%uff0e/outside.txt',
  '/\u00ff\u00fe/outside.txt',
  '//etc/passwd',
  '///etc/passwd',
  '/%2fetc%2fpasswd',
  '/file:///etc/passwd',
  'http://127.0.0.1/../outside.txt',
  '/login/../../outside.txt',
  '/login.css/..%2f..%2foutside.txt',
  '/.rollcall/access.json',
  '/.rollcall.lock',
  '/recordings/.rollcall/access.json',
  `/${'a'.repeat(8000)}`,
  `/${'../'.repeat(2000)}outside.txt`,
  `/${'%2e%2e%2f'.repeat(800)}outside.txt`,
  '/%E2%80%AE%F0%9F%8E%A5/..%E2%88%95outside.txt',
]

async function houseWithNeighbour() {
  const parent = await temporaryFolder()
  await writeFile(join(parent, 'outside.txt'), SECRET)
  const data = join(parent, 'recordings')
  const started = await startServer({ data, thumbnails: false })
  const access = await readFile(join(data, '.rollcall/access.json'), 'utf8')
  return { ...started, parent, accessToken: JSON.parse(access).accessToken as string }
}
const names = async (folder: string) => (await readdir(folder)).sort()

describe('a URL', () => {
  it.each(WAYS_OUT)('%.60s reads nothing, with or without a token', async (url) => {
    const { port, accessToken } = await houseWithNeighbour()
    const [without, right] = [
      await get(port, url),
      await get(port, url, { Authorization: `Bearer ${accessToken}` }),
    ]
    expect([400, 401]).toContain(statusOf(without))
    expect([400, 404]).toContain(statusOf(right))
    for (const answer of [without, right]) {
      expect(answer).not.toContain(SECRET)
      expect(answer).not.toContain('root:')
      expect(answer).not.toContain(accessToken)
    }
  })

  it.each(WAYS_OUT)('%.60s of a camera makes no file outside', async (url) => {
    const { port, parent, data, server } = await houseWithNeighbour()
    const answer = await askForSocket(port, url)
    expect([101, 400]).toContain(statusOf(answer))
    await until('the camera to be gone', () => server.cameras().length === 0)
    expect(await names(parent)).toEqual(['outside.txt', 'recordings'])
    // Whether the folder takes files is tried now and then.
    const found = (await names(data)).filter((name) => name !== '.rollcall.probe')
    expect(found).toEqual(['.rollcall', '.rollcall.lock'])
  })
})

describe('a camera that names itself', () => {
  it.each([
    '../../outside',
    '/etc/cron.d/rollcall',
    'a\0b',
    '..\\..\\outside',
    '‮🎥摄像机\u0007\r\n',
    'x'.repeat(60_000),
    '<script>alert(1)</script>',
    '.',
    '-rf',
  ])('%.40s is recorded into a folder of its own', async (name) => {
    const { port, parent, data, server, lines } = await houseWithNeighbour()
    const phone = await TestPhone.connect(port, `/${encodeURIComponent(name).slice(0, 4000)}`)
    phone.text({ type: 'capabilities', deviceModel: name, sdkInt: 35 })
    phone.status('capture_started', name)
    const [folder] = await until('a folder', async () => {
      const found = await recordingsIn(data)
      return found.length > 0 && found
    })
    phone.status('capture_stopped')
    await phone.close()
    await server.close()
    expect(basename(folder!)).toMatch(/^127\.0\.0\.1_\d+_\d{8}_\d{6}$/)
    expect((await documentIn(folder!)).device.model).toBe(name)
    expect(await names(parent)).toEqual(['outside.txt', 'recordings'])
    expect((await names(data)).filter((one) => !one.startsWith('.rollcall'))).toEqual([basename(folder!)])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    for (const line of lines) expect(line).not.toMatch(/[\x00-\x1f\u202e]/)
  })
})

it.each([
  ['192.168.1.23_40312', '192.168.1.23_40312'],
  ['fe80::1%eth0_1', 'fe80--1-eth0_1'],
  ['../../etc/passwd', 'etc-passwd'],
  ['/etc/passwd', 'etc-passwd'],
  ['..', 'camera'],
  ['', 'camera'],
  ['摄像机', 'camera'],
  ['-rf', 'rf'],
  ['.hidden', 'hidden'],
  ['a\0b\nc', 'a-b-c'],
  ['C:\\Windows', 'C--Windows'],
  ['x'.repeat(10_000), 'x'.repeat(100)],
])('the camera %.40s has recordings in folders that begin with %.40s', (id, begin) => {
  const name = folderName(id, Date.UTC(2026, 0, 1))
  expect(name.slice(0, -'_20260101_000000'.length)).toBe(begin)
  expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*_\d{8}_\d{6}$/)
  expect(Buffer.byteLength(name)).toBeLessThan(255)
})
