/** Takes over HTTP, and the ZIP of one, which is read by others. */

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { TakesPage, TakeView } from '../src/wire/api/recordings.ts'
import { probePackets } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { generateRecording } from './support/generated.ts'
import { TestPhone } from './support/phone.ts'
import { startApi } from './support/requests.ts'
import { StreamingPhone } from './support/streaming.ts'
import { until } from './support/until.ts'
import { unzip } from './support/unzip.ts'

/** More than sockets hold. */
const BIG = 'x'.repeat(20_000_000)
const START = { bitrateMbps: 4, fps: 10 }

describe('takes', () => {
  it('are listed page by page, the newest first, with their recordings', async () => {
    const data = await temporaryFolder()
    const ids: string[][] = []
    for (let take = 0; take < 9; take += 1)
      ids.push([
        await generateRecording(data, 10 * take, { camera: 'a', take: `take_${take}`, durationMs: 1000 }),
        await generateRecording(data, 10 * take + 1, { camera: 'b', take: `take_${take}`, durationMs: 3000 }),
      ])
    await generateRecording(data, 500, { camera: 'alone' })
    const { json, ask, send } = await startApi({ data })
    const seen: TakeView[] = []
    let cursor = ''
    for (;;) {
      const page = await json<TakesPage>(`/api/takes?limit=4${cursor}`)
      seen.push(...page.takes)
      if (page.next === null) break
      cursor = `&cursor=${page.next}`
    }
    expect(seen.map(({ id }) => id)).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0].map((n) => `take_${n}`))
    expect(seen[8]).toMatchObject({
      // From its first picture to its last: the second began 61 s after the first.
      durationMs: 64_000,
      isRunning: false,
      recordings: ids[0]!.map((id) => ({ id })),
    })
    expect(await json('/api/takes/take_3')).toEqual(seen[5])
    await send('DELETE', `/api/recordings/${ids[3]![0]}`)
    expect((await json<TakeView>('/api/takes/take_3')).recordings).toMatchObject([{ id: ids[3]![1] }])
    await send('DELETE', `/api/recordings/${ids[3]![1]}`)
    for (const path of ['/api/takes/take_3', '/api/takes/take_3.zip', '/api/takes/..%2f', '/api/takes/none'])
      expect([path, (await ask(path)).status]).toEqual([path, 404])
    expect((await ask('/api/takes?cursor=abc')).status).toBe(400)
  })

  it('show the running one before and while its cameras record, and give it as it stands', async () => {
    const { server, port, json, ask } = await startApi()
    server.room.start(START)
    const running = server.room.takeId()!
    expect(await json<TakesPage>('/api/takes')).toMatchObject({
      takes: [{ id: running, isRunning: true, recordings: [], startedAtMs: expect.any(Number) }],
    })
    const phones = [await StreamingPhone.connect(port), await StreamingPhone.connect(port)]
    for (const { phone } of phones) await phone.command('start_capture')
    for (const phone of phones) phone.start()
    await until('both have pictures on the disk', async () => {
      const { recordings } = await json<TakeView>(`/api/takes/${running}`)
      return (
        recordings.length === 2 && recordings.every(({ bytes, pictures }) => bytes > 20_000 && pictures > 40)
      )
    })
    const growing = await unzip(Buffer.from(await (await ask(`/api/takes/${running}.zip`)).arrayBuffer()))
    const films = [...growing].filter(([name]) => name.endsWith('/stream.mp4'))
    expect(films).toHaveLength(2)
    for (const [, bytes] of films) {
      const file = join(await temporaryFolder(), 'growing.mp4')
      await writeFile(file, bytes)
      expect((await probePackets(file)).length).toBeGreaterThan(10)
    }
    server.room.stop()
    for (const phone of phones) phone.stop()
    await until('the end', async () => {
      const { recordings, isRunning } = await json<TakeView>(`/api/takes/${running}`)
      return !isRunning && recordings.every(({ state }) => state === 'closed')
    })
    for (const { phone } of phones) await phone.close()
  })
})

