/** ESP32 camera boards in takes, on a real server: which take their pictures are of, what they say of themselves, who is who. */

import { basename } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startApi } from './support/api.ts'
import { TestBoard } from './support/board.ts'
import { documentIn, recordingsIn } from './support/folders.ts'
import { until } from './support/until.ts'

const TWO = '127.0.0.2'
const THREE = '127.0.0.3'
const START = { bitrateMbps: 4, fps: 10 }

async function house() {
  const { port, server, data, lines, ask } = await startApi({ confirmMs: 500 })
  const row = (id: string) => server.cameras().find((one) => one.id === id)
  const view = (id: string) => server.room.views().find((one) => one.id === id)
  /** A board that answers as `answers` says, which may be changed. */
  const board = async (localAddress: string, id: string) => {
    const how = { answers: (text: string): string | undefined => `ACK: ${text}` }
    const answers = (text: string) => how.answers(text)
    const one = await TestBoard.connect({ port, localAddress, answers })
    onTestFinished(() => one.socket.terminate())
    await until(`${id} is there`, () => row(id)?.state === 'ready')
    return Object.assign(one, { how })
  }
  const film = async (one: TestBoard, id: string, count: number, size?: string) => {
    const before = row(id)!.pictures
    await one.film(count, size)
    await until(`pictures of ${id}`, () => row(id)?.pictures === before + count)
  }
  /** Of every recording once all are closed, by folder. */
  const documents = async () => {
    const found = await recordingsIn(data)
    const all = await until('all are closed', async () => {
      const read = await Promise.all(found.map((path) => documentIn(path).catch(() => undefined)))
      return read.every((one) => one?.state === 'closed') && read
    })
    return new Map(all.map((one, i) => [basename(found[i]!), one!]))
  }
  return { server, row, view, board, film, documents, lines, ask }
}

it('a board that films by hand is in the take that an operator starts, and says when it films no more', async () => {
  const { server, row, view, board, film, documents, ask } = await house()
  const one = await board(TWO, 'esp-1')
  await server.room.tell('esp-1', 'start VGA 10')
  await until('it records', () => row('esp-1')?.state === 'recording')
  await film(one, 'esp-1', 2)
  const byHand = row('esp-1')!.recording!
  const sent = server.room.start(START)
  expect((await sent.outcome).confirmed).toEqual(['esp-1'])
  await until('another recording', () => ![byHand, undefined].includes(row('esp-1')?.recording))
  await film(one, 'esp-1', 3)
  const inTake = row('esp-1')!.recording!
  expect(view('esp-1')).toMatchObject({ take: sent.takeId, state: 'recording', pictures: 3 })

  // It says so, and goes on: its pictures are believed.
  one.say('ERROR: 丢帧')
  one.say('STATUS: 未采集')
  await film(one, 'esp-1', 1)
  expect(view('esp-1')).toMatchObject({ board: { isCapturing: true }, state: 'recording', pictures: 4 })
  // Again and again.
  await until('it captures no more', () => {
    one.say('ERROR: camera failed')
    return view('esp-1')?.board?.isCapturing === false
  })
  expect(row('esp-1')?.state).toBe('ready')
  // It is in the take: it is started again when its power is.
  await one.cut()
  await until('it is gone', () => row('esp-1') === undefined)
  await one.connect()
  await until('it records again', () => row('esp-1')?.state === 'recording')
  expect(view('esp-1')?.take).toBe(sent.takeId)
  one.say('STATUS: 未采集')
  await until('it captures no more', () => view('esp-1')?.board?.isCapturing === false)
  await server.room.stop().outcome

  const found = await documents()
  expect(found.get(byHand)).toMatchObject({ take: null, pictures: 2 })
  expect(found.get(inTake)).toMatchObject({ take: sent.takeId, pictures: 4 })
  const takes = await ask('GET /api/takes')
  expect(JSON.stringify(takes.body)).toContain(inTake)

  // A take of another board runs: whoever tells it at a console to start means that take.
  await board(THREE, 'esp-2')
  await server.room.tell('esp-1', 'start')
  await until('it captures', () => view('esp-1')?.board?.isCapturing)
  await film(one, 'esp-1', 1)
  const { takeId, outcome } = server.room.start(START, 'esp-2')
  await outcome
  expect(view('esp-1')?.take).toBe(null)
  await server.room.tell('esp-1', 'start')
  await one.film(1)
  await until('it is in the take', () => view('esp-1')?.take === takeId)
})

