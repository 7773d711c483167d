/** The list of recordings over HTTP: filters, order, pages, changes, folders that people move, restarts. */

import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RecordingSummary, RecordingsPage } from '../src/wire/api/recordings.ts'
import { temporaryFolder } from './support/folders.ts'
import { generateRecording, generateRecordings } from './support/generated.ts'
import { TestPhone } from './support/phone.ts'
import { apiOf, startApi } from './support/requests.ts'
import { startServer } from './support/server.ts'
import { StreamingPhone } from './support/streaming.ts'
import { until } from './support/until.ts'

const idsOf = ({ recordings }: RecordingsPage) => recordings.map(({ id }) => id)

describe('the list', () => {
  it('is filtered by every field, sorted, and tells how many match', async () => {
    const data = await temporaryFolder()
    const make = (index: number, facts: Parameters<typeof generateRecording>[2]) =>
      generateRecording(data, index, facts)
    const [one, two, three, four] = [
      await make(1, { camera: 'a', model: 'Pixel 6a', take: 'take_1', durationMs: 5000, film: '12345' }),
      await make(2, { camera: 'a', model: 'ESP32', take: 'take_2', durationMs: 9000, film: '1' }),
      await make(3, {
        camera: 'b',
        model: 'Pixel 9',
        take: 'take_1',
        durationMs: 1000,
        film: '1'.repeat(5000),
      }),
      await make(4, { camera: 'c', state: 'failed', durationMs: 9000, film: '1'.repeat(99) }),
    ]
    const { json, send } = await startApi({ data })
    await send('PATCH', `/api/recordings/${two}`, { title: 'Straße am Abend', star: true })
    await send('PATCH', `/api/recordings/${three}`, { note: 'second VIOLIN' })
    const list = (query: string) => json<RecordingsPage>(`/api/recordings?${query}`)
    const startOf = async (id: string) => (await json<RecordingSummary>(`/api/recordings/${id}`)).startedAtMs
    for (const [query, ids] of [
      ['', [four, three, two, one]],
      ['sort=oldest', [one, two, three, four]],
      ['sort=longest', [two, four, one, three]],
      ['sort=largest', [three, four, one, two]],
      ['camera=a', [two, one]],
      ['camera=Pixel%206a%20a', [one]],
      ['take=take_1', [three, one]],
      ['state=failed', [four]],
      ['state=recording', []],
      ['star=true', [two]],
      ['star=false', [four, three, one]],
      [`from=${await startOf(two)}&to=${await startOf(four)}`, [three, two]],
      ['text=pixel', [three, one]],
      ['text=pixel%209', [three]],
      ['text=VIOLIN+second', [three]],
      ['text=stra%C3%9Fe', [two]],
      ['text=take_2', [two]],
      ['text=2026-01-05', [four, three, two, one]],
      ['text=2026-01-06', []],
      ['text=%EF%BC%B0ixel%206a', [one]],
      [`text=${one}`, [one]],
      ['text=%20', [four, three, two, one]],
      ['text=nothing', []],
      ['camera=a&text=pixel&state=closed', [one]],
    ] as const) {
      const page = await list(query)
      expect([query, idsOf(page), page.total, page.next]).toEqual([query, ids, ids.length, null])
    }
    const first = await list('limit=1&sort=oldest&camera=a')
    expect([first.total, first.cameras]).toEqual([2, ['ESP32 a', 'Pixel 6a a', 'Pixel 9 b', 'c']])
  })

  it('refuses what is not allowed, and says what is', async () => {
    const { ask, json } = await startApi()
    for (const [query, said] of [
      ['sort=best', 'sort: '],
      ['limit=0', 'limit: '],
      ['limit=501', 'limit: '],
      ['state=open', 'state: '],
      ['star=perhaps', 'star: '],
      ['from=yesterday', 'from: '],
      [`text=${'a'.repeat(201)}`, 'text: '],
      ['cursor=abc', 'cursor: '],
      [`cursor=${Buffer.from('["oldest",1,"a"]').toString('base64url')}`, 'cursor: '],
    ] as const) {
      expect([query, (await ask(`/api/recordings?${query}`)).status]).toEqual([query, 400])
      expect(await json(`/api/recordings?${query}`)).toEqual({
        code: 'REQUEST_INVALID',
        message: expect.stringContaining(said),
      })
    }
  })

  it('gives each recording once, page by page, while others come and go', async () => {
    const data = await temporaryFolder()
    const ids = await generateRecordings(data, 60)
    const { json, send } = await startApi({ data })
    for (const sort of ['newest', 'oldest', 'longest', 'largest']) {
      const seen: string[] = []
      let cursor = ''
      for (let n = 0; n < 20; n += 1) {
        const page = await json<RecordingsPage>(`/api/recordings?limit=7&sort=${sort}${cursor}`)
        seen.push(...idsOf(page))
        if (page.next === null) break
        cursor = `&cursor=${page.next}`
        // One comes, and the last one that was seen goes.
        await generateRecording(data, 1000 + n, { camera: `${sort}-new` })
        if (n === 2) await send('DELETE', `/api/recordings/${seen.at(-1)}`)
        if (n === 3) await send('POST', `/api/recordings/${seen[20]}/restore`)
      }
      const ours = seen.filter((id) => ids.includes(id))
      expect([sort, ours.length, new Set(seen).size]).toEqual([sort, 60, seen.length])
    }
  })

  it('is right with thousands of folders, and after a restart', async () => {
    const data = await temporaryFolder()
    const ids = await generateRecordings(data, 2000)
    const first = await startApi({ data })
    const page = await first.json<RecordingsPage>('/api/recordings?limit=500')
    expect(page.total).toBe(2000)
    expect(idsOf(page)).toEqual(ids.slice(-500).reverse())
    await first.send('PATCH', `/api/recordings/${ids[0]}`, { title: 'the first', star: true })
    await first.server.close()
    await rm(join(data, ids[1]!), { recursive: true })
    const second = await startApi({ data })
    const oldest = await second.json<RecordingsPage>('/api/recordings?sort=oldest&limit=2')
    expect([oldest.total, idsOf(oldest)]).toEqual([1999, [ids[0], ids[2]]])
    expect(oldest.recordings[0]).toMatchObject({ title: 'the first', star: true })
  })
})