describe('the ZIP of a take', () => {
  it('holds every file of every recording, byte for byte, and says how long it is', async () => {
    const data = await temporaryFolder()
    const ids = [
      await generateRecording(data, 1, { camera: 'a', take: 'take_1', film: 'film '.repeat(200_000) }),
      await generateRecording(data, 2, { camera: 'b', take: 'take_1', film: '' }),
    ]
    await generateRecording(data, 3, { camera: 'c', take: 'take_2' })
    const secret = join(await temporaryFolder(), 'secret')
    await writeFile(secret, 'secret')
    await symlink(secret, join(data, ids[0]!, 'stream.2.mp4'))
    await writeFile(join(data, ids[0]!, 'private.txt'), 'secret')
    const { ask } = await startApi({ data })
    const answer = await ask('/api/takes/take_1.zip')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip'])
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="take_1\.zip"/)
    const bytes = Buffer.from(await answer.arrayBuffer())
    expect(answer.headers.get('content-length')).toBe(String(bytes.length))
    const head = await ask('/api/takes/take_1.zip', { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe(String(bytes.length))
    const files = await unzip(bytes)
    const expected = ids.flatMap((id) => [`${id}/recording.json`, `${id}/stream.mp4`])
    expect([...files.keys()].sort()).toEqual(expected.sort())
    for (const [name, content] of files)
      expect(content.equals(await readFile(join(data, name))), name).toBe(true)
    const file = join(await temporaryFolder(), 'take.zip')
    await writeFile(file, bytes)
    const { stdout } = await promisify(execFile)('python3', ['-m', 'zipfile', '-t', file])
    expect(stdout).toContain('Done testing')
  })

  it('comes whole when the take stops meanwhile', async () => {
    const { data, port, ask, server } = await startApi({ stopWaitMs: 0 })
    server.room.start(START)
    const take = server.room.takeId()!
    const phone = await StreamingPhone.connect(port)
    await phone.phone.command('start_capture')
    phone.start({ pictures: 100 })
    const folder = await until('the folder', async () => (await recordingsIn(data))[0])
    // More than sockets hold lies ahead of what is read last.
    await writeFile(join(folder, 'stream.2.mp4'), BIG)
    await until('its first recording.json', () => existsSync(join(folder, 'recording.json')))
    const answer = await ask(`/api/takes/${take}.zip`)
    const reader = answer.body!.getReader()
    const pieces = [(await reader.read()).value!]
    server.room.stop()
    phone.stop()
    await until('it is closed', async () => (await documentIn(folder)).state === 'closed')
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) pieces.push(piece.value)
    const files = await unzip(Buffer.concat(pieces))
    expect(JSON.parse(String(files.get(`${basename(folder)}/recording.json`))).state).toBe('recording')
    await phone.phone.close()
  })

  it('comes whole when a recording is deleted meanwhile', async () => {
    const data = await temporaryFolder()
    const ids = [1, 2].map((n) => generateRecording(data, n, { take: 'take_1', film: BIG }))
    const [, last] = await Promise.all(ids)
    const api = await startApi({ data })
    const answer = await api.ask('/api/takes/take_1.zip')
    const reader = answer.body!.getReader()
    const pieces = [(await reader.read()).value!]
    expect((await api.send('DELETE', `/api/recordings/${last}`)).status).toBe(204)
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) pieces.push(piece.value)
    const files = await unzip(Buffer.concat(pieces))
    expect(files.get(`${last}/stream.mp4`)?.toString() === BIG).toBe(true)
  })

  it('stops when the client goes', async () => {
    const data = await temporaryFolder()
    const ids = await Promise.all(
      [1, 2].map((n) => generateRecording(data, n, { take: 'take_1', film: BIG })),
    )
    const { ask } = await startApi({ data })
    const [zip, file] = [new AbortController(), new AbortController()]
    const answers = [
      await ask('/api/takes/take_1.zip', { signal: zip.signal }),
      await ask(`/api/recordings/${ids[1]}/stream.mp4`, { signal: file.signal }),
    ]
    for (const { body } of answers) await body!.getReader().read()
    expect(await openFilesIn(data)).not.toEqual([])
    zip.abort()
    file.abort()
    await until('no file is open any more', async () => (await openFilesIn(data)).length === 0)
  })
})

it('what many began to read and left at once is removed like any other', async () => {
  const { data, port, server } = await startApi({ keepBytes: 1000 })
  const id = await generateRecording(data, 1, { film: BIG })
  const head = `GET /api/recordings/${id}/stream.mp4 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${server.accessToken}\r\n\r\n`
  for (let i = 0; i < 100; i += 1) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(head)
    // Gone before the answer, as it begins, or in its middle.
    await sleep((i % 10) / 3)
    socket.destroy()
  }
  await recordAndEnd(port)
  await until('it goes', () => !existsSync(join(data, id)))
})

it('what somebody reads is not removed; it goes when they have done', async () => {
  const { data, port, ask } = await startApi({ keepBytes: 1000 })
  const id = await generateRecording(data, 1, { film: BIG })
  const other = await generateRecording(data, 2, { film: BIG })
  const answer = await ask(`/api/recordings/${id}/stream.mp4`)
  const reader = answer.body!.getReader()
  let bytes = (await reader.read()).value!.length
  await recordAndEnd(port)
  await until('the other one goes', () => !existsSync(join(data, other)))
  expect(existsSync(join(data, id, 'stream.mp4'))).toBe(true)
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) bytes += piece.value.length
  expect(bytes).toBe(BIG.length)
  await recordAndEnd(port)
  await until('it goes as well', () => !existsSync(join(data, id)))
})

/** Retention looks after each recording that ends. */
async function recordAndEnd(port: number): Promise<void> {
  const phone = await TestPhone.connect(port)
  phone.status('capture_started')
  phone.status('capture_stopped')
  await phone.acknowledged()
  await phone.close()
}

/** Files of this process below a folder: the server runs in it. Its lock stays open. */
async function openFilesIn(data: string): Promise<string[]> {
  const links = await readdir('/proc/self/fd')
  const paths = await Promise.all(links.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  return paths.filter((path) => path.startsWith(data) && path.endsWith('.mp4'))
}
