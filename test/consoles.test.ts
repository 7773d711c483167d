/** Consoles of boards, `/dev`, on a real server: who may open one, and what it hears and says. */

import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { jpegs } from './support/board.ts'
import { house, THREE, TWO } from './support/board-house.ts'
import { get, statusOf } from './support/raw-http.ts'
import { until } from './support/until.ts'

describe('/dev', () => {
  it('is for those who may command, and for pages of the server', async () => {
    const { port, accessToken, watchToken } = await house()
    const refusal = (query: string, headers: Record<string, string> = {}) =>
      new Promise<number>((resolve, reject) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}/dev${query}`, { headers })
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode!))
        socket.on('open', () => {
          socket.terminate()
          resolve(101)
        })
        socket.on('error', reject)
      })
    const origin = (value: string) => ({ origin: value })
    expect(await refusal('')).toBe(401)
    expect(await refusal('?token=wrong')).toBe(401)
    expect(await refusal(`?token=${watchToken}`)).toBe(403)
    expect(await refusal(`?token=${accessToken}`)).toBe(101)
    expect(await refusal('', { authorization: `Bearer ${accessToken}` })).toBe(101)
    expect(await refusal(`?token=${accessToken}`, origin(`http://127.0.0.1:${port}`))).toBe(101)
    expect(await refusal(`?token=${accessToken}`, origin('http://evil.example'))).toBe(403)
    // It opens nothing else.
    expect(statusOf(await get(port, `/api/cameras?token=${accessToken}`))).toBe(401)
    expect(statusOf(await get(port, `/dev?token=${accessToken}`))).toBe(401)
  })

  it('gives each console the pictures and the log, and its texts to the boards that it means', async () => {
    const { port, board, ids, row, server, accessToken } = await house({ maxTextsPerSecond: 1000 })
    const [first, second] = [await board({ localAddress: TWO }), await board({ localAddress: THREE })]
    await until('both', () => ids().length === 2)
    const open = async (query = '') => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/dev?token=${accessToken}${query}`)
      const [texts, pictures]: [string[], Buffer[]] = [[], []]
      socket.on('message', (data: Buffer, isBinary) =>
        isBinary ? pictures.push(data) : texts.push(String(data).split(' ').slice(1).join(' ')),
      )
      await new Promise((resolve) => socket.once('open', resolve))
      onTestFinished(() => socket.terminate())
      return { socket, texts, pictures }
    }
    const [all, only] = [await open(), await open('&board=esp-2')]
    all.socket.send('status')
    await until('both were asked', () => first.received.length + second.received.length === 2)
    all.socket.send('@esp-1 led on')
    await until('one was asked', () => first.received.at(-1) === 'led on')
    only.socket.send('hello')
    await until('the other was asked', () => second.received.at(-1) === 'hello')
    expect([first.received, second.received]).toEqual([
      ['status', 'led on'],
      ['status', 'hello'],
    ])
    await until('the answer', () => only.texts.includes('esp-2 < ACK: hello'))
    expect(only.texts).toEqual([
      'esp-2 < (connected)',
      'esp-2 > status',
      'esp-2 < STATUS: ready',
      'esp-2 > hello',
      'esp-2 < ACK: hello',
    ])
    await until('all lines', () => all.texts.length === 10)
    expect(all.texts).toEqual(
      expect.arrayContaining(['esp-1 > led on', 'esp-1 < ACK: led on', ...only.texts]),
    )
    await first.film(3)
    await second.film(2, '160x120')
    await until('pictures', () => all.pictures.length === 5 && only.pictures.length === 2)
    expect(only.pictures.map((bytes) => bytes.toString('hex'))).toEqual(
      second.sent.map((bytes) => Buffer.from(bytes).toString('hex')),
    )
    // One that does not read is sent no more than it may have waiting; the other gets all.
    only.socket.pause()
    const [large] = (await jpegs(1, '1920x1080')) as [Uint8Array]
    const count = Math.ceil(20_000_000 / large.length)
    for (let i = 0; i < count; i += 1) {
      second.picture(large)
      await until('its picture', () => all.pictures.length === 6 + i)
    }
    only.socket.resume()
    all.socket.send('@esp-2 last')
    await until('the last word', () => only.texts.includes('esp-2 < ACK: last'))
    expect(only.pictures.length).toBeLessThan(count)
    all.socket.send('@nobody stop')
    await until('an answer', () => all.texts.some((text) => text.includes('no board nobody is connected')))
    // One who comes later sees what was said.
    const later = await open('&board=esp-1')
    await until('the log', () => later.texts.length === 5)
    // And the newest picture of each board, and no other.
    const newest = [first, second].map(({ sent }) => Buffer.from(sent.at(-1)!).toString('hex'))
    await until('the newest picture', () => later.pictures.length === 1)
    const last = await open()
    await until('both pictures', () => last.pictures.length === 2)
    const got = [later, last].map(({ pictures }) => pictures.map((bytes) => bytes.toString('hex')))
    expect(got).toEqual([[newest[0]], newest])
    // Of one that left no picture; what was said before it came back is there.
    await first.cut()
    await until('it left', () => ids().join() === 'esp-2')
    await first.connect()
    await until('it is back', () => ids().length === 2)
    const fresh = await open()
    await until('the log', () => fresh.texts.includes('esp-2 < ACK: last'))
    const firsts = fresh.texts.filter((text) => text.startsWith('esp-1'))
    expect(firsts).toEqual([...later.texts.slice(0, 5), 'esp-1 < (disconnected)', 'esp-1 < (connected)'])
    await until('its picture', () => fresh.pictures.length === 1)
    fresh.socket.send('@esp-1 anything')
    await until('an answer', () => fresh.texts.includes('esp-1 < ACK: anything'))
    expect(fresh.pictures.map((bytes) => bytes.toString('hex'))).toEqual([newest[1]])

    // Who is told to start in a take records for it.
    await until('all has come', () => row('esp-2')?.state === 'recording')
    all.socket.send('stop')
    await until('both stand', () => ids().every((id) => row(id)?.state === 'ready'))
    const { takeId } = server.room.start({ bitrateMbps: 4, fps: 10 }, 'esp-1')
    all.socket.send('@esp-2 start VGA')
    await until('it records', () => row('esp-2')?.state === 'recording')
    const [one, other] = server.room.views()
    expect([one?.take, other?.take]).toEqual([takeId, takeId])

    // Of a board that talks the newest 200 lines are kept.
    for (let i = 0; i < 250; i += 1) first.say(`line ${i}`)
    await first.acknowledged()
    const latest = await open('&board=esp-1')
    await until('the newest line', () => latest.texts.at(-1) === 'esp-1 < line 249')
    expect(latest.texts).toHaveLength(200)
    expect(latest.texts[0]).toBe('esp-1 < line 50')

    // Of those that left the lines of the last 32.
    const crowd = await Promise.all(
      Array.from({ length: 33 }, (_, i) => board({ query: `?id=crowd-${i}`, answers: () => undefined })),
    )
    for (const one of crowd) one.say('hello')
    await until('all', () => ids().length === 35)
    const [forgotten, remembered] = [crowd.pop()!, crowd.shift()!]
    for (const [i, one] of [forgotten, remembered].entries()) {
      await one.cut()
      await until('it left', () => ids().length === 34 - i)
    }
    await Promise.all(crowd.map((one) => one.cut()))
    await until('all left', () => ids().length === 2)
    for (const one of [forgotten, remembered]) {
      await one.connect()
      one.say('back')
    }
    await until('both are back', () => ids().length === 4)
    const logs = await Promise.all([open('&board=crowd-32'), open('&board=crowd-0')])
    await until('their words', () => logs.every(({ texts }) => texts.at(-1)?.endsWith('< back')))
    const said = ['connected', 'hello', 'disconnected', 'connected', 'back']
    expect(logs.map(({ texts }) => texts.map((text) => text.replace(/.*< \(?|\)$/g, '')))).toEqual([
      said.slice(-2),
      said,
    ])
  })
})