describe('folders that people change by hand', () => {
  it('are right in the next answer: removed, renamed, added', async () => {
    const data = await temporaryFolder()
    const ids = await generateRecordings(data, 10)
    const { json, ask } = await startApi({ data })
    const list = async () => idsOf(await json<RecordingsPage>('/api/recordings?sort=oldest'))
    expect(await list()).toEqual(ids)
    await rm(join(data, ids[0]!), { recursive: true })
    expect(await list()).toEqual(ids.slice(1))
    expect((await ask(`/api/recordings/${ids[0]}`)).status).toBe(404)
    await rename(join(data, ids[1]!), join(data, 'kept by hand'))
    expect(await list()).toEqual(ids.slice(2))
    await rename(join(data, 'kept by hand'), join(data, ids[1]!))
    const added = await generateRecording(data, 50)
    expect(await list()).toEqual([...ids.slice(1), added])
  })

  it('are read again when something in them has changed', async () => {
    const data = await temporaryFolder()
    const id = await generateRecording(data, 1)
    const { json } = await startApi({ data })
    const find = () => json<RecordingSummary>(`/api/recordings/${id}`)
    expect(await find()).toMatchObject({ star: false, title: null, hasThumbnail: false, hasRaw: false })
    await writeFile(join(data, id, 'starred'), '')
    await writeFile(join(data, id, 'notes.json'), '{"title": "by hand"}')
    await writeFile(join(data, id, 'thumbnail.jpg'), 'a picture')
    expect(await find()).toMatchObject({ star: true, title: 'by hand', note: null, hasThumbnail: true })
    await writeFile(join(data, id, '.new'), 'half of a')
    await rename(join(data, id, '.new'), join(data, id, 'notes.json'))
    expect(await find()).toMatchObject({ star: true, title: null })
  })

  it('that are none of ours, or broken, are not listed and break nothing', async () => {
    const data = await temporaryFolder()
    const id = await generateRecording(data, 1)
    const broken = await generateRecording(data, 2)
    await mkdir(join(data, 'photos'))
    await writeFile(join(data, 'b_20260101_000000'), 'a file')
    const { json, ask } = await startApi({ data })
    await writeFile(join(data, broken, 'recording.json'), '{"version": 1')
    await writeFile(join(data, broken, 'touched'), '')
    expect((await ask(`/api/recordings/${broken}`)).status).toBe(404)
    expect(idsOf(await json<RecordingsPage>('/api/recordings'))).toEqual([id])
  })
})

