import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { type Line, Repeats } from './repeats.ts'

/** Lines come out as `level message camera times`; the clock stands still until it is moved. */
function setUp() {
  const lines: string[] = []
  const time = { nowMs: 0 }
  const destination = {
    write(json: string) {
      const { level, msg, camera, times } = JSON.parse(json)
      lines.push([level, msg, camera, times].filter((part) => part !== undefined).join(' '))
    },
  }
  const clock = { wallMs: () => 0, monotonicMs: () => time.nowMs }
  const repeats = new Repeats({ log: pino({ level: 'info' }, destination), clock })
  const fault = (key: string, message: string, more: Partial<Line> = {}) =>
    repeats.line({ level: 'warn', key, fields: { camera: key }, message, ...more })
  const pass = (ms: number) => {
    time.nowMs += ms
    repeats.tick()
  }
  return { repeats, lines, fault, pass, time }
}

describe('Repeats', () => {
  it('logs the first at once, and a thousand more as one line with their count', () => {
    const { lines, fault, pass } = setUp()
    for (let i = 0; i <= 1000; i += 1) fault('a', `fault ${i}`)
    expect(lines).toEqual(['40 fault 0 a'])
    pass(9999)
    expect(lines).toHaveLength(1)
    pass(1)
    expect(lines.slice(1)).toEqual(['40 fault 1000 a 1000'])
  })

  it('keeps to one line in ten seconds while the fault goes on, and counts each once', () => {
    const { lines, fault, pass } = setUp()
    for (let second = 0; second < 60; second += 1) {
      for (let i = 0; i < 10; i += 1) fault('a', 'fault')
      pass(1000)
    }
    expect(lines).toHaveLength(7)
    const counted = lines.reduce((sum, line) => sum + Number(/ a (\d+)$/.exec(line)?.[1] ?? 1), 0)
    expect(counted).toBe(600)
  })

  it('logs at once again after ten quiet seconds', () => {
    const { lines, fault, pass } = setUp()
    fault('a', 'one')
    pass(10_000)
    fault('a', 'two')
    expect(lines).toEqual(['40 one a', '40 two a'])
  })

  it('gives no count for a single line that was held back', () => {
    const { lines, fault, pass } = setUp()
    fault('a', 'one')
    fault('a', 'two')
    pass(10_000)
    expect(lines).toEqual(['40 one a', '40 two a'])
  })

  it('holds back each kind by itself', () => {
    const { lines, fault } = setUp()
    for (const key of ['a', 'b', 'a', 'b']) fault(key, 'fault')
    expect(lines).toEqual(['40 fault a', '40 fault b'])
  })

  it('lets so many pass before it holds back, in each ten seconds', () => {
    const { lines, fault, pass } = setUp()
    const say = (i: number) => fault('a', `${i}`, { level: 'info', most: 3 })
    for (let i = 0; i < 10; i += 1) say(i)
    expect(lines).toEqual(['30 0 a', '30 1 a', '30 2 a'])
    pass(10_000)
    for (let i = 10; i < 20; i += 1) say(i)
    expect(lines.slice(3)).toEqual(['30 9 a 7', '30 10 a', '30 11 a'])
  })

  it('remembers a bounded number of kinds, and loses no count over it', () => {
    const { repeats, lines, fault } = setUp()
    for (let i = 0; i < 10_000; i += 1) for (let n = 0; n < 3; n += 1) fault(`${i}`, 'fault')
    // Of each kind two were held back: told as soon as another took its place.
    expect(lines).toHaveLength(10_000 + 10_000 - 256)
    repeats.flush()
    expect(lines).toHaveLength(20_000)
  })

  it('tells what it holds when it is flushed, once', () => {
    const { repeats, lines, fault } = setUp()
    for (let i = 0; i < 5; i += 1) fault('a', 'fault')
    repeats.flush()
    repeats.flush()
    expect(lines).toEqual(['40 fault a', '40 fault a 4'])
  })
})
