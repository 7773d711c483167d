/** The room over HTTP: cameras and commands; at a real server, with real sockets. */

import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { startApi } from './support/api.ts'
import { testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn } from './support/folders.ts'
import { TestPhone } from './support/phone.ts'
import { StreamingPhone } from './support/streaming.ts'
import { until } from './support/until.ts'

/** A phone that has introduced itself. */
async function connect(port: number): Promise<TestPhone> {
  const phone = await TestPhone.connect(port)
  await phone.acknowledged()
  return phone
}

/** Begins to stream, as the app does when it is told. */
async function stream(phone: TestPhone, pictures = 12): Promise<void> {
  phone.sequence = 0
  phone.status('capture_started', 'Capture started')
  for (const [i, payload] of (await testPictures(pictures)).entries()) phone.packet(5000 + i * 100, payload)
}
/** The answer to a request with a wrong value. */
const refused = (message: RegExp) => ({
  status: 400,
  body: { code: 'REQUEST_INVALID', message: expect.stringMatching(message) },
})
const path = (phone: TestPhone) => `/api/cameras/${phone.id}`

it('shows a room from the first camera to the end of its recording', async () => {
  const { port, ask, listen } = await startApi()
  const listener = await listen()
  expect(await listener.event('snapshot')).toMatchObject({ cameras: [], take: null })
  const phone = await connect(port)
  expect(await listener.event('camera')).toMatchObject({
    camera: { id: phone.id, profile: '127.0.0.1 Pixel 6a #1', name: null, model: 'Pixel 6a', state: 'ready' },
  })
  const answer = ask('POST /api/commands', { command: 'start', aspectRatio: '16:9', bitrateMbps: 6 })
  const { payload } = await phone.command('start_capture')
  expect(payload).toEqual({ format: 'h264', bitrate: 6, fps: 10, aspectRatio: { width: 16, height: 9 } })
  await stream(phone)
  const { status, body } = await answer
  const cameras = [{ camera: phone.id, result: 'confirmed', message: null }]
  expect([status, body]).toEqual([200, { command: 'start', take: expect.stringMatching(/^take_/), cameras }])
  await listener.event('take', ({ take }) => take?.id === body.take)
  expect(await listener.event('command')).toEqual({ type: 'command', answer: body })
  const recording = await listener.event('camera', ({ camera }) => camera.pictures === 12)
  expect(recording.camera).toMatchObject({ state: 'recording', take: body.take, width: 160, missing: 0 })
  expect(recording.camera.recording).toMatch(phone.id)
  const listed = await ask('GET /api/cameras')
  expect(listed.body.cameras).toMatchObject([{ id: phone.id, state: 'recording', pictures: 12 }])

  const stopped = ask('POST /api/commands', { command: 'stop' })
  await phone.command('stop_capture')
  phone.status('capture_stopped')
  expect((await stopped).body).toEqual({ command: 'stop', take: null, cameras })
  await listener.event('take', ({ take }) => take === null)
  await phone.close()
  await listener.event('camera', ({ camera }) => camera.state === 'gone')
})

