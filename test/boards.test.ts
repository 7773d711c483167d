/** ESP32 camera boards on a real server: who is who, commands, cuts, their pictures as files. See also consoles.test.ts. */

import { existsSync, readdirSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { CameraView } from '../src/wire/api/cameras.ts'
import { jpegs } from './support/board.ts'
import { house, THREE, TWO } from './support/board-house.ts'
import { documentIn, recordingsIn } from './support/folders.ts'
import { until } from './support/until.ts'

describe('boards on /esp', () => {
  it('are cameras: each has its name, is started in its own language, and what is no JPEG is dropped', async () => {
    const { port, accessToken, board, ids, row, command, ask, server, lines } = await house({
      confirmMs: 500,
    })
    const first = await board({ localAddress: TWO })
    await until('the first', () => ids().join() === 'esp-1')
    const second = await board({ localAddress: THREE, answers: () => undefined })
    await until('the second', () => ids().join() === 'esp-1,esp-2')
    const named = await board({ localAddress: TWO, query: '?id=bench-2' })
    await until('the third', () => ids().join() === 'esp-1,esp-2,bench-2')
    expect(row('bench-2')).toMatchObject({ state: 'ready', isBoard: true, address: TWO, model: 'ESP32' })

    // What cannot be asked.
    const bad = [
      [{ resolution: 'HUGE' }, 'QXGA'],
      [{ quality: 0 }, '>=1'],
      [{ quality: 64 }, '<=63'],
    ] as const
    for (const [settings, allowed] of bad)
      expect(await command({ command: 'start', ...settings })).toMatchObject({
        code: 'REQUEST_INVALID',
        message: expect.stringContaining(allowed),
      })
    expect(first.received).toEqual([])

    // One by its word, one by nothing, one by its first picture.
    const started = command({ command: 'start', resolution: 'UXGA', quality: 12 })
    await until('all were told', () => [first, second, named].every(({ received }) => received.length === 1))
    expect((await started).cameras).toEqual([
      { camera: 'esp-1', result: 'confirmed', message: null },
      { camera: 'esp-2', result: 'silent', message: null },
      { camera: 'bench-2', result: 'confirmed', message: null },
    ])
    for (const { received } of [first, second, named]) expect(received).toEqual(['start UXGA 12'])
    await second.film(3)
    await until('the silent one records', () => row('esp-2')?.state === 'recording')
    await until('its pictures', () => row('esp-2')?.pictures === 3)

    // Those that are in the take are asked nothing, and keep what they were told.
    const again = await command({ command: 'start', resolution: 'VGA', quality: 30 })
    expect(again.cameras.map(({ result }: { result: string }) => result)).toEqual([
      'already',
      'already',
      'already',
    ])

    // Cut at every 97th byte; a text; nothing at all.
    const [whole] = (await jpegs(1, '160x120')) as [Uint8Array]
    let cuts = 0
    for (let bytes = 0; bytes < whole.length; bytes += 97, cuts += 1)
      first.socket.send(whole.subarray(0, bytes))
    first.say('{"type":"zoom"}')
    for (let i = 0; i < 60; i += 1) first.say(`frame ${i}`)
    first.picture(whole)
    await until('the whole one', () => row('esp-1')?.pictures === 1)
    expect(row('esp-1')?.malformed).toBe(cuts)
    expect(lines.filter((line) => line.includes('JPEG_INVALID'))).toHaveLength(1)
    expect(lines).toContainEqual(
      expect.stringMatching(/ camera esp-1 connected \(address 127\.0\.0\.2, \/esp\)$/),
    )
    expect(lines.filter((line) => line.includes('esp-1 says'))).toEqual([
      expect.stringMatching(/ACK: start UXGA 12$/),
      expect.stringMatching(/esp-1 says something unknown \(address 127\.0\.0\.2\): \{"type":"zoom"\}$/),
    ])

    const views = async () => (await ask('GET /api/cameras')).body.cameras as CameraView[]
    expect((await views()).find(({ id }) => id === 'esp-1')).toMatchObject({
      state: 'recording',
      board: { isCapturing: true, resolution: 'UXGA', quality: 12, unknown: 61 },
      pictures: 1,
      malformed: cuts,
      width: 160,
      height: 120,
    })
    await until('a frame rate', async () => (await views()).every(({ fps }) => fps !== null))

    // Who asks one that says nothing is told so, and what another says; at the consoles as well.
    const dev = new WebSocket(`ws://127.0.0.1:${port}/dev?board=esp-2&token=${accessToken}`)
    onTestFinished(() => dev.terminate())
    const said: string[] = []
    dev.on('message', (data, isBinary) => isBinary || said.push(String(data).split(' ').slice(1).join(' ')))
    await new Promise((resolve) => dev.once('open', resolve))
    await server.room.tell('esp-1', 'status')
    dev.send('status')
    await until('its words', () =>
      lines.some((line) => line.endsWith('camera esp-1 says (address 127.0.0.2): STATUS: ready')),
    )
    const unanswered = () => lines.filter((line) => line.includes('did not answer'))
    await until('its silence', () => unanswered().length > 0)
    expect(unanswered()).toEqual([
      expect.stringMatching(/ WARN camera esp-2 did not answer in 0\.5 s: status$/),
    ])
    await until('it is told', () => said.at(-1) === '- esp-2 did not answer in 0.5 s: status')
    // Who starts it by hand too.
    dev.send('start QVGA')
    await until('it is told', () => said.at(-1) === '- esp-2 did not answer in 0.5 s: start QVGA')

    // The second falls silent and that is its answer.
    const stopped = server.room.stop('esp-2').outcome
    expect((await stopped).silent).toEqual(['esp-2'])
    await until('its silence is a stop', () => row('esp-2')?.state === 'ready')
    expect((await command({ command: 'stop' })).cameras).toMatchObject([
      { camera: 'esp-1', result: 'confirmed' },
      { camera: 'esp-2' },
      { camera: 'bench-2', result: 'confirmed' },
    ])
    // As it was told last.
    await server.room.start({ bitrateMbps: 4, fps: 10 }, 'esp-1').outcome
    expect(first.received.slice(-2)).toEqual(['stop', 'start UXGA 12'])
    first.say('ERROR: 相机失败')
    await until('its words', () => lines.some((line) => line.includes('ERROR: 相机失败')))
  })

  it('that come back in a take go on in the same folder; two of one address are never taken for each other', async () => {
    const { port, accessToken, board, ids, row, server, data } = await house()
    const lone = await board({ localAddress: TWO })
    const [a, b] = [await board({ localAddress: THREE }), await board({ localAddress: THREE })]
    await until('all', () => ids().length === 3)
    await server.room.start({ bitrateMbps: 4, fps: 10, resolution: 'VGA' }).outcome
    for (const one of [lone, a, b]) await one.film(2)
    await until('pictures of all', () => server.cameras().every(({ pictures }) => pictures === 2))
    const folder = await until('its folder', () => row('esp-1')!.recording)
    for (let cut = 1; cut <= 5; cut += 1) {
      await lone.cut()
      await until('it is away', () => row('esp-1')?.state === 'away')
      await lone.connect()
      await until(
        'it is started again',
        () => lone.received.filter((text) => text === 'start VGA').length > cut,
      )
      await lone.film(2)
      await until('its pictures go on', () => row('esp-1')?.pictures === 2 + 2 * cut)
    }
    // It lost its network without a word, and its old connection still seems to be there.
    lone.socket.pause()
    await lone.connect()
    await until('it is started again', () => lone.received.filter((text) => text === 'start VGA').length > 6)
    await lone.film(2)
    await until('its pictures go on', () => row('esp-1')?.pictures === 14)
    expect(row('esp-1')).toMatchObject({ state: 'recording', recording: folder })
    // In the order in which it was.
    const dev = new WebSocket(`ws://127.0.0.1:${port}/dev?board=esp-1&token=${accessToken}`)
    onTestFinished(() => dev.terminate())
    const said: string[] = []
    dev.on('message', (text, isBinary) => isBinary || said.push(String(text).split('esp-1 ')[1]!))
    await until('the log', () => said.length === 4 * 7 - 1)
    const again = ['< (disconnected)', '< (connected)', '> start VGA', '< ACK: start VGA']
    expect(said).toEqual([...again.slice(1), ...Array.from({ length: 6 }, () => again).flat()])

    // One of two is missing.
    await a.cut()
    await until('it is away', () => row('esp-2')?.state === 'away')
    await a.connect()
    await until('it is back', () => row('esp-2')?.state === 'recording')
    await a.film(1)
    await until('its picture goes on', () => row('esp-2')?.pictures === 3)
    // Which of the two is it? Nobody waits for them: they would not be known.
    for (const one of [a, b]) await one.cut()
    await until('both left', () => ids().join() === 'esp-1')
    await b.connect()
    await until('another', () => row('esp-2')?.state === 'recording')
    expect(row('esp-2')?.pictures).toBe(0)
    expect(ids().sort()).toEqual(['esp-1', 'esp-2'])
    await server.room.stop().outcome
    await until('all are closed', async () => {
      const folders = await recordingsIn(data)
      const documents = await Promise.all(folders.map((path) => documentIn(path).catch(() => undefined)))
      return documents.length === 4 && documents.every((document) => document?.state === 'closed')
    })
    expect((await recordingsIn(data)).map((path) => basename(path).split('_')[0]).sort()).toEqual([
      'esp-1',
      'esp-2',
      'esp-2',
      'esp-3',
    ])
    const [lones] = (await recordingsIn(data)).filter((path) => path.endsWith(folder))
    expect(await documentIn(lones!)).toMatchObject({
      camera: 'esp-1',
      integrity: { packets: 14, missing: 0, repeated: 0, sequenceRestarts: 0, malformed: 0 },
    })
    // A board that was idle has its name again.
    await lone.cut()
    await until('it left', () => !ids().includes('esp-1'))
    await lone.connect()
    await until('it is back', () => ids().includes('esp-1'))
    expect(lone.received.at(-1)).toBe('stop')

    // In a take for it alone it is started again too; not in one that was stopped meanwhile.
    await server.room.start({ bitrateMbps: 4, fps: 10 }, 'esp-1').outcome
    const named = await until('its folder', () => row('esp-1')!.recording)
    await lone.cut()
    await until('it is away', () => row('esp-1')?.state === 'away')
    await lone.connect()
    await until('it records again', () => lone.received.slice(-2).join() === 'start VGA,start VGA')
    await lone.film(1)
    await until('its picture', () => row('esp-1')?.pictures === 1)
    expect(row('esp-1')).toMatchObject({ state: 'recording', recording: named })
    await lone.cut()
    await until('it is away', () => row('esp-1')?.state === 'away')
    server.room.stop()
    await until('it is given up', () => row('esp-1') === undefined)
    await lone.connect()
    await until('it is there', () => row('esp-1')?.state === 'ready')
    expect(lone.received.at(-1)).toBe('start VGA')
  })

  it('may call themselves something, and nothing that is no name', async () => {
    const { board, ids, port, lines } = await house()
    const one = await board({ query: '?id=bench-2' })
    await until('it', () => ids().join() === 'bench-2')
    const closed = new Promise((resolve) => one.socket.once('close', resolve))
    await board({ query: '?id=bench-2' })
    // The network lost the first one, it seems.
    expect(await closed).toBe(4409)
    await until('why', () => lines.some((line) => line.includes('two devices that call themselves the same')))
    await until('the second', () => ids().join() === 'bench-2')
    for (const id of ['', '..%2fx', 'a_b', 'esp-1', 'x'.repeat(41)]) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/esp?id=${id}`)
      expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1008)
    }
    expect(lines.some((line) => line.includes('DEVICE_ID_INVALID'))).toBe(true)
    expect(ids()).toEqual(['bench-2'])

    // A phone and a board never have the same.
    const phone = (id: string) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/camera`, 'rollcall.2')
      const hello = { type: 'hello', protocol: 2, id, name: null, model: null, stopped: null }
      socket.once('open', () => socket.send(JSON.stringify(hello)))
      onTestFinished(() => socket.terminate())
      return socket
    }
    for (const id of ['bench-2', 'esp-7'])
      expect(await new Promise((resolve) => phone(id).once('close', resolve))).toBe(1008)
    phone('bench-3')
    await until('a phone', () => ids().includes('bench-3'))
    const socket = new WebSocket(`ws://127.0.0.1:${port}/esp?id=bench-3`)
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1008)
    expect(ids()).toEqual(['bench-2', 'bench-3'])

    // A text that is no UTF-8 (RFC 6455, 8.1).
    const garbled = await board()
    garbled.socket.send(Buffer.from('53e5bc', 'hex'), { binary: false })
    expect(await new Promise((resolve) => garbled.socket.once('close', resolve))).toBe(1007)
  })
})

