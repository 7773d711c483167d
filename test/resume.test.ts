/** Cameras that keep what they sent (protocol 2): cut, away, and served by a process that is killed, they lose nothing. */

import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { KeepingPhone } from './support/keeping-phone.ts'
import { ServerProcess } from './support/process.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'
import { bearerOf, LiveViewer } from './support/viewer.ts'
import { expectWhole } from './support/whole.ts'

describe('a camera that keeps what it sent', () => {
  it('has an id and a name of its own, and is told when its pictures are on the disk', async () => {
    const { server, port, data, lines } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const phone = await KeepingPhone.make('phone-7k2m')
    await phone.connect(port)
    phone.say({ type: 'zoom' })
    await phone.heardAll()
    const who =
      / camera phone-7k2m (connected \(address 127\.0\.0\.1, \/|says \(address 127\.0\.0\.1\): \{"type":"zoom"\})/
    expect(lines.filter((line) => who.test(line))).toHaveLength(2)
    expect(phone.received[0]).toMatchObject({ type: 'welcome', protocol: 2, camera: 'phone-7k2m' })
    phone.begin('capture-1')
    phone.film(25)
    await until('the first acknowledgement', () => phone.acknowledged === 25)
    const view = server.room.views()[0]!
    expect(view).toMatchObject({ id: 'phone-7k2m', ownName: 'Anna', model: 'Test phone', state: 'recording' })
    expect(view.phone).toBeNull()
    const told = { waitingMs: 1200, dropped: 3, battery: 0.5, isCharging: false, notice: 'hot' }
    phone.say({ type: 'report', waitingBytes: 70_000, ...told })
    await phone.heardAll()
    expect(server.room.views()[0]!.phone).toEqual(told)
    phone.film(15)
    phone.end()
    await phone.allAcknowledged()
    const document = await expectWhole(data, phone)
    expect(document).toMatchObject({ camera: 'phone-7k2m', capture: { id: 'capture-1', from: 0, next: 40 } })
    expect(document.device.name).toBe('Anna')
  })

  it('goes on in the same folder after cuts, and ends with nothing missing', async () => {
    const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const phone = await KeepingPhone.make('phone-cut1')
    await phone.connect(port)
    phone.begin('capture-1')
    for (let i = 0; i < 5; i += 1) {
      phone.film(13)
      await until('it is sent', () => phone.next === phone.pictures.length)
      phone.cut()
      await until('it is away', () => server.room.views()[0]!.state === 'away')
      phone.film(21)
      await phone.connect(port)
      expect(server.room.views()).toHaveLength(1)
    }
    phone.film(7)
    phone.end()
    await phone.allAcknowledged()
    await expectWhole(data, phone)
  })

  it('that is back before its old connection is given up takes its place', async () => {
    const { port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const phone = await KeepingPhone.make('phone-two1')
    await phone.connect(port)
    const old = phone.socket!
    const closed = new Promise((resolve) => old.once('close', resolve))
    phone.begin('capture-1')
    phone.film(30)
    await phone.connect(port)
    expect(await closed).toBe(4409)
    phone.film(30)
    phone.end()
    await phone.allAcknowledged()
    await expectWhole(data, phone)
  })

  it('goes on after the server was killed, in the same folder and the same take', async () => {
    const data = await temporaryFolder()
    let server = await ServerProcess.start(['--data', data, '--no-thumbnails'])
    const { port } = server
    const phone = await KeepingPhone.make('phone-kill')
    await phone.connect(port)
    server.type('start 1 25')
    await until('the start', () => phone.commands('start_capture').length === 1)
    const { take } = phone.commands('start_capture')[0].payload
    phone.begin('capture-1', take)
    for (let i = 0; i < 3; i += 1) {
      phone.film(45)
      // Some of it is acknowledged, some is not even read.
      await until('an acknowledgement', () => phone.acknowledged > i * 64)
      phone.film(19)
      await server.end('SIGKILL')
      server = await ServerProcess.start(['--data', data, '--no-thumbnails', '--port', String(port)])
      await phone.connect(port)
    }
    phone.film(11)
    await server.says(/its take runs again/)
    await phone.heardAll()
    expect(phone.commands('stop_capture')).toEqual([])
    // Its operator can stop it, also while it is away, and though the server is killed before it is back.
    phone.cut()
    await server.says(/is away: its recording waits for it/)
    server.type('stop')
    const kept = () => readFile(join(data, '.rollcall/ended-takes.json'), 'utf8').catch(() => '')
    await until('the end of the take is kept', async () => (await kept()).includes(take))
    await server.end('SIGKILL')
    server = await ServerProcess.start(['--data', data, '--no-thumbnails', '--port', String(port)])
    await phone.connect(port)
    await until('the stop', () => phone.commands('stop_capture').length === 1)
    phone.end()
    await phone.allAcknowledged()
    expect((await expectWhole(data, phone)).take).toBe(take)
    expect(await server.end('SIGTERM')).toBe(0)
  })

  it('that does not come back in time has a closed recording, and then another', async () => {
    const { port, data } = await startServer({ stopWaitMs: 0, thumbnails: false, resumeWindowMs: 1000 })
    const phone = await KeepingPhone.make('phone-late')
    await phone.connect(port)
    phone.begin('capture-1')
    phone.film(25)
    await until('it is acknowledged', () => phone.acknowledged === 25)
    phone.cut()
    await until('the recording is closed', async () => {
      const [folder] = await recordingsIn(data)
      return (await documentIn(folder!)).state === 'closed'
    })
    phone.film(15)
    await phone.connect(port)
    phone.end()
    await phone.allAcknowledged()
    const documents = await until('both are closed', async () => {
      const all = await Promise.all((await recordingsIn(data)).map(documentIn))
      return all.every(({ state }) => state === 'closed') && all
    })
    // From the keyframe that the first one of them depends on.
    expect(documents.map(({ pictures }) => pictures).sort()).toEqual([20, 25])
  })

  it('whose clock jumps too often is closed with 1008, and gets another recording when it is back', async () => {
    const { port, data } = await startServer({ stopWaitMs: 0, thumbnails: false, maxParts: 2 })
    const phone = await KeepingPhone.make('phone-jump')
    phone.jumpUs = 20_000_000
    await phone.connect(port)
    phone.begin('capture-1')
    phone.film(55)
    phone.end()
    for (const acknowledged of [21, 41]) {
      await until('its end', () => phone.closeCode !== undefined)
      expect([phone.closeCode, phone.acknowledged]).toEqual([1008, acknowledged])
      phone.closeCode = undefined
      await phone.connect(port)
    }
    await phone.allAcknowledged()
    const documents = await Promise.all((await recordingsIn(data)).map(documentIn))
    expect(documents.map(({ state, pictures }) => [state, pictures])).toEqual([
      ['closed', 21],
      ['closed', 21],
      ['closed', 15],
    ])
  })

  it('whose folder was removed is asked for what is not acknowledged, and gets another', async () => {
    const { port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const phone = await KeepingPhone.make('phone-gone')
    await phone.connect(port)
    phone.begin('capture-1')
    phone.film(25)
    await phone.allAcknowledged()
    const [folder] = await recordingsIn(data)
    await rm(folder!, { recursive: true })
    phone.film(10)
    await until('again', () => phone.received.some(({ type }) => type === 'again'))
    phone.film(5)
    phone.end()
    await phone.allAcknowledged()
    const [another] = await recordingsIn(data)
    expect(await documentIn(another!)).toMatchObject({ state: 'closed', pictures: 20 })
  })
})

it('a camera that no recording can be opened for stays in its take, and is asked for all when there is a place', async () => {
  const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false, maxRecordings: 1 })
  const phones = await Promise.all(['phone-one1', 'phone-two2'].map((id) => KeepingPhone.make(id)))
  for (const phone of phones) await phone.connect(port)
  const [one, two] = phones as [KeepingPhone, KeepingPhone]
  const { takeId } = server.room.start({ bitrateMbps: 1, fps: 25 })
  for (const phone of phones) {
    await until('the start', () => phone.commands('start_capture').length === 1)
    phone.begin('capture-1', takeId!)
    phone.film(25)
    await phone.heardAll()
  }
  await one.allAcknowledged()
  expect([two.next, two.received.some(({ type }) => type === 'again')]).toEqual([undefined, false])
  server.room.stop(one.id)
  one.end()
  await one.allAcknowledged()
  expect(server.room.takeId()).toBe(takeId)
  await two.allAcknowledged()
  expect(two.commands('stop_capture')).toEqual([])
  two.end()
  await expectWhole(data, two)
})

describe('a camera that is away', () => {
  /** A camera, and what its operator does. */
  async function room(options: Parameters<typeof startServer>[0] = {}) {
    const started = await startServer({ stopWaitMs: 0, thumbnails: false, ...options })
    const { server, port } = started
    const phone = await KeepingPhone.make('phone-away')
    await phone.connect(port)
    const view = () => server.room.views().find(({ id }) => id === phone.id)!
    const start = () => server.room.start({ bitrateMbps: 1, fps: 25 }).takeId!
    const away = async () => {
      phone.cut()
      await until('it is away', () => view().state === 'away')
    }
    const back = async () => {
      await phone.connect(port)
      await phone.heardAll()
    }
    /** Films, and all of it has come. */
    const film = async (count: number) => {
      phone.film(count)
      await until('it is acknowledged', () => phone.acknowledged === phone.pictures.length)
    }
    return { ...started, phone, view, start, away, back, film }
  }

  it('is stopped when it is back, if its take was stopped meanwhile', async () => {
    const { server, phone, start, away, back, film } = await room()
    const take = start()
    await until('the start', () => phone.commands('start_capture').length === 1)
    phone.begin('capture-1', take)
    await film(10)
    await away()
    const { cameras } = await server.room.command({ command: 'stop' })
    expect(cameras).toEqual([{ camera: phone.id, result: 'away', message: null }])
    await back()
    await until('the stop', () => phone.commands('stop_capture').some((stop) => stop.take === take))
    expect(phone.commands('start_capture')).toHaveLength(1)
  })

  it('is stopped when it is back, though a person had begun what it films', async () => {
    const { server, phone, away, back, film } = await room()
    phone.begin('capture-1')
    await film(10)
    await away()
    const { cameras } = await server.room.command({ command: 'stop', cameras: [phone.id] })
    expect(cameras[0]!.result).toBe('away')
    await back()
    await until('the stop', () => phone.commands('stop_capture').length === 1)
    phone.end()
    // All had been acknowledged before: the server is to know of the end before another capture begins.
    await phone.heardAll()
    // What a person begins later is theirs, though the phone's clock is set meanwhile.
    phone.begin('capture-2')
    await film(10)
    await away()
    phone.aheadMs = 3_600_000
    await back()
    expect(phone.commands('stop_capture')).toHaveLength(1)
  })

  it('is stopped alone when it is back, and the take runs on for the others', async () => {
    const { server, port, phone, start, away, back, film } = await room()
    const other = await KeepingPhone.make('phone-other')
    await other.connect(port)
    const take = start()
    await until('the starts', () => phone.commands('start_capture').length === 1)
    for (const one of [phone, other]) one.begin('capture-1', take)
    other.film(10)
    await film(10)
    await until('both film', () => server.room.cameras().every(({ state }) => state === 'recording'))
    await away()
    const { cameras } = await server.room.command({ command: 'stop', cameras: [phone.id] })
    expect([cameras[0]!.result, server.room.takeId()]).toEqual(['away', take])
    await back()
    await until('the stop', () => phone.commands('stop_capture').some((stop) => stop.take === take))
    phone.end()
    await phone.allAcknowledged()
    await back()
    expect([phone.commands('start_capture').length, other.commands('stop_capture').length]).toEqual([1, 0])
  })

  it.each([undefined, ['phone-away']])(
    'is started when it is back, of all cameras or of %j',
    async (cameras) => {
      const { server, data, phone, view, away, back, film } = await room()
      phone.begin('capture-1')
      await film(10)
      await away()
      const { take, ...answer } = await server.room.command({ command: 'start', cameras })
      expect(answer.cameras[0]!.result).toBe('away')
      await server.room.command({ command: 'start', cameras })
      expect(server.room.takeId()).toBe(take)
      phone.end()
      await back()
      expect(phone.commands('start_capture').map(({ payload }) => payload.take)).toEqual([take])
      await phone.allAcknowledged()
      phone.begin('capture-2', take)
      await film(10)
      expect(view()).toMatchObject({ state: 'recording', take })
      expect(await recordingsIn(data)).toHaveLength(2)
    },
  )

  it('is not started anew in a take that its holder stopped, there or away, until the operator asks', async () => {
    const { server, phone, view, start, away, back, film } = await room()
    const take = start()
    await until('the start', () => phone.commands('start_capture').length === 1)
    phone.begin('capture-1', take)
    await film(10)
    phone.end()
    await until('it has ended', () => view().state === 'ready')
    await back()
    phone.cut()
    await until('it is gone', () => view().state === 'gone')
    await back()
    expect(phone.commands('start_capture')).toHaveLength(1)
    // Nobody is left in the take: another begins.
    const second = start()
    expect(second).not.toBe(take)
    await until('the start', () => phone.commands('start_capture').length === 2)
    phone.begin('capture-2', second)
    await film(10)
    await away()
    phone.end()
    await back()
    await phone.allAcknowledged()
    expect([phone.commands('start_capture').length, server.room.takeId()]).toEqual([2, second])
  })
})

describe('viewers of a camera that keeps what it sent', () => {
  it('see now what is recorded later', async () => {
    const { port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const phone = await KeepingPhone.make('phone-show')
    await phone.connect(port)
    const viewer = await LiveViewer.open(port, phone.id, await bearerOf(data))
    phone.begin('capture-1')
    // The server has not said from where yet: the keyframe goes ahead of all.
    phone.film(30)
    phone.preview(20)
    await viewer.upTo(29)
    expect(viewer.pictures.map(({ sequence }) => sequence)).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29])
    phone.end()
    await phone.allAcknowledged()
    await expectWhole(data, phone)
  })

  it('see what would be filmed, as long as somebody looks, and nothing of it is recorded', async () => {
    const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const phone = await KeepingPhone.make('phone-idle')
    await phone.connect(port)
    const asked = () => phone.received.filter(({ type }) => type === 'keyframe').length
    // It has pictures, and sends none: no capture is open.
    phone.film(12)
    await phone.heardAll()
    expect(asked()).toBe(0)
    const viewer = await LiveViewer.open(port, phone.id, await bearerOf(data))
    await until('it is asked', () => asked() > 0)
    phone.preview(0)
    await viewer.upTo(0)
    expect(viewer.hellos.at(-1)).toMatchObject({ width: 160, height: 120 })
    await until('it is asked again', () => asked() > 1)
    phone.preview(10)
    await viewer.upTo(10)
    expect(await viewer.decoded()).toHaveLength(2)
    expect(server.cameras()[0]).toMatchObject({ state: 'ready', pictures: 0, missing: 0, malformed: 0 })
    expect(await recordingsIn(data)).toEqual([])
    phone.begin('capture-1')
    phone.film(3)
    await until('it is there', () => phone.acknowledged === 3)
  })

  it('have a keyframe made when they can begin with nothing else', async () => {
    const { port, data } = await startServer({ stopWaitMs: 0, thumbnails: false, liveGopBytes: 1 })
    const phone = await KeepingPhone.make('phone-keys')
    await phone.connect(port)
    phone.begin('capture-1')
    phone.film(3)
    await until('it is there', () => phone.acknowledged === 3)
    const viewer = await LiveViewer.open(port, phone.id, await bearerOf(data))
    await viewer.heard()
    const asked = () => phone.received.filter(({ type }) => type === 'keyframe').length
    expect(asked()).toBe(0)
    phone.film(9)
    await viewer.upTo(11)
    await phone.heardAll()
    expect(viewer.pictures[0]!.sequence).toBe(10)
    expect(asked()).toBeGreaterThan(0)
    // Not with each of the seven pictures ahead of it.
    expect(asked()).toBeLessThan(4)
  })
})

it('a camera is called by its holder as they like, also while it is connected', async () => {
  const { server, port } = await startServer({ stopWaitMs: 0, thumbnails: false })
  const phone = await KeepingPhone.make('phone-name')
  await phone.connect(port)
  await until('its first name', () => server.room.views()[0]?.ownName === 'Anna')
  phone.say({ type: 'hello', protocol: 2, id: 'phone-name', name: 'Bench 3', model: 'Test phone' })
  await until('its second', () => server.room.views()[0]?.ownName === 'Bench 3')
  await server.room.patch('phone-name', { name: 'Left' })
  await until('what the room calls it', () =>
    phone.received.some(({ type, name }) => type === 'name' && name === 'Left'),
  )
})
