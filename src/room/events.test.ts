import { describe, expect, it } from 'vitest'
import type { RoomEvent } from '../wire/api/events.ts'
import { Events, type EventsOptions } from './events.ts'

const gone = (id: string): RoomEvent => ({ type: 'camera-gone', id })
const SNAPSHOT = gone('everything')

function hub(options: Partial<EventsOptions> = {}) {
  const events = new Events({ startId: '17', snapshot: () => SNAPSHOT, ...options })
  const listen = (lastId?: string) => {
    const got: string[] = []
    const end = events.listen(lastId, (text) => got.push(text))
    return { got, end }
  }
  return { events, listen }
}
/** The ids of cameras that a text tells of. */
const told = (texts: string[]) => [...texts.join('').matchAll(/"id":"([^"]*)"/g)].map((match) => match[1])

describe('a listener', () => {
  it('gets a snapshot first, then every event, in the form of server-sent events', () => {
    const { events, listen } = hub()
    events.publish(gone('before'))
    const { got } = listen()
    events.publish(gone('a\nb'))
    expect(got).toEqual([
      'id: 17-1\nevent: camera-gone\ndata: {"type":"camera-gone","id":"everything"}\n\n',
      'id: 17-2\nevent: camera-gone\ndata: {"type":"camera-gone","id":"a\\nb"}\n\n',
    ])
  })

  it('gets nothing more once it has ended', () => {
    const { events, listen } = hub()
    const { got, end } = listen()
    expect(events.listeners).toBe(1)
    end()
    end()
    events.publish(gone('a'))
    expect([events.listeners, told(got)]).toEqual([0, ['everything']])
  })
})

describe('who comes back', () => {
  it('gets what it missed, in order, and no snapshot', () => {
    const { events, listen } = hub()
    for (const id of ['a', 'b', 'c']) events.publish(gone(id))
    expect(told(listen('17-1').got)).toEqual(['b', 'c'])
    expect(told(listen('17-0').got)).toEqual(['a', 'b', 'c'])
    expect(told(listen('17-3').got)).toEqual([])
  })

  it.each([
    ['of the start before', '16-2'],
    ['from the future', '17-4'],
    ['that is none', 'nonsense'],
    ['that is empty', ''],
    ['below zero', '17--1'],
  ])('with an id %s gets a snapshot', (_what, lastId) => {
    const { events, listen } = hub()
    for (const id of ['a', 'b', 'c']) events.publish(gone(id))
    expect(told(listen(lastId).got)).toEqual(['everything'])
  })

  it('after too many events gets a snapshot', () => {
    const { events, listen } = hub({ maxKeptEvents: 2 })
    for (const id of ['a', 'b', 'c']) events.publish(gone(id))
    expect(told(listen('17-0').got)).toEqual(['everything'])
    expect(told(listen('17-1').got)).toEqual(['b', 'c'])
  })

  it('after too long ones gets a snapshot', () => {
    const { events, listen } = hub({ maxKeptChars: 200 })
    for (const id of ['a', 'b', 'x'.repeat(100)]) events.publish(gone(id))
    expect(told(listen('17-1').got)).toEqual(['everything'])
    expect(told(listen('17-2').got)).toEqual(['x'.repeat(100)])
    events.publish(gone('x'.repeat(500)))
    expect(told(listen('17-3').got)).toEqual(['everything'])
  })
})