describe('GET /api/cameras', () => {
  it('shows one that has not introduced itself after a second, with what there is to know', async () => {
    const { port, ask, server } = await startApi()
    const socket = new WebSocket(`ws://127.0.0.1:${port}/android-cam`)
    onTestFinished(() => socket.close())
    await until('the connection', () => server.cameras().length === 1)
    expect((await ask('GET /api/cameras')).body).toEqual({ cameras: [] })
    const [camera] = await until('a profile', async () => {
      const { cameras } = (await ask('GET /api/cameras')).body
      return cameras.length > 0 && cameras
    })
    expect(camera).toMatchObject({ profile: '127.0.0.1 camera #1', model: null, state: 'ready', pictures: 0 })
  })

  it('shows one that left as gone until the same device is back, and no copy of it', async () => {
    const { port, ask, listen } = await startApi()
    const listener = await listen()
    const [first, second] = [await connect(port), await connect(port)]
    const profiles = async () =>
      (await ask('GET /api/cameras')).body.cameras.map(({ id, state, profile }: Record<string, string>) => [
        id,
        state,
        profile!.at(-1),
      ])
    await stream(first)
    await listener.event('camera', ({ camera }) => camera.pictures > 0)
    await first.close()
    const { camera } = await listener.event('camera', (event) => event.camera.state === 'gone')
    expect(camera).toMatchObject({
      id: first.id,
      recording: null,
      take: null,
      pictures: 0,
      fps: null,
      width: 160,
    })
    expect(await profiles()).toEqual([
      [first.id, 'gone', '1'],
      [second.id, 'ready', '2'],
    ])
    const again = await connect(port)
    await listener.event('camera-gone', ({ id }) => id === first.id)
    expect(await profiles()).toEqual([
      [again.id, 'ready', '1'],
      [second.id, 'ready', '2'],
    ])
  })

  it('tells what a camera does while it streams, about once a second, and nothing while it does not', async () => {
    const { port, listen } = await startApi()
    const listener = await listen()
    const streaming = await StreamingPhone.connect(port)
    onTestFinished(() => streaming.pause())
    const idle = await connect(port)
    streaming.start()
    await until(
      'three figures',
      () => listener.of('camera').filter(({ camera }) => camera.fps !== null).length >= 3,
    )
    streaming.stop()
    const figures = listener.of('camera').filter(({ camera }) => camera.fps !== null)
    for (const { camera } of figures) {
      expect(camera).toMatchObject({
        id: streaming.phone.id,
        state: 'recording',
        width: 160,
        height: 120,
        missing: 0,
      })
      expect(camera.mbps).toBeGreaterThan(0)
      expect(Math.abs(Date.now() - camera.lastPictureAtMs!)).toBeLessThan(60_000)
      expect(camera.recordingStartedAtMs).toBeGreaterThan(0)
    }
    expect(Math.max(...figures.map(({ camera }) => camera.fps!))).toBeGreaterThan(5)
    // So many a second at the most, whatever the machine does.
    const times = figures.map(({ camera }) => camera.lastPictureAtMs!)
    expect(times.at(-1)! - times[0]!).toBeGreaterThan((times.length - 1) * 500)
    await until('its end', () => listener.of('camera').at(-1)?.camera.state === 'ready')
    expect(listener.of('camera').filter(({ camera }) => camera.id === idle.id)).toHaveLength(1)
  })
})

it('commands of the terminal appear on pages; so does a server without space', async () => {
  const { port, server, listen } = await startApi({ confirmMs: 100 })
  const listener = await listen()
  const phone = await connect(port)
  const idle = await connect(port)
  const lasts = async () => (await (await listen()).event('snapshot')).disk!
  expect(await lasts()).toMatchObject({ minutesLeft: expect.any(Number), askedMbps: 8 })
  await idle.close()
  await until('one is left', () => server.room.seats.length === 1)
  const { takeId } = server.room.start({ bitrateMbps: 20, fps: 10 })
  expect((await lasts()).askedMbps).toBe(20)
  await listener.event('take', ({ take }) => take?.id === takeId)
  const cameras = [{ camera: phone.id, result: 'silent', message: null }]
  expect((await listener.event('command')).answer).toEqual({ command: 'start', take: takeId, cameras })
  server.room.stop()
  await listener.event('take', ({ take }) => take === null)
  await listener.event('command', ({ answer }) => answer.command === 'stop' && answer.take === null)

  const full = await startApi({ minFreeBytes: 2 ** 50 })
  const other = await full.listen()
  const { disk } = await other.event('snapshot')
  expect(disk).toMatchObject({ isLow: true, minutesLeft: null, askedMbps: 0 })
  await until('the health', async () => {
    const snapshot = await (await full.listen()).event('snapshot')
    return snapshot.health.level === 'bad' && snapshot.health.reasons.includes('space-low')
  })
})