describe('a change', () => {
  it('is kept in the folder, by itself and whole', async () => {
    const data = await temporaryFolder()
    const id = await generateRecording(data, 1)
    const { send, server } = await startApi({ data })
    const patch = async (body: unknown) => (await send('PATCH', `/api/recordings/${id}`, body)).json()
    expect(await patch({ title: '  Cello  ' })).toMatchObject({ id, title: 'Cello', note: null, star: false })
    expect(await patch({ note: 'bar 12\ntoo fast', star: true })).toMatchObject({
      title: 'Cello',
      star: true,
    })
    expect(JSON.parse(await readFile(join(data, id, 'notes.json'), 'utf8'))).toEqual({
      title: 'Cello',
      note: 'bar 12\ntoo fast',
    })
    expect((await stat(join(data, id, 'starred'))).size).toBe(0)
    expect(await patch({ title: '', star: false })).toMatchObject({ title: null, star: false })
    expect(await patch({})).toMatchObject({ note: 'bar 12\ntoo fast' })
    const both = await Promise.all(
      [...Array(20)].map((_, i) => patch({ [i % 2 ? 'title' : 'note']: `${i}` })),
    )
    expect(both.at(-1)).toMatchObject({ title: '19', note: '18' })
    await server.close()
    expect((await readdir(join(data, id))).filter((name) => name.startsWith('.'))).toEqual([])
    const again = await apiOf(await startServer({ data }))
    expect(await again.json(`/api/recordings/${id}`)).toMatchObject({ title: '19', note: '18', star: false })
  })

  it('that the disk refuses says so, and one without a body needs none', async () => {
    const data = await temporaryFolder()
    const id = await generateRecording(data, 1)
    const { ask, send } = await startApi({ data })
    await mkdir(join(data, id, 'notes.json'))
    const refused = await send('PATCH', `/api/recordings/${id}`, { title: 'Dawn' })
    expect(refused.status).toBe(507)
    expect(await refused.json()).toMatchObject({ code: 'STORAGE_FAILED' })
    const init = { method: 'DELETE', headers: { 'content-type': 'application/json' } }
    expect((await ask(`/api/recordings/${id}`, init)).status).toBe(204)
  })

  it('is refused when it is wrong, when there is no such recording, and with the watch token', async () => {
    const data = await temporaryFolder()
    const id = await generateRecording(data, 1)
    const { send, askAsWatcher } = await startApi({ data })
    for (const body of [
      { title: 5 },
      { title: 'a'.repeat(201) },
      { star: 'yes' },
      { id: 'b' },
      [],
      'text',
      null,
    ]) {
      const answer = await send('PATCH', `/api/recordings/${id}`, body)
      expect([body, answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        body,
        400,
        'REQUEST_INVALID',
      ])
    }
    for (const [method, end] of [
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/restore'],
    ] as const) {
      const body = method === 'PATCH' ? { title: 'a' } : undefined
      expect((await send(method, `/api/recordings/none_20260101_000000${end}`, body)).status).toBe(404)
      expect((await askAsWatcher(`/api/recordings/${id}${end}`, { method })).status).toBe(403)
    }
    expect((await askAsWatcher(`/api/recordings/${id}`)).status).toBe(200)
    expect(await readdir(join(data, id))).toEqual(['recording.json', 'stream.mp4'])
  })
})

describe('a recording that is open', () => {
  it('is listed with the figures of now, and then as it was closed', async () => {
    const { port, json, ask, send, server } = await startApi()
    const phone = await StreamingPhone.connect(port)
    phone.start()
    const find = async () => (await json<RecordingsPage>('/api/recordings')).recordings[0]
    const open = await until('pictures', async () => {
      const found = await find()
      return found && found.pictures > 20 && found.bytes > 0 && found
    })
    expect(open).toMatchObject({
      state: 'recording',
      camera: phone.phone.id,
      model: 'Pixel 6a',
      endedAtMs: null,
    })
    expect(await json(`/api/recordings/${open.id}`)).toMatchObject({ state: 'recording' })
    const refused = await send('DELETE', `/api/recordings/${open.id}`)
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'RECORDING_OPEN' }])
    expect((await send('PATCH', `/api/recordings/${open.id}`, { title: 'running' })).status).toBe(200)
    phone.stop()
    const closed = await until('the end', async () => {
      const found = await find()
      return found?.state === 'closed' && found
    })
    expect(closed).toMatchObject({
      pictures: phone.sent.length - 1,
      missing: 0,
      width: 160,
      title: 'running',
    })
    const film = await (await ask(`/api/recordings/${closed.id}/stream.mp4`)).arrayBuffer()
    expect(film.byteLength).toBeLessThan(closed.bytes)
    await phone.phone.close()
    await server.close()
  })

  it('tells whoever listens of each step, and not of what was there before', async () => {
    const before = await temporaryFolder()
    await generateRecordings(before, 20)
    const { port, send, server, data, json } = await startApi({ data: before })
    const events: string[] = []
    server.library.events.on('changed', ({ state, title }) => events.push(`${state} ${title}`))
    server.library.events.on('gone', () => events.push('gone'))
    await json('/api/recordings')
    expect(events).toEqual([])
    const phone = await TestPhone.connect(port)
    phone.status('capture_started')
    await until('the beginning', () => events.includes('recording null'))
    phone.status('capture_stopped')
    await until('the end', () => events.includes('closed null'))
    const [id] = (await readdir(data)).filter((name) => name.startsWith(phone.id))
    await send('PATCH', `/api/recordings/${id}`, { title: 'a' })
    await send('DELETE', `/api/recordings/${id}`)
    await send('POST', `/api/recordings/${id}/restore`)
    expect(events.slice(-4)).toEqual(['closed null', 'closed a', 'gone', 'closed a'])
    await phone.close()
  })
})