it('one that is started again after a cut and does not film is named, and does not stand as recording', async () => {
  const { server, row, view, board, film, lines } = await house()
  const silent = { one: await board(TWO, 'esp-1'), id: 'esp-1', answer: undefined, why: 'no answer' }
  const failing = { one: await board(THREE, 'esp-2'), id: 'esp-2', answer: 'ERROR: 相机', why: 'ERROR: 相机' }
  await server.room.start(START).outcome
  for (const { one, id, answer, why } of [silent, failing]) {
    await film(one, id, 1)
    one.how.answers = () => answer
    await one.cut()
    await until('it is away', () => row(id)?.state === 'away')
    await one.connect()
    const told = (line: string) =>
      [id, 'did not confirm its start for the running take (', `: ${why}`].every((part) =>
        line.includes(part),
      )
    await until('it is named', () => lines.some(told))
    expect(view(id)).toMatchObject({ state: 'ready', board: { isCapturing: false } })
  }
  // The first picture is an answer too.
  await silent.one.film(2)
  await until('it records', () => row('esp-1')?.state === 'recording')
  expect(view('esp-1')?.take).toBe(server.room.takeId())
})

it('two boards of one address are never taken for each other; a lone one is known though it greets', async () => {
  const { server, row, board, film, documents, lines } = await house()
  const lone = await board(TWO, 'esp-1')
  const a = await board(THREE, 'esp-2')
  expect(lines.join()).not.toContain('?id=')
  const b = await board(THREE, 'esp-3')
  expect(lines.filter((line) => line.includes('?id=') && line.includes(THREE))).toHaveLength(1)
  await server.room.start(START).outcome
  await film(lone, 'esp-1', 1)
  await film(a, 'esp-2', 1, '160x120')
  await film(b, 'esp-3', 2)
  const [folder, its] = [row('esp-1')!.recording, row('esp-2')!.recording]

  // One is away; the other loses its network without a word, and comes back.
  await a.cut()
  await until('it is away', () => row('esp-2')?.state === 'away')
  b.socket.pause()
  await b.connect()
  // Nobody waits for the two, they would not be known: their names are free.
  await until('it is another', () => ![its, undefined].includes(row('esp-2')?.recording))
  expect(row('esp-3')).toBeUndefined()
  await film(b, 'esp-2', 3)

  // Words and a picture before it is known that the old connection is dead.
  lone.socket.pause()
  await lone.connect()
  for (const text of ['STATUS: ready', 'STATUS: one', 'STATUS: two']) lone.say(text)
  await until('it is started again', () => lone.received.length === 2)
  await film(lone, 'esp-1', 1)
  const says = lines.flatMap((line) => /esp-1 says .*?\): (.*)/.exec(line)?.[1] ?? [])
  expect(says.slice(-4)).toEqual(['STATUS: ready', 'STATUS: one', 'STATUS: two', 'ACK: start'])
  expect(row('esp-1')).toMatchObject({ state: 'recording', recording: folder, pictures: 2 })

  b.socket.terminate()
  await server.room.stop().outcome
  await until('it is gone', () => row('esp-2') === undefined)
  const found = [...(await documents())].map(([name, { pictures }]) => `${name.split('_')[0]}: ${pictures}`)
  expect(found.sort()).toEqual(['esp-1: 2', 'esp-2: 1', 'esp-2: 3', 'esp-3: 2'])
})
