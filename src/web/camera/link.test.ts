import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ToPhone2 } from '../../wire/protocol2.ts'
import { Link, type Socket } from './link.ts'

/** A socket of the browser, as the link uses it. */
class FakeSocket implements Socket {
  binaryType = ''
  readyState = 0
  bufferedAmount = 0
  onopen: (() => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  isClosed = false
  readonly sent: unknown[] = []

  send(data: string | Uint8Array): void {
    this.sent.push(typeof data === 'string' ? JSON.parse(data) : data)
  }

  close(): void {
    this.isClosed = true
    this.readyState = 3
  }

  opens(): void {
    this.readyState = 1
    this.onopen?.()
  }

  says(message: ToPhone2): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
}

const welcome: ToPhone2 = { type: 'welcome', protocol: 2, camera: 'c', name: null, resumeWindowMs: 1 }

let sockets: FakeSocket[]
let isThere: boolean
let opened: number
let link: Link

const latest = () => sockets.at(-1)!

beforeEach(() => {
  vi.useFakeTimers()
  sockets = []
  isThere = false
  opened = 0
  link = new Link({
    connect: () => {
      sockets.push(new FakeSocket())
      return latest()
    },
    hello: () => ({ type: 'hello', protocol: 2, id: 'phone-1', name: null, model: null, stopped: null }),
    isThere: async () => isThere,
    nowUs: () => 7,
    onOpen: () => {
      opened += 1
    },
    onMessage: () => {},
    onState: () => {},
  })
})

afterEach(() => {
  link.close()
  vi.useRealTimers()
})

describe('the link', () => {
  it('says hello, asks the time, and is open when it is welcomed', () => {
    latest().opens()
    expect(latest().sent).toMatchObject([
      { type: 'hello', id: 'phone-1' },
      { type: 'clock', phoneUs: 7 },
    ])
    expect([link.state, link.isOpen, opened]).toEqual(['connecting', false, 0])
    latest().says(welcome)
    expect([link.state, link.isOpen, opened]).toEqual(['open', true, 1])
  })

  it('asks the time every two seconds, and connects anew when nothing was heard for five', () => {
    latest().opens()
    latest().says(welcome)
    vi.advanceTimersByTime(4000)
    expect(latest().sent.filter((message) => (message as { type: string }).type === 'clock')).toHaveLength(3)
    latest().says({ type: 'clock', phoneUs: 7, receivedUs: 7, sentUs: 7 })
    vi.advanceTimersByTime(4900)
    expect([link.state, sockets.length]).toEqual(['open', 1])
    vi.advanceTimersByTime(100)
    expect([link.state, latest().isClosed]).toEqual(['connecting', true])
    vi.advanceTimersByTime(300)
    expect(sockets).toHaveLength(2)
  })

  it('waits longer each time, up to three seconds, and anew when it was welcomed', () => {
    for (const waitMs of [300, 600, 1200, 2400, 3000, 3000]) {
      const before = sockets.length
      latest().onclose?.({ code: 1006 })
      vi.advanceTimersByTime(waitMs - 1)
      expect(sockets).toHaveLength(before)
      vi.advanceTimersByTime(1)
      expect(sockets).toHaveLength(before + 1)
    }
    latest().opens()
    latest().says(welcome)
    latest().onclose?.({ code: 1006 })
    vi.advanceTimersByTime(300)
    expect(sockets).toHaveLength(8)
  })

  it('is refused when the server is there and takes no connection, until it takes one', async () => {
    latest().onclose?.({ code: 1006 })
    await vi.advanceTimersByTimeAsync(300)
    expect(link.state).toBe('connecting')
    isThere = true
    latest().onclose?.({ code: 1006 })
    await vi.advanceTimersByTimeAsync(600)
    expect(link.state).toBe('refused')
    latest().opens()
    latest().says(welcome)
    expect(link.state).toBe('open')
  })

  it('stays away when another page has the camera', () => {
    latest().opens()
    latest().says(welcome)
    latest().onclose?.({ code: 4409 })
    vi.advanceTimersByTime(60_000)
    expect([link.state, sockets.length]).toEqual(['replaced', 1])
  })
})
