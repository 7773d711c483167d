import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completeCommand, helpLines, parseCommand, startText } from './command.ts'

const usual = { bitrateMbps: 4, fps: 10 }
const ratio = (width: number, height: number) => ({ aspectRatio: { width, height } })

const boards = new Set(['esp-1'])

describe('start', () => {
  it.each([
    ['start', usual],
    ['  START  ', usual],
    ['start 16:9', { ...ratio(16, 9), ...usual }],
    ['start 16：9', { ...ratio(16, 9), ...usual }],
    ['start 1:1 8 30', { ...ratio(1, 1), bitrateMbps: 8, fps: 30 }],
    ['start 4 10', { bitrateMbps: 4, fps: 10 }],
    ['start 8', { bitrateMbps: 8, fps: 10 }],
    ['start\t16:9  200   240', { ...ratio(16, 9), bitrateMbps: 200, fps: 240 }],
    ['start 4:3 4 0', { ...ratio(4, 3), bitrateMbps: 4, fps: 0 }],
  ])('%j is understood', (line, request) => {
    expect(parseCommand(line)).toEqual({ kind: 'start', request, problems: [] })
  })

  it.each([
    ['start 16x9', { ...ratio(4, 3), ...usual }, 'aspect ratio "16x9"'],
    ['start 0:9 8 30', { ...ratio(4, 3), bitrateMbps: 8, fps: 30 }, 'aspect ratio "0:9"'],
    ['start 99:1 4 30', { ...ratio(4, 3), bitrateMbps: 4, fps: 30 }, 'aspect ratio "99:1" is not W:H'],
    ['start 1920:1080', { ...ratio(4, 3), ...usual }, 'each from 1 to 99'],
    ['start : 8 30', { ...ratio(4, 3), bitrateMbps: 8, fps: 30 }, 'aspect ratio ":"'],
    ['start 4:3:2', { ...ratio(4, 3), ...usual }, 'aspect ratio "4:3:2"'],
    ['start wide', { ...ratio(4, 3), ...usual }, 'aspect ratio "wide"'],
    ['start abc:def', { ...ratio(4, 3), ...usual }, 'aspect ratio "abc:def"'],
    ['start 16/9 8', { ...ratio(4, 3), bitrateMbps: 8, fps: 10 }, 'aspect ratio "16/9"'],
    ['start 0', usual, 'bitrate "0"'],
    ['start 4MB 20', { bitrateMbps: 4, fps: 20 }, 'bitrate "4MB"'],
    ['start 4.5', usual, 'bitrate "4.5"'],
    ['start -1', usual, 'bitrate "-1"'],
    ['start 201', usual, 'bitrate "201"'],
    ['start 16:9 x 20', { ...ratio(16, 9), bitrateMbps: 4, fps: 20 }, 'bitrate "x"'],
    ['start 8 -1', { bitrateMbps: 8, fps: 10 }, 'frame rate "-1"'],
    ['start 8 241', { bitrateMbps: 8, fps: 10 }, 'frame rate "241"'],
    ['start 8 30fps', { bitrateMbps: 8, fps: 10 }, 'frame rate "30fps"'],
    ['start 8 16:9', { bitrateMbps: 8, fps: 10 }, 'frame rate "16:9"'],
    ['start 8 20 30', { bitrateMbps: 8, fps: 20 }, '"30" is too much'],
    ['start 4:3 8 20 30 40', { ...ratio(4, 3), bitrateMbps: 8, fps: 20 }, '"30 40" is too much'],
  ])('%j names what is wrong and takes its default', (line, request, problem) => {
    expect(parseCommand(line)).toEqual({
      kind: 'start',
      request,
      problems: [expect.stringContaining(problem)],
    })
  })

  it.each([
    ['start UXGA 12', { resolution: 'UXGA', quality: 12 }, undefined],
    ['start qvga', { resolution: 'QVGA' }, undefined],
    ['start @esp-1', {}, 'esp-1'],
    ['start @esp-1 240x240 63', { resolution: '240X240', quality: 63 }, 'esp-1'],
    ['start @esp-1 5', { quality: 5 }, 'esp-1'],
    ['start @phone UXGA', { resolution: 'UXGA' }, 'phone'],
    ['start @phone 5', { bitrateMbps: 5 }, 'phone'],
  ])('%j is for boards, or for one camera', (line, settings, camera) => {
    const request = { ...usual, ...settings }
    expect(parseCommand(line, boards)).toEqual({ kind: 'start', request, problems: [], camera })
  })

  it.each([
    ['start UXGA 64', 'quality "64" is not a whole number from 1 to 63'],
    ['start UXGA 0', 'quality "0" is not a whole number from 1 to 63'],
    ['start UXGA best', 'quality "best"'],
    ['start UGXA 12', '"UGXA" is no resolution (one of QQVGA, '],
    ['start uxgaa', 'P_3MP, QXGA), and no aspect ratio W:H; nothing is started'],
    ['start 240x24 12', '"240x24" is no resolution'],
    ['start P_4MP', '"P_4MP" is no resolution'],
    ['start @esp-1 HUGE 12', 'resolution "HUGE" is not one of QQVGA, '],
    ['start @esp-1 0', 'quality "0"'],
    ['start @esp-1 UXGA 12 30', '"30" is too much'],
  ])('%j is refused, naming what boards allow', (line, message) => {
    expect(parseCommand(line, boards)).toEqual({
      kind: 'unknown',
      message: expect.stringContaining(message),
    })
  })

  it('is a start with the default ratio where a phone alone is meant', () => {
    const command = parseCommand('start @phone wide', boards)
    expect(command).toMatchObject({ kind: 'start', camera: 'phone', request: { ...ratio(4, 3), ...usual } })
  })

  it('names every problem of one line', () => {
    const command = parseCommand('start 0:0 0 999 x')
    expect(command).toMatchObject({ request: { ...ratio(4, 3), ...usual } })
    expect(command.kind === 'start' && command.problems).toHaveLength(4)
  })

  it('never asks a camera for what it may not be asked', () => {
    fc.assert(
      fc.property(fc.string(), (words) => {
        const command = parseCommand(`start ${words}`, boards)
        if (command.kind === 'unknown') {
          expect(command.message).toMatch(/is no resolution .*; nothing is started$/)
          return
        }
        if (command.kind !== 'start') throw new Error(command.kind)
        const { bitrateMbps, fps } = command.request
        expect(Number.isInteger(bitrateMbps) && bitrateMbps >= 1 && bitrateMbps <= 200).toBe(true)
        expect(Number.isInteger(fps) && fps >= 0 && fps <= 240 && !Object.is(fps, -0)).toBe(true)
      }),
      { seed: 7 },
    )
  })

  it('is told back in words', () => {
    expect(startText(usual)).toBe("the phone's aspect ratio, 4 Mbit/s, 10 fps")
    expect(startText({ ...ratio(16, 9), bitrateMbps: 8, fps: 0 })).toBe(
      '16:9, 8 Mbit/s, as many fps as it can',
    )
  })
})

