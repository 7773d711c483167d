/** Files of recordings over HTTP, compared with the bytes on the disk. */

import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { RecordingSummary, RecordingsPage } from '../src/wire/api/recordings.ts'
import { probePackets } from './support/ffmpeg.ts'
import { temporaryFolder } from './support/folders.ts'
import { generateRecording } from './support/generated.ts'
import { get, statusOf } from './support/raw-http.ts'
import { startApi } from './support/requests.ts'
import { StreamingPhone } from './support/streaming.ts'
import { until } from './support/until.ts'

const FILM = Array.from({ length: 10_000 }, (_, i) => String.fromCharCode(33 + (i % 90))).join('')

async function withFilm() {
  const data = await temporaryFolder()
  const id = await generateRecording(data, 1, { film: FILM, model: 'Pixel 6a' })
  const api = await startApi({ data })
  const path = `/api/recordings/${id}/stream.mp4`
  const range = (value: string, headers: Record<string, string> = {}, method = 'GET') =>
    api.ask(path, { method, headers: { range: value, ...headers } })
  return { ...api, id, path, range }
}

describe('Range', () => {
  it('gives the bytes of the file, whichever way they are asked for', async () => {
    const { range } = await withFilm()
    for (const [header, first, last] of [
      ['bytes=0-0', 0, 0],
      ['bytes=0-', 0, 9999],
      ['bytes=100-199', 100, 199],
      ['bytes=4090-4100', 4090, 4100],
      ['bytes=5000-', 5000, 9999],
      ['bytes=9999-', 9999, 9999],
      ['bytes=9000-123456', 9000, 9999],
      ['bytes=-1', 9999, 9999],
      ['bytes=-500', 9500, 9999],
      ['bytes=-99999', 0, 9999],
      ['Bytes=7-9', 7, 9],
    ] as const) {
      const answer = await range(header)
      expect([header, answer.status, answer.headers.get('content-range')]).toEqual([
        header,
        206,
        `bytes ${first}-${last}/10000`,
      ])
      expect(answer.headers.get('content-length')).toBe(String(last - first + 1))
      expect(await answer.text()).toBe(FILM.slice(first, last + 1))
    }
  })

  it('is refused behind the end, and ignored when it makes no sense', async () => {
    const { range } = await withFilm()
    for (const header of ['bytes=10000-', 'bytes=10000-10001', 'bytes=-0']) {
      const answer = await range(header)
      expect([header, answer.status, answer.headers.get('content-range')]).toEqual([
        header,
        416,
        'bytes */10000',
      ])
      expect(await answer.json()).toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' })
    }
    for (const header of [
      'bytes=9-3',
      'bytes=',
      'bytes=-',
      'lines=1-2',
      'bytes=a-b',
      'bytes=0-1,5-6',
      '0-1',
    ]) {
      const answer = await range(header)
      expect([header, answer.status, await answer.text()]).toEqual([header, 200, FILM])
    }
  })

  it('counts with If-Range only while the file is the same', async () => {
    const { range, ask, path, data, id } = await withFilm()
    const whole = await ask(path, { method: 'HEAD' })
    const etag = whole.headers.get('etag')!
    expect(etag).toMatch(/^"[^"]+"$/)
    expect((await range('bytes=1-2', { 'if-range': etag })).status).toBe(206)
    for (const other of [`W/${etag}`, '"other"', whole.headers.get('last-modified')!])
      expect([other, (await range('bytes=1-2', { 'if-range': other })).status]).toEqual([other, 200])
    await writeFile(join(data, id, 'stream.mp4'), `${FILM}more`)
    const answer = await range('bytes=1-2', { 'if-range': etag })
    expect([answer.status, await answer.text()]).toEqual([200, `${FILM}more`])
  })
})

