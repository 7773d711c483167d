/** /metrics of a real server, under real phones, read by a strict reader. */

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { sampleOf, scrape } from './support/exposition.ts'
import { testPictures } from './support/ffmpeg.ts'
import { temporaryFolder } from './support/folders.ts'
import { keepRecording } from './support/kept.ts'
import { TestPhone } from './support/phone.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

const DOCUMENT = fileURLToPath(new URL('../docs/metrics.md', import.meta.url))

it('is what docs/metrics.md lists: every metric with its type, labels and meaning, and no other', async () => {
  const { port, server } = await startServer({ thumbnails: false })
  const families = await scrape(port, server.accessToken)
  const labels = (samples: Map<string, number>) => {
    const found = [...samples.keys()].map((series) => /\{(\w+)="([^"]*)"\}/.exec(series))
    const names = new Set(found.map((match) => match?.[1]).filter((name) => name && name !== 'le'))
    return [...names].map((name) => {
      const values = found.filter((match) => match?.[1] === name).map((match) => `\`${match![2]}\``)
      return `\`${name}\`: ${values.join(', ')}`
    })
  }
  const rows = [...families].map(
    ([name, { type, help, samples }]) => `| \`${name}\` | ${type} | ${labels(samples).join()} | ${help} |`,
  )
  const text = await readFile(DOCUMENT, 'utf8')
  expect(text.match(/^\| `rollcall_.*$/gm)?.sort()).toEqual(rows.sort())
  for (const name of families.keys()) expect(name).toMatch(/^rollcall_[a-z0-9_]+$/)
})

it('counts what came and what became of it, while a recording runs and after, and never counts back', async () => {
  const { port, server } = await startServer({ thumbnails: false })
  const phone = await TestPhone.connect(port)
  const pictures = await testPictures(40)
  const bytes = pictures.reduce((sum, { length }) => sum + length, 0)
  const read = async () => {
    await phone.acknowledged()
    return scrape(port, server.accessToken)
  }

  expect(sampleOf(await read(), 'cameras{state="ready"}')).toBe(1)
  phone.binary(Buffer.from('no frame packet'))
  phone.status('capture_started')
  // One is lost; another comes late.
  const order = [...pictures.keys()].filter((i) => i !== 20 && i !== 30)
  order.splice(order.indexOf(33) + 1, 0, 30)
  for (const i of order) phone.packet(1000 + i * 100, pictures[i]!, i)
  await until(
    'a fragment on the disk',
    async () => sampleOf(await scrape(port, server.accessToken), 'written_bytes_total') > 0,
  )
  const during = await read()
  const counts = {
    connections: 1,
    open_recordings: 1,
    'cameras{state="recording"}': 1,
    'cameras{state="ready"}': 0,
    packets_total: 39,
    received_bytes_total: bytes - pictures[20]!.length,
    pictures_total: 39,
    pictures_missing_total: 2,
    pictures_late_total: 1,
    malformed_total: 1,
    'recordings_ended_total{state="closed"}': 0,
  }
  for (const [series, value] of Object.entries(counts))
    expect([series, sampleOf(during, series)]).toEqual([series, value])
  expect(sampleOf(during, 'fragment_write_seconds_count')).toBeGreaterThan(0)
  expect(sampleOf(during, 'recording_left_hours')).toBeGreaterThan(0)
  expect(sampleOf(during, 'free_bytes')).toBeGreaterThan(0)
  await until(
    'a sync',
    async () => sampleOf(await scrape(port, server.accessToken), 'sync_seconds_count') > 0,
  )

  phone.status('capture_stopped')
  // Nothing is open for these.
  for (const [i, picture] of pictures.slice(0, 5).entries()) phone.packet(9000 + i * 100, picture, 1 + i)
  await until(
    'an end',
    async () =>
      sampleOf(await scrape(port, server.accessToken), 'recordings_ended_total{state="closed"}') === 1,
  )
  await phone.close()
  await until('nobody', () => server.cameras().length === 0)
  await until(
    'the last recorder gone',
    async () => sampleOf(await scrape(port, server.accessToken), 'connections') === 0,
  )
  const after = await scrape(port, server.accessToken)
  const dropped = sampleOf(after, 'pictures_dropped_total{cause="no_recording"}')
  expect(dropped).toBeGreaterThan(0)
  expect(sampleOf(after, 'pictures_total')).toBe(39 + dropped)
  for (const [name, { type, samples }] of during)
    if (type === 'counter')
      for (const [series, value] of samples)
        expect(after.get(name)!.samples.get(series), series).toBeGreaterThanOrEqual(value)
})

it('counts the recordings that a crash had left, and those that retention removed', async () => {
  const data = await temporaryFolder()
  const day = 86_400_000
  const old = await keepRecording(data, '192.0.2.7_1_20200101_000000', {
    endedAtMs: Date.now() - 9 * day,
    bytes: 5000,
  })
  await keepRecording(data, '192.0.2.7_2_20200101_000000', { endedAtMs: Date.now() - 6 * day })
  // Cut off before it held anything; and one that nothing can be made of, since a folder lies where a file belongs.
  await mkdir(join(data, '192.0.2.7_3_20200101_000000'))
  await writeFile(join(data, '192.0.2.7_3_20200101_000000', 'frames.csv'), '')
  await mkdir(join(data, '192.0.2.7_4_20200101_000000', 'frames.csv'), { recursive: true })
  const { port, lines, server } = await startServer({ data, thumbnails: false, keepDays: 7 })
  await server.recovered
  await until('a removal', () => lines.some((line) => line.includes('removed')))
  const families = await scrape(port, server.accessToken)
  expect(sampleOf(families, 'recoveries_total{result="recovered"}')).toBe(1)
  expect(sampleOf(families, 'recoveries_total{result="failed"}')).toBe(1)
  expect(sampleOf(families, 'retention_removed_total{reason="keepDays"}')).toBe(1)
  expect(sampleOf(families, 'retention_removed_bytes_total{reason="keepDays"}')).toBeGreaterThan(5000)
  expect(lines.filter((line) => line.includes('removed'))).toEqual([
    expect.stringMatching(
      /^\d\d:\d\d:\d\d recording 192\.0\.2\.7_1_20200101_000000 removed \(older than keepDays 7, bytes \d{4}\)$/,
    ),
  ])
  expect(old).toContain('_1_')
})

it('leaves out what the system does not say, and answers all the same', async () => {
  const { port, data, server } = await startServer({ thumbnails: false })
  await rename(data, `${data}-gone`)
  const families = await scrape(port, server.accessToken)
  await rename(`${data}-gone`, data)
  for (const name of ['free_bytes', 'recording_left_hours'])
    expect(families.get(`rollcall_${name}`)!.samples.size).toBe(0)
  expect(sampleOf(families, 'connections')).toBe(0)
})

it('shows a name that a phone gives itself nowhere', async () => {
  const { port, server } = await startServer({ thumbnails: false })
  const phone = await TestPhone.connect(port)
  phone.text({ type: 'capabilities', deviceModel: 'x"} 1\nrollcall_x 2', resolutions: [] })
  await phone.acknowledged()
  const families = await scrape(port, server.accessToken)
  expect(families.has('rollcall_x')).toBe(false)
  expect(JSON.stringify([...families.values()].map(({ samples }) => [...samples]))).not.toContain('127.0.0.1')
})