describe('PATCH /api/cameras/:id', () => {
  it('keeps name, colour and order over connections and restarts; recordings bear the name', async () => {
    const { port, ask, listen, data, server } = await startApi()
    const listener = await listen()
    const phone = await connect(port)
    await stream(phone)
    const given = { name: '  Left of the door 门  ', colour: 'pink', order: -7 }
    const { status, body } = await ask(`PATCH ${path(phone)}`, given)
    const kept = { ...given, name: 'Left of the door 门', profile: '127.0.0.1 Pixel 6a #1' }
    expect([status, body]).toEqual([200, expect.objectContaining({ id: phone.id, ...kept })])
    await listener.event('camera', ({ camera }) => camera.name === kept.name && camera.order === -7)
    phone.status('capture_stopped')
    await phone.acknowledged()
    await stream(phone)
    await phone.acknowledged()
    await phone.close()
    await listener.event('camera', ({ camera }) => camera.state === 'gone')
    // Also of one that is gone.
    expect((await ask(`PATCH ${path(phone)}`, { order: 5 })).body).toMatchObject({ ...kept, order: 5 })
    await server.close()
    const names = (await Promise.all((await recordingsIn(data)).map(documentIn))).map(
      ({ device }) => device.name,
    )
    expect(names).toEqual([kept.name, kept.name])

    const next = await startApi({ data })
    const again = await connect(next.port)
    expect((await next.ask('GET /api/cameras')).body.cameras).toMatchObject([
      { id: again.id, ...kept, order: 5 },
    ])
    expect((await next.ask(`PATCH ${path(again)}`, { name: '' })).body).toMatchObject({
      name: null,
      colour: 'pink',
    })
  })

  it('answers what is not allowed by naming the field and what is', async () => {
    const { port, ask } = await startApi()
    const phone = await connect(port)
    for (const [body, message] of [
      [{ name: 'x'.repeat(61) }, /^name: .*60/],
      [{ name: 7 }, /^name: .*string/],
      [{ colour: 'grey' }, /^colour: .*"blue"\|"green"/],
      [{ order: 1.5 }, /^order: .*int/],
      [{ order: 10_001 }, /^order: .*10000/],
      [{ nmae: 'Left' }, /nmae/],
      [[], /object/],
      [null, /object/],
    ] as const)
      expect(await ask(`PATCH ${path(phone)}`, body)).toEqual(refused(message))
  })

  it('of a camera that was never there is 404; of a disk that takes nothing 507, and it holds until the end', async () => {
    const { port, ask, data } = await startApi()
    expect(await ask('PATCH /api/cameras/192.0.2.7_1', {})).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    })
    const phone = await connect(port)
    const file = join(data, '.rollcall/cameras.json')
    await until('the profile on the disk', () => existsSync(file))
    await rm(file)
    await mkdir(join(file, 'in the way'), { recursive: true })
    expect(await ask(`PATCH ${path(phone)}`, { name: 'Left' })).toMatchObject({
      status: 507,
      body: { code: 'STORAGE_FAILED' },
    })
    expect((await ask('GET /api/cameras')).body.cameras).toMatchObject([{ name: 'Left' }])
  })
})