it('keeps the newest pictures as files, numbered from 001 at each connection, each whole', async () => {
  const { board, data, server } = await house({ espKeep: 20 })
  const one = await board()
  const folder = join(data, 'images/esp-1')
  const [picture] = (await jpegs(1, '640x480')) as [Uint8Array]
  const files = () => (existsSync(folder) ? readdirSync(folder).sort() : [])
  // Faster than any camera.
  for (let i = 0; i < 150; i += 1) one.picture(picture)
  await one.acknowledged()
  const whole = () => files().filter((name) => name.endsWith('.jpg'))
  const firstNames = await until('twenty', () => {
    one.picture(picture)
    return whole().length === 20 && whole()
  })
  await until('others', () => {
    one.picture(picture)
    // The next one is there before the oldest goes.
    expect(whole().length).toBeLessThanOrEqual(21)
    return !firstNames.some((name) => whole().includes(name))
  })
  // The folder was listed once: what another put there is not known, and does not go as the oldest.
  const stray = join(folder, 'frame_20200101_000000_001.jpg')
  await writeFile(stray, picture)
  // One by one: whoever writes has come to rest in between.
  for (let i = 0; i < 25; i += 1) {
    const there = whole()
    one.picture(picture)
    await until('the next one', () => whole().some((name) => !there.includes(name)))
  }
  expect(existsSync(stray)).toBe(true)
  await rm(stray)
  await one.cut()
  await until('it left', () => server.cameras().length === 0)
  await one.connect()
  await one.film(3, '160x120')
  await until('its new pictures', async () => {
    const names = files().filter((name) => /^frame_\d{8}_\d{6}_00[123]\.jpg$/.test(name))
    return names.length === 3
  })
  await server.close()
  expect(files()).toHaveLength(20)
  for (const name of files()) {
    const bytes = await readFile(join(folder, name))
    expect([bytes.subarray(0, 2).toString('hex'), bytes.subarray(-2).toString('hex')]).toEqual([
      'ffd8',
      'ffd9',
    ])
  }
  // They are no recording.
  expect((await recordingsIn(data)).every((path) => /esp-1_\d/.test(path))).toBe(true)
})
