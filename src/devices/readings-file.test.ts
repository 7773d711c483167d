import { appendFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/folders.ts'
import { csvOf, dayOf, ReadingsFile, rowsOf } from './readings-file.ts'
import { DeviceSeries, ValueBudget } from './series.ts'

it('writes an hour of a busy device as CSV without holding up others', async () => {
  const series = new DeviceSeries(new ValueBudget(1_000_000))
  const [messages, fields] = [3000, 32]
  for (let i = 0; i < messages; i += 1)
    series.add(1e12 + i, Object.fromEntries(Array.from({ length: fields }, (_, k) => [`f${k}`, i])))
  let [text, pieces, turns] = ['', 0, 0]
  const timer = setInterval(() => {
    turns += 1
  }, 0)
  for await (const piece of csvOf(series.since(0))) {
    text += piece
    pieces += 1
    expect(piece.length).toBeLessThan(100_000)
  }
  clearInterval(timer)
  expect(pieces).toBeGreaterThan(50)
  expect(turns).toBeGreaterThan(0)
  const rows = text.split('\n').slice(1, -1)
  expect(rows).toHaveLength(messages * fields)
  expect(rows.slice(31, 33).map((row) => row.split(',').slice(1))).toEqual([
    ['f31', '0'],
    ['f0', '1'],
  ])
})

it('orders by time, fields that begin late included', async () => {
  const series = new DeviceSeries(new ValueBudget(100))
  series.add(1e12 + 1, { a: 1 })
  series.add(1e12 + 2, { b: 2 })
  series.add(1e12 + 2, { a: 3 })
  series.add(1e12 + 3, { b: 4, a: 5 })
  let text = ''
  for await (const piece of csvOf(series.since(0))) text += piece
  expect(text.split('\n').map((line) => line.split(',').slice(1).join())).toEqual([
    'field,value',
    'a,1',
    'a,3',
    'b,2',
    'a,5',
    'b,4',
    '',
  ])
})

it('begins a file of its own with each day', async () => {
  const dataDir = await temporaryFolder()
  const fail = (message: string) => expect.unreachable(message)
  const file = new ReadingsFile({ dataDir, device: 'lamp', isDiskFull: () => false, onFailure: fail })
  // Local midnight.
  const atMs = new Date(2026, 10, 25).getTime()
  file.add(atMs - 1, { a: 1 })
  file.add(atMs, { a: 2 })
  await file.flush()
  file.add(atMs + 1, { a: 3 })
  await file.flush()
  const text = (day: string) => readFile(join(dataDir, 'devices/lamp', `${day}.csv`), 'utf8')
  const rows = [atMs - 1, atMs, atMs + 1].map((ms, i) => rowsOf(ms, { a: i + 1 }))
  expect(await text('20261124')).toBe(`time,field,value\n${rows[0]}`)
  expect(await text('20261125')).toBe(`time,field,value\n${rows[1]}${rows[2]}`)
})

it('writes nothing on a full disk, and goes on behind a row that was cut off', async () => {
  const dataDir = await temporaryFolder()
  const told: string[] = []
  let isFull = true
  const options = {
    dataDir,
    device: 'lamp',
    isDiskFull: () => isFull,
    onFailure: (text: string) => told.push(text),
  }
  const file = new ReadingsFile(options)
  const atMs = Date.UTC(2026, 10, 24, 12)
  file.add(atMs, { a: 1 })
  await file.flush()
  expect(told).toEqual(['the disk is full: readings were left out'])
  expect(await readdir(dataDir)).toEqual([])
  isFull = false
  file.add(atMs, { a: 2 })
  await file.flush()
  const path = join(dataDir, 'devices/lamp', `${dayOf(atMs)}.csv`)
  await appendFile(path, '2026-11-24T')
  file.add(atMs, { a: 3 })
  await file.flush()
  const rows = [2, 3].map((a) => rowsOf(atMs, { a }))
  expect(await readFile(path, 'utf8')).toBe(`time,field,value\n${rows[0]}2026-11-24T\n${rows[1]}`)
})
