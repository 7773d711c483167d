import { describe, expect, it } from 'vitest'
import { StorageError } from './errors.ts'
import { createLog, printable } from './log.ts'

const clock = { wallMs: () => new Date(2026, 10, 24, 15, 30, 1).getTime() + 0.5, monotonicMs: () => 0 }

function logTo(format: 'text' | 'json', colour = false) {
  const lines: string[] = []
  const log = createLog({ level: 'info', format, colour, clock, write: (line) => lines.push(line) })
  return { log, lines }
}

describe('text', () => {
  it('says who, what and the details on one short line', () => {
    const { log, lines } = logTo('text')
    log.info({ camera: '127.0.0.1_40312', path: '/android-cam' }, 'connected')
    log.info({ camera: '::1_7', recording: '--1_7_20261124_153001', pictures: 7 }, 'closed')
    log.info({ camera: 'a_1', recording: 'a_1_20261124_153001', pictures: 7 }, 'closed')
    log.info({ recording: 'x_1', pictures: 7, seconds: 1.5 }, 'recovered')
    log.info({ camera: '127.0.0.1_40312', text: '42' }, 'says')
    log.info('ready at port %d', 50001)
    expect(lines).toEqual([
      '15:30:01 camera 127.0.0.1_40312 connected (/android-cam)',
      '15:30:01 recording --1_7_20261124_153001 closed (camera ::1_7, pictures 7)',
      '15:30:01 recording a_1_20261124_153001 closed (pictures 7)',
      '15:30:01 recording x_1 recovered (pictures 7, seconds 1.5)',
      '15:30:01 camera 127.0.0.1_40312 says: 42',
      '15:30:01 ready at port 50001',
    ])
  })

  it('marks warnings and errors, in colour only where that is asked for', () => {
    const plain = logTo('text')
    plain.log.warn({ camera: 'a' }, 'the disk is behind')
    plain.log.error('gone')
    expect(plain.lines).toEqual(['15:30:01 WARN camera a the disk is behind', '15:30:01 ERROR gone'])
    const colourful = logTo('text', true)
    colourful.log.warn('slow')
    expect(colourful.lines).toEqual(['15:30:01 \x1b[33mWARN\x1b[0m slow'])
  })

  it('leaves out what is under the level', () => {
    const { log, lines } = logTo('text')
    log.debug('detail')
    expect(lines).toEqual([])
  })

  it('shows the message of an error that we foresaw once, and the stack of any other', () => {
    const { log, lines } = logTo('text')
    const full = new StorageError('STORAGE_FAILED', 'no space')
    log.error({ camera: 'a', code: full.code, err: full }, 'the recording ends: %s', full.message)
    log.error({ err: full }, 'not recovered')
    log.error({ err: new TypeError('x is\n15:30:01 fake') }, 'a bug')
    expect(lines[0]).toBe('15:30:01 ERROR camera a the recording ends: no space (code STORAGE_FAILED)')
    expect(lines[1]).toBe('15:30:01 ERROR not recovered: no space')
    expect(lines[2]).toMatch(/^15:30:01 ERROR a bug\n {4}TypeError: x is\n {4}15:30:01 fake\n {4}at /)
  })

  it('cannot be painted by what a phone sends', () => {
    const { log, lines } = logTo('text')
    log.info({ camera: 'a', text: '\x1b[2J\r\nfake\x9b31m\u202e\x7f摄像头' }, 'says')
    log.warn({ camera: 'a', model: '\x1b]0;owned\x07' }, 'the camera reports: %s', '\x1b[H')
    expect(lines).toEqual([
      '15:30:01 camera a says: \\x1b[2J\\r\\nfake\\x9b31m\\u202e\\x7f摄像头',
      '15:30:01 WARN camera a the camera reports: \\x1b[H (\\x1b]0;owned\\x07)',
    ])
  })
})

describe('a long text of a phone', () => {
  const text = '\x1b🎥'.repeat(300)

  it.each(['text', 'path', 'model'])('is shortened in the field %s of text, with its length', (field) => {
    const { log, lines } = logTo('text')
    log.info({ camera: 'a', [field]: text }, 'says')
    expect(lines[0]).toContain(`${'\\x1b🎥'.repeat(40)}… (600 characters)`)
    expect([...lines[0]!].length).toBeLessThan(270)
  })

  it('is whole up to the bound', () => {
    const { log, lines } = logTo('text')
    log.info({ camera: 'a', text: 'x'.repeat(200) }, 'says')
    expect(lines[0]).toBe(`15:30:01 camera a says: ${'x'.repeat(200)}`)
  })

  it('is whole in json', () => {
    const { log, lines } = logTo('json')
    log.info({ camera: 'a', text }, 'says')
    expect(JSON.parse(lines[0]!).text).toBe(text)
  })
})

describe('json', () => {
  it('gives one object a line, with every control character escaped', () => {
    const { log, lines } = logTo('json')
    const text = '\x1b[2J\x9b31m\u2028\u202e\n'
    log.warn({ camera: 'a', text }, 'says')
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toMatch(/[\p{Cc}\u2028\u202e]/u)
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 40,
      time: Math.trunc(clock.wallMs()),
      camera: 'a',
      text,
      msg: 'says',
    })
  })
})

it('leaves ordinary text of any language as it is', () => {
  expect(printable('Pixel 6a 手机 é 🎥')).toBe('Pixel 6a 手机 é 🎥')
})
