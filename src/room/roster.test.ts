import { describe, expect, it } from 'vitest'
import type { SeatView } from '../seat/seat.ts'
import type { RoomEvent } from '../wire/api/events.ts'
import { Profiles } from './profiles.ts'
import { Roster } from './roster.ts'

const IDLE: Omit<SeatView, 'id'> = {
  model: 'Pixel 6a',
  address: '192.0.2.7',
  state: 'ready',
  recording: null,
  recordingStartedAtMs: null,
  take: null,
  pictures: 0,
  missing: 0,
  malformed: 0,
  durationMs: 0,
  fps: null,
  mbps: null,
  width: null,
  height: null,
  lastPictureAtMs: null,
  board: null,
  ownName: null,
  phone: null,
}

function roster() {
  let nowMs = 0
  const told: RoomEvent[] = []
  const watch = { isUnwatched: false }
  const list = new Roster({
    profiles: new Profiles(),
    clock: { wallMs: () => nowMs, monotonicMs: () => nowMs },
    isUnwatched: () => watch.isUnwatched,
    publish: (event) => told.push(event),
    onProfile: () => {},
  })
  const seats = new Map<string, ReturnType<typeof add>>()
  const introduce = (id: string) => list.introduce(seats.get(id)!)
  const remove = (id: string) => list.remove(seats.get(id)!)
  const add = (id: string, view: Partial<SeatView> = {}) => {
    const seat = {
      camera: {
        id,
        address: '192.0.2.7',
        model: undefined as string | undefined,
        hasOwnId: false,
        ownName: null,
      },
      recorder: { isRecording: false },
      fellSilent: false,
      now: { ...IDLE, id, ...view } as SeatView,
      view: () => ({ ...seat.now }),
    }
    list.add(seat)
    seats.set(id, seat)
    return seat
  }
  const passes = (ms: number) => {
    nowMs += ms
    list.tick()
    return told.splice(0)
  }
  return { list, add, introduce, remove, passes, told, watch }
}
const states = (list: Roster) => list.views().map(({ id, state }) => [id, state])

describe('a device that connects anew before its lost connection is given up', () => {
  it('gets its name back then', () => {
    const { list, add, introduce, remove, passes, told } = roster()
    add('lost').fellSilent = true
    introduce('lost')
    list.patch('lost', { name: 'Bench 1' })
    passes(60_000)
    add('anew')
    introduce('anew')
    expect(list.views().map(({ id, name }) => [id, name])).toEqual([
      ['lost', 'Bench 1'],
      ['anew', null],
    ])
    passes(15_000)
    remove('lost')
    expect(told.map(({ type }) => type)).toEqual(['camera', 'camera-gone'])
    expect(list.views().map(({ id, name }) => [id, name])).toEqual([['anew', 'Bench 1']])
  })

  it('is another device when it has been there for long, or the first said goodbye', () => {
    const { list, add, introduce, remove, passes } = roster()
    for (const id of ['a', 'b']) {
      add(id).fellSilent = id === 'a'
      introduce(id)
    }
    passes(60_000)
    remove('a')
    expect(list.views().map(({ id, profile }) => [id, profile])).toEqual([
      ['a', '192.0.2.7 camera #1'],
      ['b', '192.0.2.7 camera #2'],
    ])
  })
})

describe('a camera gets its profile', () => {
  it('when it has introduced itself, with the model that it has then', () => {
    const { list, add, told, introduce } = roster()
    const seat = add('a')
    expect(list.views()).toEqual([])
    seat.camera.model = 'Pixel 6a'
    introduce('a')
    expect(told).toEqual([
      { type: 'camera', camera: expect.objectContaining({ id: 'a', profile: '192.0.2.7 Pixel 6a #1' }) },
    ])
    seat.camera.model = 'another'
    expect(introduce('a')!.profile).toBe('192.0.2.7 Pixel 6a #1')
  })

  it('after a second without, or when it records', () => {
    const { list, add, passes, introduce } = roster()
    const [silent, recording] = [add('silent'), add('recording')]
    expect(passes(500)).toEqual([])
    recording.recorder.isRecording = true
    passes(100)
    expect(states(list)).toEqual([['recording', 'ready']])
    passes(400)
    expect(states(list)).toEqual([
      ['recording', 'ready'],
      ['silent', 'ready'],
    ])
    silent.camera.model = 'late'
    expect(introduce('silent')!.profile).toBe('192.0.2.7 camera #2')
  })

  it('and none when it leaves before', () => {
    const { list, add, passes, remove } = roster()
    add('a')
    expect(remove('a')).toBeUndefined()
    expect([passes(5000), list.views()]).toEqual([[], []])
  })
})

