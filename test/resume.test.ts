/** Cameras that keep what they sent (protocol 2): cut, away, and served by a process that is killed, they lose nothing. */

import { describe, expect, it } from 'vitest'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { KeepingPhone } from './support/keeping-phone.ts'
import { ServerProcess } from './support/process.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'
import { expectWhole } from './support/whole.ts'

describe('a camera that keeps what it sent', () => {
  it('has an id and a name of its own, and is told when its pictures are on the disk', async () => {
    const { server, port, data } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const phone = await KeepingPhone.make('phone-7k2m')
    await phone.connect(port)
    expect(phone.received[0]).toMatchObject({ type: 'welcome', protocol: 2, camera: 'phone-7k2m' })
    phone.begin('capture-1')
    phone.film(25)
    await until('the first acknowledgement', () => phone.acknowledged === 25)
    const view = server.room.views()[0]!
    expect(view).toMatchObject({ id: 'phone-7k2m', ownName: 'Anna', model: 'Test phone', state: 'recording' })
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

  it('goes on after the server was killed, in the same folder', async () => {
    const data = await temporaryFolder()
    let server = await ServerProcess.start(['--data', data, '--no-thumbnails'])
    const { port } = server
    const phone = await KeepingPhone.make('phone-kill')
    await phone.connect(port)
    phone.begin('capture-1')
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
    phone.end()
    await phone.allAcknowledged()
    await expectWhole(data, phone)
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

  it('is stopped when it is back, if its take was stopped while it was away', async () => {
    const { server, port } = await startServer({ stopWaitMs: 0, thumbnails: false })
    const phone = await KeepingPhone.make('phone-stop')
    await phone.connect(port)
    const { takeId } = server.room.start({ bitrateMbps: 1, fps: 25 })
    await until('the command', () => phone.received.some(({ command }) => command === 'start_capture'))
    phone.begin('capture-1', takeId!)
    phone.film(10)
    await until('it is sent', () => phone.next === 10)
    phone.cut()
    await until('it is away', () => server.room.views()[0]!.state === 'away')
    server.room.stop()
    await phone.connect(port)
    await until('the stop', () =>
      phone.received.some(({ command, take }) => command === 'stop_capture' && take === takeId),
    )
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