describe('a file', () => {
  it('is not sent again while it is the same', async () => {
    const { ask, path } = await withFilm()
    const { headers } = await ask(path)
    const [etag, modified] = [headers.get('etag')!, headers.get('last-modified')!]
    for (const condition of [
      { 'if-none-match': etag },
      { 'if-none-match': `"a", W/${etag}` },
      { 'if-none-match': '*' },
      { 'if-modified-since': modified },
    ]) {
      const answer = await ask(path, { headers: condition })
      expect([condition, answer.status, await answer.text()]).toEqual([condition, 304, ''])
    }
    for (const condition of [
      { 'if-none-match': '"a"' },
      { 'if-none-match': '"a"', 'if-modified-since': modified },
      { 'if-modified-since': 'yesterday' },
      { 'if-modified-since': new Date(0).toUTCString() },
    ])
      expect([condition, (await ask(path, { headers: condition })).status]).toEqual([condition, 200])
  })

  it('is refused when it is to be another one; HEAD knows no Range', async () => {
    const { ask, path, range } = await withFilm()
    const first = await ask(path)
    const etag = first.headers.get('etag')!
    await first.arrayBuffer()
    const modified = first.headers.get('last-modified')!
    for (const [headers, status] of [
      [{ 'if-match': etag }, 200],
      [{ 'if-match': `"other", ${etag}` }, 200],
      [{ 'if-match': '*' }, 200],
      [{ 'if-match': '"other"' }, 412],
      [{ 'if-unmodified-since': modified }, 200],
      [{ 'if-unmodified-since': new Date(0).toUTCString() }, 412],
    ] as [Record<string, string>, number][])
      expect([headers, (await ask(path, { headers })).status]).toEqual([headers, status])
    const head = await range('bytes=0-9', {}, 'HEAD')
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(FILM.length)])
  })

  it('comes with its type and the headers of every answer; HEAD says the same', async () => {
    const { ask, id, data } = await withFilm()
    await writeFile(join(data, id, 'thumbnail.jpg'), 'a picture')
    await writeFile(join(data, id, 'frames.csv'), 'sequence\n')
    await writeFile(join(data, id, 'stream.h264'), 'raw')
    await writeFile(join(data, id, 'stream.2.mp4'), '')
    await writeFile(join(data, id, 'stream.h264.mp4'), 'a film')
    for (const [file, type] of [
      ['stream.mp4', 'video/mp4'],
      ['stream.2.mp4', 'video/mp4'],
      ['stream.h264', 'video/h264'],
      ['stream.h264.mp4', 'video/mp4'],
      ['frames.csv', 'text/csv; charset=utf-8'],
      ['thumbnail.jpg', 'image/jpeg'],
      ['recording.json', 'application/json; charset=utf-8'],
    ] as const) {
      const answer = await ask(`/api/recordings/${id}/${file}`)
      expect([file, answer.status, answer.headers.get('content-type')]).toEqual([file, 200, type])
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'")
      const bytes = await readFile(join(data, id, file))
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes), file).toBe(true)
      const head = await ask(`/api/recordings/${id}/${file}`, { method: 'HEAD' })
      expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
        200,
        String(bytes.length),
        '',
      ])
    }
  })

  it('is saved under a name for people', async () => {
    const { ask, send, id, path } = await withFilm()
    const name = async (file = 'stream.mp4') =>
      (await ask(`/api/recordings/${id}/${file}?download`)).headers.get('content-disposition')
    expect(await name()).toMatch(/^attachment; filename="Pixel 6a \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.mp4"; /)
    expect(await name('recording.json')).toMatch(/filename="Pixel 6a [^"]+ recording\.json"/)
    await send('PATCH', `/api/recordings/${id}`, { title: '../大提琴 "solo"\r\nX: y%' })
    const told = (await name())!
    expect(told).toMatch(/; filename="[\x20-\x7e]+"; filename\*=UTF-8''[\w.!~*%-]+$/)
    expect(decodeURIComponent(told.split("''")[1]!)).toMatch(/^ ?大提琴 solo X y% \d{4}-.*\.mp4$/)
    expect((await ask(path)).headers.get('content-disposition')).toBeNull()
  })
})