describe('other words', () => {
  it.each([
    ['stop', 'stop'],
    [' Status ', 'status'],
    ['help', 'help'],
    ['qr', 'qr'],
    ['link', 'link'],
    ['quit', 'quit'],
    ['exit', 'quit'],
    ['', 'none'],
    [' \t ', 'none'],
  ])('%j is %s', (line, kind) => {
    expect(parseCommand(line)).toEqual({ kind })
  })

  it('stops one camera', () => {
    expect(parseCommand('stop @esp-1')).toEqual({ kind: 'stop', camera: 'esp-1' })
    for (const line of ['stop now', 'stop @', 'stop @esp-1 @esp-2'])
      expect(parseCommand(line)).toMatchObject({ kind: 'unknown' })
  })

  it.each(['strat', 'start16:9', 'toString', 'halt now'])('%j is refused, naming the commands', (line) => {
    const command = parseCommand(line)
    expect(command).toMatchObject({ kind: 'unknown' })
    for (const word of ['start', 'stop', 'status', 'help', 'quit', line.split(' ')[0]!])
      expect(command.kind === 'unknown' && command.message).toContain(word)
  })

  it('does nothing for a command with words that it does not take', () => {
    expect(parseCommand('quit later')).toEqual({
      kind: 'unknown',
      message: 'quit takes no words after it; got "later"',
    })
  })
})

it('breaks its help between words, as wide as the window is', () => {
  const words = (columns: number) => helpLines(columns).join(' ').split(/\s+/)
  for (const columns of [80, 100, 132]) {
    expect(Math.max(...helpLines(columns).map((line) => line.length))).toBeLessThan(columns)
    expect(words(columns)).toEqual(words(1000))
  }
  expect(helpLines(80).slice(0, 3)).toEqual([
    'start [W:H] [BITRATE] [FPS]  start every camera: one take',
    '      W:H                    aspect ratio, such as 4:3, 16:9 or 1:1; left out:',
    '                             as chosen on the phone',
  ])
})

it('completes commands, and ratios after start', () => {
  expect(completeCommand('st')).toEqual([['start ', 'stop ', 'status '], 'st'])
  expect(completeCommand('start 1')).toEqual([['16:9 ', '1:1 '], '1'])
  expect(completeCommand('stop ')).toEqual([[], ''])
})
