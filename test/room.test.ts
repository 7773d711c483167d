/** The room over HTTP: cameras, commands, events; at a real server, with real sockets. */

import { expect, it } from 'vitest'
import { startApi } from './support/api.ts'
import { testPictures } from './support/ffmpeg.ts'
import { TestPhone } from './support/phone.ts'

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
