/** Take control: what the operator types reaches real sockets, and what came of it is told. */

import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Config } from '../src/config.ts'
import { openTerminal } from '../src/console/terminal.ts'
import { testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { TestPhone } from './support/phone.ts'
import { ServerProcess } from './support/process.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

const PICTURES = 12

/** A server with a terminal, and phones that wait. */
async function room(count: number, options: Partial<Config> = {}) {
  const { server, port, data } = await startServer({ thumbnails: false, stopWaitMs: 0, ...options })
  const [input, output] = [new PassThrough(), new PassThrough()]
  let shown = ''
  output.on('data', (text) => {
    shown += text
  })
  const terminal = openTerminal({ input, output, room: server.room, onQuit: () => {} })
  onTestFinished(() => terminal.close())
  const connect = async () => {
    const phone = await TestPhone.connect(port)
    await phone.acknowledged()
    return phone
  }
  const phones: TestPhone[] = []
  while (phones.length < count) phones.push(await connect())
  return {
    server,
    data,
    phones,
    connect,
    type: (line: string) => input.write(`${line}\n`),
    says: (pattern: RegExp) => until(`${pattern}`, () => pattern.exec(shown)),
    documents: async () => {
      await server.close()
      return Promise.all((await recordingsIn(data)).map(documentIn))
    },
  }
}

/** Begins to stream, as the app does when it is told. */
async function stream(phone: TestPhone): Promise<void> {
  phone.sequence = 0
  phone.status('capture_started', 'Capture started')
  for (const [i, payload] of (await testPictures(PICTURES)).entries()) phone.packet(5000 + i * 100, payload)
}

const commandsOf = (phone: TestPhone) => phone.received.map((text) => JSON.parse(text))

describe('start', () => {
  it.each([
    ['start', { bitrate: 4, fps: 10 }],
    ['start 4:3 8 15', { bitrate: 8, fps: 15, aspectRatio: { width: 4, height: 3 } }],
    ['start 16:9', { bitrate: 4, fps: 10, aspectRatio: { width: 16, height: 9 } }],
    ['start 4 10', { bitrate: 4, fps: 10 }],
    ['start 6 0', { bitrate: 6, fps: 0 }],
    ['start 4 -1', { bitrate: 4, fps: 10 }],
  ])('typed as %j reaches every phone as the app understands it', async (line, payload) => {
    const { phones, type } = await room(3)
    type(line)
    for (const phone of phones) {
      await phone.command('start_capture')
      // As text, keys in the app's order; nothing else was sent.
      expect(commandsOf(phone)).toStrictEqual([
        { command: 'start_capture', payload: { format: 'h264', ...payload } },
      ])
    }
  })

  it('says within its time who confirmed, who refused, who did not answer and who is gone', async () => {
    const { phones, type, says } = await room(4, { confirmMs: 400 })
    const [willing, unable, silent, dying] = phones
    type('start')
    await Promise.all(phones.map((phone) => phone.command('start_capture')))
    willing!.status('capture_started')
    unable!.status('error', 'the camera is in use')
    dying!.socket.terminate()
    await says(new RegExp(`1 confirmed: ${willing!.id}\n`))
    await says(new RegExp(`1 refused: ${unable!.id} \\(the camera is in use\\)\n`))
    await says(new RegExp(`1 not reached: ${dying!.id} \\(the connection ended\\)\n`))
    await says(new RegExp(`1 no answer: ${silent!.id}\n`))
  })

  it('is neither delayed nor broken by phones that read nothing any more', async () => {
    const { phones, type, documents, data } = await room(4, { confirmMs: 60_000 })
    const [first, deaf, dead, last] = phones
    deaf!.socket.pause()
    // Gone without a word: the server does not know yet.
    ;(dead!.socket as unknown as { _socket: { destroy(): void } })._socket.destroy()
    type('start')
    for (const phone of [first!, last!]) {
      await phone.command('start_capture')
      await stream(phone)
      await phone.acknowledged()
    }
    await until('two recordings', async () => (await recordingsIn(data)).length === 2)
    type('stop')
    for (const phone of [first!, last!]) {
      await phone.command('stop_capture')
      phone.status('capture_stopped')
      await phone.acknowledged()
    }
    deaf!.socket.terminate()
    expect(await documents()).toMatchObject([
      { state: 'closed', pictures: PICTURES },
      { state: 'closed', pictures: PICTURES },
    ])
  })

  it('says that a phone streams already', async () => {
    const { phones, type, says } = await room(1)
    await stream(phones[0]!)
    await phones[0]!.acknowledged()
    type('start')
    await says(new RegExp(`1 already streaming: ${phones[0]!.id}\n`))
  })

  it('and stop say that no camera is connected, and begin no take', async () => {
    const { server, type, says, connect } = await room(0)
    type('start')
    await says(/start: no camera is connected, nothing is started/)
    type('stop')
    await says(/stop: no camera is connected/)
    expect(server.room.takeId()).toBeUndefined()
    const phone = await connect()
    expect(phone.received).toEqual([])
  })
})

it('sends nothing for a word that is no command', async () => {
  const { phones, type, says } = await room(2)
  for (const line of ['strat', 'start_capture', 'stop now', '{"command":"stop_capture"}']) type(line)
  await says(/"strat" is no command; there are: start .*, stop, status, camera, qr, link, help, quit/)
  type('status')
  await says(/No take is running/)
  for (const phone of phones) {
    await phone.acknowledged()
    expect(phone.received).toEqual([])
  }
})

describe('a take', () => {
  it('gives its id to its recordings, and the next one another', async () => {
    const { server, phones, type, documents } = await room(2)
    const ids: (string | undefined)[] = []
    for (let take = 0; take < 2; take += 1) {
      type('start')
      ids.push(await until('a take', () => server.room.takeId()))
      await until('its command', () =>
        phones.every((phone) => commandsOf(phone).filter(isStart).length === take + 1),
      )
      for (const phone of phones) {
        await stream(phone)
        await phone.acknowledged()
      }
      type('stop')
      await until('its stop', () =>
        phones.every((phone) => commandsOf(phone).filter((command) => !isStart(command)).length === take + 1),
      )
      for (const phone of phones) {
        phone.status('capture_stopped')
        await phone.acknowledged()
      }
    }
    // Begun on the phone: of no take.
    await stream(phones[0]!)
    await phones[0]!.acknowledged()
    const takes = (await documents()).map((document) => document.take)
    expect(new Set(ids).size).toBe(2)
    expect(takes.toSorted()).toEqual([...ids, ...ids, null].toSorted())
  })

  it('is joined by a camera that connects while it runs', async () => {
    const { server, phones, type, connect, documents } = await room(1)
    type('start 4:3 8 15')
    await phones[0]!.command('start_capture')
    const takeId = server.room.takeId()
    const late = await connect()
    expect(await late.command('start_capture')).toEqual(commandsOf(phones[0]!)[0])
    await stream(late)
    await late.acknowledged()
    type('stop')
    await late.command('stop_capture')
    expect(await documents()).toMatchObject([{ camera: late.id, take: takeId }])
  })

  it('is given to a phone that refused, by another start, and begins anew when all phones have stopped', async () => {
    const { server, phones, type, says, documents } = await room(2)
    const [films, refuses] = phones
    type('start')
    await Promise.all(phones.map((phone) => phone.command('start_capture')))
    await stream(films!)
    refuses!.status('error', 'the camera is in use')
    await says(/1 refused/)
    const first = server.room.takeId()
    type('start 8 30')
    await says(new RegExp(`${first} runs: starting 1 more camera \\(.*, 8 Mbit/s, 30 fps\\)\n`))
    await until('the second command', () => refuses!.received.length === 2)
    await stream(refuses!)
    await says(new RegExp(`${first}: 1 confirmed: ${refuses!.id}\n`))
    type('start')
    await says(new RegExp(`${first} runs already: all 2 cameras are in it\n`))
    for (const phone of phones) phone.status('capture_stopped')
    await Promise.all(phones.map((phone) => phone.acknowledged()))
    expect(films!.received).toHaveLength(1)
    type('start')
    await says(/: starting 2 cameras .*: starting 2 cameras /s)
    expect(server.room.takeId()).not.toBe(first)
    expect((await documents()).map(({ take }) => take)).toEqual([first, first])
  })

  it('is not joined when that is turned off, nor after it has stopped', async () => {
    for (const joinRunningTake of [false, true]) {
      const { phones, type, connect } = await room(1, { joinRunningTake })
      type('start')
      await phones[0]!.command('start_capture')
      if (joinRunningTake) {
        type('stop')
        await phones[0]!.command('stop_capture')
      }
      const late = await connect()
      expect(late.received).toEqual([])
    }
  })
})

it('says in status that a phone sends pictures which nothing records', async () => {
  const { phones, type, says } = await room(1)
  for (const [i, payload] of (await testPictures(PICTURES)).entries()) phones[0]!.packet(i * 100, payload)
  await phones[0]!.acknowledged()
  type('status')
  await says(new RegExp(`${phones[0]!.id} +Pixel 6a +unrecorded +-`))
})

it('is steered through the standard input of the server process', async () => {
  const data = await temporaryFolder()
  const server = await ServerProcess.start(['--data', data])
  const phone = await TestPhone.connect(server.port)
  server.type('status')
  await server.says(/Pixel 6a +ready/)
  server.type('start 1:1 2 5')
  expect((await phone.command('start_capture')).payload).toEqual({
    format: 'h264',
    bitrate: 2,
    fps: 5,
    aspectRatio: { width: 1, height: 1 },
  })
  await stream(phone)
  const [, takeId] = await server.says(new RegExp(`(take_\\w+): 1 confirmed: ${phone.id}`))
  server.type('stop')
  await phone.command('stop_capture')
  phone.status('capture_stopped')
  await server.says(new RegExp(`${takeId}: 1 stopped: ${phone.id}`))
  server.type('quit')
  expect((await server.ended).code).toBe(0)
  const [folder] = await recordingsIn(data)
  expect(await documentIn(folder!)).toMatchObject({ take: takeId, state: 'closed', pictures: PICTURES })
})

function isStart({ command }: { command: string }): boolean {
  return command === 'start_capture'
}
