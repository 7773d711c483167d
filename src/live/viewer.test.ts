import { expect, it } from 'vitest'
import { GroupBudget, KeptGroup } from './kept-group.ts'
import { Viewer } from './viewer.ts'

const MAX_QUEUED_BYTES = 1000
/** What has come is read, and what was put off to then is done. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A camera whose pictures are numbered, and a viewer whose socket takes as much as the test says. */
function watched(before = '', options: { groupBytes?: number } = {}) {
  const group = new KeptGroup(options.groupBytes ?? 1e6, new GroupBudget(1e9))
  const sent: string[] = []
  const written: (() => void)[] = []
  const socket = {
    readyState: 1 as const,
    OPEN: 1 as const,
    bufferedAmount: 0,
    send(data: unknown, callback?: unknown) {
      sent.push(typeof data === 'string' ? 'hello' : String(data))
      if (typeof callback === 'function') written.push(callback as () => void)
    },
    ping(mark?: unknown) {
      sent.push(`ping ${mark}`)
    },
  }
  let nowMs = 0
  let number = 0
  let skipped = 0
  let wanting = 0
  let viewer: Viewer | undefined
  /** K: a keyframe. d: another picture. */
  const pictures = (kinds: string) => {
    for (const kind of kinds) {
      number += 1
      const name = `${kind}${number}`
      if (kind === 'K') group.begin()
      group.add(name.length)?.write(name)
      viewer?.picture({
        isKeyframe: kind === 'K',
        plain: () => Buffer.from(name),
        skipped: () => Buffer.from(`~${name}`),
      })
    }
  }
  pictures(before)
  const clock = { monotonicMs: () => nowMs, wallMs: () => nowMs }
  const open = () => {
    viewer = new Viewer({
      socket,
      group,
      clock,
      hello: () => ({ type: 'hello', camera: 'c', codec: null, width: null, height: null, serverTimeMs: 0 }),
      maxQueuedBytes: MAX_QUEUED_BYTES,
      onSkipped: () => {
        skipped += 1
      },
      onWanting: () => {
        wanting += 1
      },
    })
    return viewer
  }
  return {
    socket,
    open,
    pictures,
    /** What was sent since the last look. */
    seen: () => sent.splice(0).join(' '),
    /** The socket has written what it was given. */
    drain: () => {
      socket.bufferedAmount = 0
      for (const callback of written.splice(0)) callback()
    },
    fill: () => {
      socket.bufferedAmount = MAX_QUEUED_BYTES + 1
    },
    pass: (ms: number) => {
      nowMs += ms
    },
    skipped: () => skipped,
    /** Pictures at which a keyframe was wanted. */
    wanting: () => wanting,
  }
}

it('is sent what is kept, then each picture as it comes', () => {
  const { open, pictures, seen } = watched('KddKdd')
  open()
  pictures('dKd')
  expect(seen()).toBe('hello K4 d5 d6 d7 K8 d9')
})

it('waits for a keyframe when none is kept, and has missed nothing', () => {
  const { open, pictures, seen, wanting } = watched()
  open()
  pictures('ddKd')
  expect([seen(), wanting()]).toEqual(['hello K3 d4', 2])
})

it('comes up as its socket takes the kept pictures, while more are added', () => {
  const { open, pictures, seen, fill, drain, socket } = watched('Kddd')
  const send = socket.send
  socket.send = (data, callback) => {
    send(data, callback)
    if (typeof data !== 'string') fill()
  }
  open()
  pictures('d')
  expect(seen()).toBe('hello K1')
  for (let i = 0; i < 4; i += 1) drain()
  expect(seen()).toBe('d2 d3 d4 d5')
  socket.send = send
  drain()
  pictures('d')
  expect(seen()).toBe('d6')
})

it('goes on at the next keyframe when that comes before it has come up', () => {
  const { open, pictures, seen, fill, drain, socket } = watched('Kddd')
  const send = socket.send
  socket.send = (data, callback) => {
    send(data, callback)
    if (typeof data !== 'string') fill()
  }
  open()
  drain()
  socket.send = send
  socket.bufferedAmount = 0
  pictures('Kd')
  drain()
  expect(seen()).toBe('hello K1 d2 ~K5 d6')
})

it('is shown the keyframe of a group that was cut, then nothing until the next', () => {
  const { open, pictures, seen, wanting } = watched('Kddd', { groupBytes: 5 })
  open()
  pictures('ddKd')
  expect([seen(), wanting()]).toEqual(['hello K1 ~K7 d8', 2])
})

it('is sent nothing while too much waits for it, and goes on at a keyframe that says so', () => {
  const { open, pictures, seen, fill, socket, skipped, wanting } = watched('Kd')
  open()
  fill()
  pictures('ddKd')
  expect(wanting()).toBe(0)
  socket.bufferedAmount = 0
  pictures('ddKdd')
  expect(wanting()).toBe(2)
  expect(seen()).toBe('hello K1 d2 ~K9 d10 d11')
  expect(skipped()).toBe(6)
})

it('is behind while a ping is not answered for long, whatever its socket took', async () => {
  const { open, pictures, seen, pass } = watched('K')
  const viewer = open()
  pass(500)
  pictures('d')
  pass(2000)
  pictures('d')
  pass(1)
  pictures('d')
  await turn()
  pictures('dKd')
  viewer.answered('')
  pictures('K')
  expect(seen()).toBe('hello K1 d2 ping lag d3 d4')
  viewer.answered('lag')
  pictures('dKd')
  expect(seen()).toBe('~K10 ping lag d11')
})

it('is not behind when only this process was late to read its answer', async () => {
  const { open, pictures, seen, pass } = watched('K')
  const viewer = open()
  pass(500)
  pictures('d')
  pass(9000)
  pictures('dd')
  viewer.answered('lag')
  await turn()
  pictures('d')
  expect(seen()).toBe('hello K1 d2 ping lag d3 d4 d5 ping lag')
})

it('is sent keyframes alone where it asks for that, until it asks for all', () => {
  const { open, pictures, seen, skipped } = watched('Kd')
  const viewer = open()
  viewer.pace = 'keyframes'
  pictures('ddKdKd')
  viewer.pace = 'all'
  pictures('dKd')
  expect(seen()).toBe('hello K1 d2 ~K5 ~K7 ~K10 d11')
  expect(skipped()).toBe(0)
})

it('is told of another size before the keyframe that has it, also when it was sent nothing for a while', () => {
  const { open, pictures, seen, fill, socket } = watched('K')
  const viewer = open()
  fill()
  viewer.changed()
  pictures('Kd')
  socket.bufferedAmount = 0
  pictures('dK')
  expect(seen()).toBe('hello K1 hello ~K5')
})