describe('POST /api/commands', () => {
  it('answers with what each camera did, within confirmMs, and shows itself in the log', async () => {
    const { port, ask, lines, listen } = await startApi({ confirmMs: 2000 })
    const listener = await listen()
    const [willing, unable, silent, dying] = [
      await connect(port),
      await connect(port),
      await connect(port),
      await connect(port),
    ]
    const answer = ask('POST /api/commands', { command: 'start' })
    for (const phone of [willing, unable, silent, dying]) await phone.command('start_capture')
    expect(willing.received).toEqual([
      JSON.stringify({ command: 'start_capture', payload: { format: 'h264', bitrate: 4, fps: 10 } }),
    ])
    willing.status('capture_started')
    unable.status('error', 'the camera is in use \u001b[31m')
    await dying.close()
    const { body } = await answer
    expect(body).toEqual({
      command: 'start',
      take: expect.stringMatching(/^take_/),
      cameras: [
        { camera: willing.id, result: 'confirmed', message: null },
        { camera: unable.id, result: 'refused', message: 'the camera is in use \\x1b[31m' },
        { camera: silent.id, result: 'silent', message: null },
        { camera: dying.id, result: 'failed', message: 'the connection ended' },
      ],
    })
    expect((await listener.event('command')).answer).toEqual(body)
    const told = lines.filter((line) => line.includes('a page:'))
    expect(told).toEqual([
      expect.stringMatching(
        `a page: start 4 cameras \\(the phone's aspect ratio, 4 Mbit/s, 10 fps\\) \\(${body.take}\\)$`,
      ),
    ])
  })

  it('to named cameras leaves the others alone; stopping some leaves the take to the rest', async () => {
    const { port, ask, server, listen } = await startApi()
    const listener = await listen()
    const [a, b, c] = [await connect(port), await connect(port), await connect(port)]
    const command = (command: string, ...phones: TestPhone[]) =>
      ask('POST /api/commands', { command, cameras: phones.map(({ id }) => id) })
    const first = command('start', a, b)
    for (const phone of [a, b]) await phone.command('start_capture')
    for (const phone of [a, b]) await stream(phone)
    const { take } = (await first).body
    expect(c.received).toEqual([])
    // One is in it already, the other joins.
    const more = command('start', a, c)
    await c.command('start_capture')
    await stream(c)
    expect((await more).body).toEqual({
      command: 'start',
      take,
      cameras: [
        { camera: a.id, result: 'already', message: null },
        { camera: c.id, result: 'confirmed', message: null },
      ],
    })
    const stopped = command('stop', a)
    await a.command('stop_capture')
    a.status('capture_stopped')
    expect((await stopped).body.cameras).toEqual([{ camera: a.id, result: 'confirmed', message: null }])
    expect([server.room.takeId(), b.received.length, c.received.length]).toEqual([take, 1, 1])
    // A new camera is not drawn in; one that falls out comes back to its take, under another id.
    const stranger = await connect(port)
    await b.close()
    await listener.event('camera', ({ camera }) => camera.id === b.id && camera.state === 'gone')
    const back = await connect(port)
    await back.command('start_capture')
    await stream(back)
    await listener.event('camera', ({ camera }) => camera.id === back.id && camera.take === take)
    await stranger.acknowledged()
    expect(stranger.received).toEqual([])
    const last = command('stop', c, back)
    for (const phone of [c, back]) {
      await phone.command('stop_capture')
      phone.status('capture_stopped')
    }
    await last
    await listener.event('take', (event) => event.take === null)
  })

  it('without a camera is a clear error, but for a stop of a take that runs', async () => {
    const { port, ask, server } = await startApi({ confirmMs: 100 })
    for (const [command, done] of [
      ['start', 'started'],
      ['stop', 'stopped'],
    ])
      expect(await ask('POST /api/commands', { command })).toEqual({
        status: 409,
        body: { code: 'NO_CAMERA', message: `no camera is connected, nothing is ${done}` },
      })
    const phone = await connect(port)
    await ask('POST /api/commands', { command: 'start' })
    await phone.close()
    await until('nobody', () => server.cameras().length === 0)
    expect(await ask('POST /api/commands', { command: 'stop' })).toEqual({
      status: 200,
      body: { command: 'stop', take: null, cameras: [] },
    })
    expect(server.room.takeId()).toBeUndefined()
  })

  it('without space is refused with what is left', async () => {
    const { port, ask } = await startApi({ minFreeBytes: 2 ** 50 })
    const phone = await connect(port)
    expect(await ask('POST /api/commands', { command: 'start' })).toMatchObject({
      status: 507,
      body: { code: 'DISK_SPACE_LOW', message: expect.stringMatching(/free in .* must be free/) },
    })
    expect(phone.received).toEqual([])
  })

  it('names cameras that are not connected', async () => {
    const { port, ask } = await startApi()
    const phone = await connect(port)
    const strangers = Array.from({ length: 12 }, (_, i) => `stranger ${i} ${'x'.repeat(100)}`)
    const { status, body } = await ask('POST /api/commands', {
      command: 'start',
      cameras: [phone.id, ...strangers],
    })
    expect([status, body.code]).toEqual([404, 'NOT_FOUND'])
    expect(body.message).toMatch(/^cameras: not connected: "stranger 0 x{49}", .*, and 2 more$/)
    expect(phone.received).toEqual([])
  })

  it('answers what is not allowed by naming the field and what is', async () => {
    const { port, ask } = await startApi()
    const phone = await connect(port)
    for (const [body, message] of [
      [{ command: 'pause' }, /^command: .*"start"\|"stop"/],
      [{}, /^command: /],
      [{ command: 'start', fps: 241 }, /^fps: .*240/],
      [{ command: 'start', fps: 12.5 }, /^fps: .*int/],
      [{ command: 'start', fps: '10' }, /^fps: .*number/],
      [{ command: 'start', bitrateMbps: 0 }, /^bitrateMbps: .*1/],
      [{ command: 'start', aspectRatio: '16x9' }, /^aspectRatio: must be W:H, such as 16:9/],
      [{ command: 'start', cameras: [] }, /^cameras: .*1/],
      [{ command: 'start', bitrate: 4 }, /bitrate/],
      [{ command: 'start', fps: -1, bitrateMbps: 999 }, /bitrateMbps: .*; fps: /],
    ] as const)
      expect(await ask('POST /api/commands', body)).toEqual(refused(message))
    expect(phone.received).toEqual([])
  })
})

it('gives a recording the name that its camera gets meanwhile', async () => {
  const { port, ask, data } = await startApi()
  const phone = await connect(port)
  await stream(phone)
  const folder = await until('the folder', async () => (await recordingsIn(data))[0])
  await until(
    'the first name',
    async () => (await documentIn(folder).catch(() => undefined))?.state === 'recording',
  )
  expect((await ask(`PATCH ${path(phone)}`, { name: 'Wide' })).status).toBe(200)
  await until('it is told', async () => (await documentIn(folder)).device.name === 'Wide')
  await phone.close()
  await until('it is closed', async () => (await documentIn(folder)).state === 'closed')
  expect((await documentIn(folder)).device.name).toBe('Wide')
})