describe('a film that grows', () => {
  it('plays whenever it is fetched, until it is closed and after', async () => {
    const { port, ask, json, data } = await startApi({ fragmentMs: 100 })
    const phone = await StreamingPhone.connect(port)
    phone.start()
    const recording = await until('a film', async () => {
      const [one] = (await json<RecordingsPage>('/api/recordings')).recordings
      if (!one) return undefined
      // recording.json tells of a part before its first fragment is there.
      const film = await ask(`/api/recordings/${one.id}/stream.mp4`, { method: 'HEAD' })
      return Number(film.headers.get('content-length')) > 1000 && film.ok && one
    })
    const path = `/api/recordings/${recording.id}/stream.mp4`
    const file = join(await temporaryFolder(), 'fetched.mp4')
    const fetched = async () => {
      const bytes = Buffer.from(await (await ask(path)).arrayBuffer())
      await writeFile(file, bytes)
      return { bytes, pictures: (await probePackets(file)).length }
    }
    let seen = 0
    for (let n = 0; n < 8; n += 1) {
      const { pictures } = await fetched()
      expect(pictures).toBeGreaterThanOrEqual(seen)
      seen = pictures
      // The last ones come while it is closed.
      if (n === 4) phone.stop()
    }
    await until(
      'it is closed',
      async () => (await json<RecordingSummary>(`/api/recordings/${recording.id}`)).state === 'closed',
    )
    const { bytes, pictures } = await fetched()
    expect(pictures).toBe(phone.sent.length - 1)
    expect(bytes.equals(await readFile(join(data, recording.id, 'stream.mp4')))).toBe(true)
    await phone.phone.close()
  })
})

describe('no path', () => {
  it('leads out of the data folder or to what is no file of a recording', async () => {
    const { port, data, id, ask, ...api } = await withFilm()
    const secrets = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8'))
    const authorization = `Bearer ${secrets.accessToken}`
    const outside = await temporaryFolder()
    const other = await generateRecording(outside, 3, { film: 'secret' })
    await symlink(join(outside, other), join(data, other))
    await symlink(join(outside, other, 'stream.mp4'), join(data, id, 'stream.h264'))
    await writeFile(join(data, id, 'other.txt'), 'secret')
    await mkdir(join(data, id, 'stream.3.mp4'))
    await promisify(execFile)('mkfifo', [join(data, id, 'stream.4.mp4')])
    const stamp = '_20260101_000000'
    const urls = [
      ...['/..', '/.', '/', '/../', '/%2e%2e', '//etc/passwd', '/..%2f..%2fetc%2fpasswd', '/.rollcall'].map(
        (end) => `/api/recordings${end}/stream.mp4`,
      ),
      ...[
        '..%2f..',
        '%2e%2e%2fa',
        '%2Fetc',
        'a%00b',
        '%00',
        '..%5ca',
        '%c0%ae%c0%ae%2f',
        '．．／',
        'é',
        '.a',
        'a%0a',
      ].map((name) => `/api/recordings/${encodeURI(name).replaceAll('%25', '%')}${stamp}/stream.mp4`),
      `/api/recordings/${'a'.repeat(5000)}${stamp}/stream.mp4`,
      `/api/recordings/${encodeURIComponent('录'.repeat(80))}${stamp}/stream.mp4`,
      `/api/recordings/${other}`,
      `/api/recordings/${other}/stream.mp4`,
      ...[
        'stream.h264',
        'stream.3.mp4',
        'stream.4.mp4',
        'other.txt',
        'notes.json',
        'starred',
        'stream.0.mp4',
        'stream.02.mp4',
        'STREAM.MP4',
        'stream.mp4%00',
        'stream.mp4/',
        '%2e%2e',
        '..%2f.rollcall%2faccess.json',
        'recording.json%2f..%2f..%2f.rollcall%2faccess.json',
      ].map((file) => `/api/recordings/${id}/${file}`),
    ]
    for (const url of urls) {
      const answer = await get(port, url, { Authorization: authorization })
      expect([url, statusOf(answer)]).toEqual([
        url,
        expect.toSatisfy((status) => status === 404 || status === 400),
      ])
      expect(answer).not.toContain('secret')
    }
    expect((await ask(api.path)).status).toBe(200)
  })
})