it('tells figures once a second, changes of state at once, and nothing twice', () => {
  const { add, passes, introduce } = roster()
  const seat = add('a')
  introduce('a')
  passes(1000)
  seat.now.pictures = 1
  expect(passes(500)).toEqual([])
  expect(passes(500)).toMatchObject([{ type: 'camera', camera: { pictures: 1 } }])
  seat.now.pictures = 2
  seat.now.state = 'recording'
  expect(passes(100)).toMatchObject([{ type: 'camera', camera: { state: 'recording', pictures: 2 } }])
  expect(passes(5000)).toEqual([])
})

it('makes nothing while nobody listens, and tells the next listener what changed last', () => {
  const { add, passes, introduce, watch } = roster()
  const seat = add('a')
  introduce('a')
  passes(1000)
  watch.isUnwatched = true
  let looks = 0
  seat.view = () => {
    looks += 1
    return { ...seat.now }
  }
  seat.now.state = 'recording'
  expect(passes(2000)).toEqual([])
  seat.now.pictures = 7
  expect(passes(2000)).toEqual([])
  expect(looks).toBe(0)
  watch.isUnwatched = false
  expect(passes(100)).toMatchObject([{ type: 'camera', camera: { state: 'recording', pictures: 7 } }])
})

describe('a camera that left', () => {
  it('is shown as gone for five minutes', () => {
    const { list, add, passes, told, introduce, remove } = roster()
    add('a', { state: 'recording', recording: 'folder', take: 'take', pictures: 5, fps: 10 })
    introduce('a')
    told.length = 0
    remove('a')
    expect(told.splice(0)).toMatchObject([
      { camera: { id: 'a', state: 'gone', recording: null, take: null, pictures: 0, fps: null } },
    ])
    expect(passes(5 * 60_000 - 1)).toEqual([])
    expect(states(list)).toEqual([['a', 'gone']])
    expect(passes(1)).toEqual([{ type: 'camera-gone', id: 'a' }])
    expect(list.views()).toEqual([])
  })

  it('can still be named, for when it comes back', () => {
    const { list, add, told, introduce, remove } = roster()
    add('a')
    introduce('a')
    remove('a')
    expect(list.patch('a', { name: 'Left' })).toMatchObject({ id: 'a', state: 'gone', name: 'Left' })
    told.length = 0
    add('b')
    introduce('b')
    expect(told).toMatchObject([
      { type: 'camera-gone', id: 'a' },
      { type: 'camera', camera: { id: 'b', name: 'Left' } },
    ])
  })

  it('is one of a hundred at most', () => {
    const { list, add, told, introduce, remove } = roster()
    for (let i = 0; i < 103; i += 1) add(`camera ${i}`)
    for (let i = 0; i < 103; i += 1) introduce(`camera ${i}`)
    told.length = 0
    for (let i = 0; i < 103; i += 1) remove(`camera ${i}`)
    expect(list.views()).toHaveLength(100)
    expect(told.filter(({ type }) => type === 'camera-gone')).toEqual(
      ['camera 0', 'camera 1', 'camera 2'].map((id) => ({ type: 'camera-gone', id })),
    )
  })
})

it('lists by order, then id', () => {
  const { list, add, introduce } = roster()
  for (const id of ['c', 'b', 'a']) add(id)
  for (const id of ['c', 'b', 'a']) introduce(id)
  expect(states(list).map(([id]) => id)).toEqual(['c', 'b', 'a'])
  for (const id of ['a', 'b', 'c']) list.patch(id, { order: 0 })
  list.patch('c', { order: -1 })
  expect(states(list).map(([id]) => id)).toEqual(['c', 'a', 'b'])
})

it('takes two of one id for two', () => {
  const { list, add, introduce } = roster()
  const first = add('a')
  introduce('a')
  const second = add('a')
  introduce('a')
  expect(list.views().map(({ profile }) => profile.at(-1))).toEqual(['1', '2'])
  list.remove(first)
  expect(list.views().map(({ state, profile }) => [state, profile.at(-1)])).toEqual([
    ['gone', '1'],
    ['ready', '2'],
  ])
  list.remove(second)
  expect(states(list)).toEqual([['a', 'gone']])
})
