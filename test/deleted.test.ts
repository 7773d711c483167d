/** Deleting with undo: over HTTP, over a crash, until its time is over or space is needed. */

import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { Deleted, KEEP_DELETED_MS } from '../src/library/deleted.ts'
import { temporaryFolder } from './support/folders.ts'
import { generateRecording } from './support/generated.ts'
import { ServerProcess } from './support/process.ts'
import { apiOf, startApi } from './support/requests.ts'
import { until } from './support/until.ts'

const START_MS = Date.UTC(2026, 10, 24)

/** Deletion without a server, by a clock of the test. */
async function byHand(dataDir?: string, startMs = START_MS) {
  const data = dataDir ?? (await temporaryFolder())
  const time = { ms: startMs }
  const failures: string[] = []
  const reading = new Set<string>()
  const deleted = new Deleted({
    dataDir: data,
    clock: { wallMs: () => time.ms, monotonicMs: () => time.ms },
    isReading: (id) => reading.has(id),
    onFailure: ({ message }) => failures.push(message),
  })
  onTestFinished(() => deleted.close())
  await deleted.begin()
  const kept = async () =>
    existsSync(join(data, '.rollcall/deleted')) ? readdir(join(data, '.rollcall/deleted')) : []
  return { data, time, failures, reading, deleted, kept }
}

it('takes a recording away and brings it back as it was', async () => {
  const data = await temporaryFolder()
  const id = await generateRecording(data, 1, { film: 'a film' })
  const { send, json, ask } = await startApi({ data })
  const before = await json(`/api/recordings/${id}`)
  const answer = await send('DELETE', `/api/recordings/${id}`)
  expect([answer.status, await answer.text()]).toEqual([204, ''])
  expect(existsSync(join(data, id))).toBe(false)
  expect(await json('/api/recordings')).toEqual({
    recordings: [],
    next: null,
    total: 0,
    takeCameras: {},
    cameras: [],
  })
  for (const path of ['', '/stream.mp4']) expect((await ask(`/api/recordings/${id}${path}`)).status).toBe(404)
  expect((await send('DELETE', `/api/recordings/${id}`)).status).toBe(404)
  expect(await (await send('POST', `/api/recordings/${id}/restore`)).json()).toEqual(before)
  expect(await readFile(join(data, id, 'stream.mp4'), 'utf8')).toBe('a film')
  expect((await send('POST', `/api/recordings/${id}/restore`)).status).toBe(404)
  expect((await send('POST', '/api/recordings/..%2f..%2fetc/restore')).status).toBe(404)
})

it('can be undone after the server was started anew', async () => {
  const data = await temporaryFolder()
  const id = await generateRecording(data, 1)
  const first = await startApi({ data })
  await first.send('DELETE', `/api/recordings/${id}`)
  await first.server.close()
  const second = await startApi({ data })
  await until(
    'it is known',
    async () => (await second.send('POST', `/api/recordings/${id}/restore`)).status === 200,
  )
  expect((await second.ask(`/api/recordings/${id}/stream.mp4`)).status).toBe(200)
})

it('can be undone after the server was killed, as soon as it had answered', async () => {
  const data = await temporaryFolder()
  const id = await generateRecording(data, 1, { film: 'a film' })
  const killed = await ServerProcess.start(['--data', data])
  const { send } = await apiOf({ port: killed.port, data })
  expect((await send('DELETE', `/api/recordings/${id}`)).status).toBe(204)
  killed.child.kill('SIGKILL')
  await killed.ended
  const again = await startApi({ data })
  await until(
    'it is back',
    async () => (await again.send('POST', `/api/recordings/${id}/restore`)).status === 200,
  )
  expect(await readFile(join(data, id, 'stream.mp4'), 'utf8')).toBe('a film')
})

