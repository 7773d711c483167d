/** Devices that send numbers and JSON on `/`, on a real server. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { DeviceView, Readings } from '../src/wire/api/devices.ts'
import { documentIn, recordingsIn } from './support/folders.ts'
import { CONFIGURATION, DELTA, KEYFRAME } from './support/h264.ts'
import { TestPhone } from './support/phone.ts'
import { startApi } from './support/requests.ts'
import { until } from './support/until.ts'

it('are no cameras; their numbers are kept, and can be had as JSON and CSV', async () => {
  const { port, data, server, lines, json, ask } = await startApi({
    helloMs: 500,
    deviceMessagesPerSecond: 25,
  })
  const connect = async (query = '') => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/${query}`)
    await new Promise((resolve) => socket.once('open', resolve))
    onTestFinished(() => socket.terminate())
    return socket
  }
  const devices = async () => (await json<{ devices: DeviceView[] }>('/api/devices')).devices
  const board = await connect()
  board.send('42')
  await until('a device', async () => (await devices()).length === 1)
  board.send(' 7 ')
  board.send('{"temperature":21.5,"air":{"humidity":40},"name":"x","on":true}')
  board.send('what is this')
  board.send(Buffer.from('what is this'))
  board.send('[1,2')
  const said = await until('all of it', async () => (await devices()).find(({ messages }) => messages === 6))
  expect(said).toMatchObject({
    id: '127.0.0.1',
    isConnected: true,
    unknown: 3,
    leftOut: 0,
    latest: { value: 7, temperature: 21.5, 'air.humidity': 40 },
  })
  expect(server.cameras()).toEqual([])
  expect(lines).toContainEqual(expect.stringMatching(/ device 127\.0\.0\.1 connected \(\/\)$/))
  expect(lines).toContainEqual(expect.stringMatching(/^\d\d:\d\d:\d\d device 127\.0\.0\.1 says: 42$/))
  expect(lines.filter((line) => line.includes('no frame packet'))).toHaveLength(1)

  // A second one of the address, and one that says who it is; that one says too much.
  const second = await connect()
  second.send('{"a":1}')
  const named = await connect('?id=lamp')
  for (let i = 0; i < 90; i += 1) named.send(String(i))
  await until('three', async () => (await devices()).length === 3)
  const fast = await until('the fast one', async () =>
    (await devices()).find(({ messages }) => messages === 90),
  )
  expect(fast.id).toBe('lamp')
  expect(fast.leftOut).toBeGreaterThan(20)
  expect(lines.filter((line) => line.includes('deviceMessagesPerSecond'))).toHaveLength(1)
  // What is kept is in the log, each message with its address.
  const shown = lines.filter((line) => / device lamp says \(address 127\.0\.0\.1\): \d+$/.test(line))
  expect(shown).toHaveLength(90 - fast.leftOut)
  expect((await devices()).map(({ id }) => id)).toEqual(['127.0.0.1', '127.0.0.1-2', 'lamp'])

  const readings = await json<Readings>('/api/devices/127.0.0.1/readings')
  expect(readings.series.map(({ field, values }) => [field, values])).toEqual([
    ['value', [42, 7]],
    ['temperature', [21.5]],
    ['air.humidity', [40]],
  ])
  const [, secondMs] = readings.series[0]!.atMs
  const later = await json<Readings>(`/api/devices/127.0.0.1/readings?since=${secondMs}`)
  expect(later.series[0]!.values.at(-1)).toBe(7)
  const csv = await ask('/api/devices/127.0.0.1/readings.csv')
  expect(csv.headers.get('content-type')).toContain('text/csv')
  const text = await csv.text()
  expect(text.split('\n').map((line) => line.split(',').slice(1).join())).toEqual([
    'field,value',
    'value,42',
    'value,7',
    'temperature,21.5',
    'air.humidity,40',
    '',
  ])
  const day = text.split('\n')[1]!.slice(0, 10).replaceAll('-', '')
  expect(await (await ask(`/api/devices/127.0.0.1/readings.csv?day=${day}`)).text()).toBe(text)
  expect(await readFile(join(data, `devices/127.0.0.1/${day}.csv`), 'utf8')).toBe(text)
  for (const path of ['nobody/readings', 'nobody/readings.csv', '127.0.0.1/readings.csv?day=20000101'])
    expect([path, (await ask(`/api/devices/${path}`)).status]).toEqual([path, 404])
  expect((await ask('/api/devices/..%2f..%2f.rollcall/readings.csv?day=20000101')).status).toBe(404)
  expect((await ask('/api/devices/127.0.0.1/readings.csv?day=../x')).status).toBe(400)

  const replaced = new Promise((resolve) => named.once('close', resolve))
  const again = await connect('?id=lamp')
  again.send('1')
  expect(await replaced).toBe(4409)

  // A phone that says something else first is taken for a device until it speaks as a phone, by text or by packet.
  const names = async () => (await devices()).map(({ id }) => id)
  const before = await names()
  const phones: string[] = []
  for (const speak of [
    (late: TestPhone) => late.status('ready'),
    (late: TestPhone) => late.text({ type: 'capabilities', deviceModel: 'Pixel 6a' }),
    (late: TestPhone) => late.packet(0, CONFIGURATION),
  ]) {
    const late = await TestPhone.connect(port, '/', '{"battery":80}')
    await until('a device', async () => (await names()).length === before.length + 1)
    speak(late)
    await until('a phone', () => server.cameras().some(({ id }) => id === late.id))
    expect(await names()).toEqual(before)
    late.status('capture_started')
    late.packet(0, CONFIGURATION, 0)
    for (let i = 1; i <= 3; i += 1) late.packet(i * 100, i === 1 ? KEYFRAME : DELTA, i)
    await late.acknowledged()
    await late.close()
    phones.push(late.id)
  }
  const message = `camera ${phones[0]} is a phone, and was taken for a device (device 127.0.0.1-3)`
  expect(lines).toContainEqual(expect.stringContaining(message))
  const recorded = await until('three recordings', async () => {
    const folders = await recordingsIn(data)
    const documents = await Promise.all(folders.map((folder) => documentIn(folder).catch(() => undefined)))
    return documents.filter((one) => one?.state === 'closed').length === 3 && documents.map((one) => one!)
  })
  expect(recorded.map(({ camera, pictures }) => [camera, pictures]).sort()).toEqual(
    phones.map((id) => [id, 3]).sort(),
  )
  // A device that was there before stays.
  const old = await connect('?id=old')
  old.send('1')
  await until('old', async () => (await names()).includes('old'))
  old.close()
  const late = await TestPhone.connect(port, '/?id=old', '[2]')
  late.status('ready')
  await until('a phone', () => server.cameras().some(({ id }) => id === late.id))
  expect((await devices()).find(({ id }) => id === 'old')).toMatchObject({ isConnected: false, messages: 2 })
  await late.close()
  const strange = await connect()
  strange.send(Buffer.from('no packet'))
  strange.send('hello?')
  strange.send('{"status":"ready"}')
  const phone = await TestPhone.connect(port, '/')
  await until('both phones', () => server.cameras().length === 2)
  expect(server.cameras().map(({ id }) => id)).toContain(phone.id)
  const silent = await connect()
  expect(await new Promise((resolve) => silent.once('close', resolve))).toBe(4408)
  const silence =
    /WARN camera 127\.0\.0\.1_\d+ the connection broke: it said nothing in .* \(\/, code HELLO_MISSING\)$/
  expect(lines).toContainEqual(expect.stringMatching(silence))
  const brief = await connect()
  brief.close()
  await until('it is told', () => lines.some((line) => line.endsWith(' left without a word (/)')))
  board.terminate()
  await until('it is gone', async () => (await devices())[0]?.isConnected === false)
  // Behind one address each is logged in full.
  for (let n = 1; n <= 12; n += 1) {
    const one = await connect(`?id=number-${n}`)
    for (let i = 0; i < 10; i += 1) one.send(String(i))
  }
  const ofNumbers = () => lines.filter((line) => / device number-\d+ says .*: \d$/.test(line))
  await until('all of them', () => ofNumbers().length === 120)
  const wrong = await connect('?id=..')
  wrong.send('1')
  expect(await new Promise((resolve) => wrong.once('close', resolve))).toBe(1008)
})