it('gives way to nobody: another folder of its name stays', async () => {
  const data = await temporaryFolder()
  const id = await generateRecording(data, 1, { film: 'the first' })
  const { send } = await startApi({ data })
  await send('DELETE', `/api/recordings/${id}`)
  await mkdir(join(data, id))
  const refused = await send('POST', `/api/recordings/${id}/restore`)
  expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'RECORDING_EXISTS' }])
  await rename(join(data, id), join(data, 'elsewhere'))
  expect((await send('POST', `/api/recordings/${id}/restore`)).status).toBe(200)
})

it('goes for good when its time is over, also when that was counted by two servers', async () => {
  const { data, deleted, time, kept } = await byHand()
  const [one, two] = [await generateRecording(data, 1), await generateRecording(data, 2)]
  await deleted.take(one)
  time.ms += KEEP_DELETED_MS / 2
  await deleted.take(two)
  await deleted.close()
  const next = await byHand(data, time.ms + KEEP_DELETED_MS / 2 - 1)
  expect(await kept()).toHaveLength(2)
  next.time.ms += 1
  await next.deleted.purge()
  expect(await kept()).toEqual([expect.stringMatching(`\\.${two}$`)])
  await expect(next.deleted.restore(one)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await next.deleted.restore(two)
  expect(await readdir(join(data, '.rollcall/trash'))).toEqual([])
  expect(next.failures).toEqual([])
})

it('counts by the time that passes, not by a clock that is set; one from the future goes like any other', async () => {
  const { data, deleted, kept } = await byHand()
  await deleted.take(await generateRecording(data, 1))
  await deleted.close()
  const earlier = await byHand(data, START_MS - 365 * 86_400_000)
  earlier.time.ms += KEEP_DELETED_MS - 1
  await earlier.deleted.purge()
  expect(await kept()).toHaveLength(1)
  earlier.time.ms += 1
  await earlier.deleted.purge()
  expect(await kept()).toEqual([])
})

it('goes at once when space is needed, but not while somebody reads it', async () => {
  const { data, deleted, reading, kept } = await byHand()
  const [one, two] = [await generateRecording(data, 1), await generateRecording(data, 2)]
  await deleted.take(one)
  await deleted.take(two)
  reading.add(two)
  await deleted.purge({ all: true })
  expect(await kept()).toEqual([expect.stringMatching(`\\.${two}$`)])
  reading.clear()
  await deleted.purge({ all: true })
  expect(await kept()).toEqual([])
})

it('goes first when the disk is to have more free, before any recording', async () => {
  const data = await temporaryFolder()
  const id = await generateRecording(data, 1)
  const { send } = await startApi({ data, minFreeBytes: 2 ** 50 })
  await send('DELETE', `/api/recordings/${id}`)
  await until('it goes for good', async () => (await readdir(join(data, '.rollcall/deleted'))).length === 0)
  expect((await send('POST', `/api/recordings/${id}/restore`)).status).toBe(404)
})

it('finds its way after a crash at any step', async () => {
  const { data, deleted, kept } = await byHand()
  const id = await generateRecording(data, 1)
  await deleted.take(id)
  await deleted.close()
  // A crash between the two renames of a removal: the whole folder is in the trash, which a start empties.
  const [name] = await kept()
  await mkdir(join(data, '.rollcall/trash'), { recursive: true })
  await rename(join(data, '.rollcall/deleted', name!), join(data, '.rollcall/trash', name!))
  // A file that is none of ours does no harm.
  await writeFile(join(data, '.rollcall/deleted/readme'), '')
  const { json } = await startApi({ data })
  await until('the trash is empty', async () => (await readdir(join(data, '.rollcall/trash'))).length === 0)
  expect(await json('/api/recordings')).toMatchObject({ total: 0 })
})

it('follows no symbolic link', async () => {
  const outside = await temporaryFolder()
  const { data, deleted } = await byHand()
  const id = await generateRecording(data, 1)
  await mkdir(join(data, '.rollcall'), { recursive: true })
  await symlink(outside, join(data, '.rollcall/deleted'))
  await expect(deleted.take(id)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
  expect(await readdir(outside)).toEqual([])
  expect(existsSync(join(data, id))).toBe(true)
})
