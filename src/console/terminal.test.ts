import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { busy, FakeRoom, idle, nothing, openPipe, settled } from '../../test/support/terminal.ts'
import type { Outcome } from '../recording/asked.ts'
import { statusLines } from './room.ts'
import { openTerminal } from './terminal.ts'

beforeEach(() => void vi.stubEnv('TERM', 'xterm'))
afterEach(() => vi.unstubAllEnvs())

describe('on a pipe', () => {
  it('writes no prompt and no escape sequence', async () => {
    const { terminal, type, text } = openPipe()
    terminal.write('hello')
    expect(text()).toBe('hello\n')
    expect((await type('help')).join('\n')).not.toContain('\x1b')
    terminal.close()
  })

  it('ends nothing when its input ends, and still writes', async () => {
    const { input, onQuit, terminal, text } = openPipe()
    input.end()
    await settled()
    terminal.write('still here')
    expect(onQuit).not.toHaveBeenCalled()
    expect(text()).toBe('still here\n')
  })

  it('obeys quit and exit', async () => {
    const { type, onQuit } = openPipe()
    await type('quit')
    await type('exit\r')
    expect(onQuit).toHaveBeenCalledTimes(2)
  })

  it('closes twice without harm', () => {
    const { terminal } = openPipe()
    terminal.close()
    terminal.close()
  })

  it('goes on when nobody reads its output any more', async () => {
    const { output, terminal } = openPipe()
    output.destroy(new Error('EPIPE'))
    await settled()
    terminal.write('lost')
  })
})

describe('commands', () => {
  it('says so when no camera is connected, and starts nothing', async () => {
    const { room, type } = openPipe()
    expect(await type('start')).toEqual(['start: no camera is connected, nothing is started'])
    expect(room.requests).toEqual([])
    expect(await type('stop')).toEqual(['stop: no camera is connected, nothing is stopped'])
  })

  it('asks one board, starts and stops one camera, and names those that there are', async () => {
    const { room, type } = openPipe()
    room.rows = [idle, busy]
    expect(await type(`status @${busy.id}`)).toEqual([`status: asking ${busy.id}`])
    expect(room.told).toEqual(['status'])
    expect(await type(`status @${idle.id}`)).toEqual([
      `status: asking ${idle.id}`,
      `status: ${idle.id}: it is no board`,
    ])
    for (const line of ['start @esp-9', 'stop @esp-9', 'status @esp-9'])
      expect((await type(line))[0]).toContain(
        `no camera "esp-9" is connected; there are: @${idle.id}, @${busy.id}`,
      )
    expect(room.requests).toEqual([])
  })

  it('says why a start is refused', async () => {
    const { room, type } = openPipe()
    room.rows = [idle]
    room.space = { freeBytes: 12e6, minutes: 0, isLow: true }
    expect(await type('start')).toEqual(['start: 12 MB free (DISK_SPACE_LOW); nothing is started'])
    expect(room.requests).toEqual([])
  })

  it.each([
    [{ freeBytes: 1.23e9, minutes: 40.9, isLow: false }, 'disk: 1.2 GB free, good for 40 minutes'],
    [{ freeBytes: 2e9, minutes: 1.5, isLow: false }, 'disk: 2.0 GB free, good for 1 minute'],
    [{ freeBytes: 71e9, minutes: 700, isLow: false }, 'disk: 71.0 GB free, good for 11 hours'],
    [{ freeBytes: 9e12, minutes: 90_000, isLow: false }, 'disk: 9000.0 GB free, good for 62 days'],
    [{ freeBytes: 12.9e6, minutes: undefined, isLow: true }, 'disk: 12 MB free; too little to start'],
  ])('tells how long the space lasts: %o', async (space, line) => {
    const { room, type } = openPipe()
    room.space = space
    expect((await type('status')).at(-1)).toBe(line)
  })

  it('ends a take that every camera has left', async () => {
    const { room, type } = openPipe()
    room.take = 'take_1'
    expect(await type('stop')).toEqual(['take_1: no camera is connected, the take has ended'])
    expect(room.requests).toEqual(['stop'])
  })

  it('starts, then names who confirmed and who did not', async () => {
    const { room, type } = openPipe()
    room.rows = [idle, busy]
    room.outcome = {
      confirmed: ['a', 'b'],
      already: ['c'],
      refused: [{ camera: 'd', message: 'camera in use\x1b[2J' }],
      failed: [{ camera: 'e', message: 'the connection ended' }],
      silent: ['f'],
      away: ['g'],
    }
    expect(await type('start 16:9 8 30')).toEqual([
      'take_1: starting 2 cameras (16:9, 8 Mbit/s, 30 fps)',
      'take_1: 2 confirmed: a, b',
      'take_1: 1 already streaming: c',
      'take_1: 1 refused: d (camera in use\\x1b[2J)',
      'take_1: 1 not reached: e (the connection ended)',
      'take_1: 1 no answer: f',
      'take_1: 1 away, told when back: g',
    ])
    expect(room.requests).toEqual([{ aspectRatio: { width: 16, height: 9 }, bitrateMbps: 8, fps: 30 }])
    room.rows = [{ ...idle, id: 'a', name: 'Stage left' }]
    expect((await type('start')).slice(1, 3)).toContain('take_1: 2 confirmed: Stage left, b')
  })

  it('does not name many cameras that obeyed, but each that did not', async () => {
    const { room, type } = openPipe()
    room.rows = [idle]
    const ids = Array.from({ length: 30 }, (_, i) => `c${i + 1}`)
    const answers = async (line: string, outcome: Partial<Outcome>) => {
      room.outcome = { ...nothing, ...outcome }
      room.take = undefined
      return (await type(line)).slice(1)
    }
    expect(await answers('start', { confirmed: ids })).toEqual(['take_1: all 30 confirmed'])
    expect(await answers('stop', { confirmed: ids })).toEqual(['stop: all 30 stopped'])
    expect(await answers('start', { confirmed: ids.slice(0, 6) })).toEqual([
      'take_1: 6 confirmed: c1, c2, c3, c4, c5, c6',
    ])
    const failed = ids.slice(28).map((camera) => ({ camera, message: 'gone' }))
    expect(
      await answers('start', { confirmed: ids.slice(0, 20), silent: ids.slice(20, 28), failed }),
    ).toEqual([
      'take_1: 20 of 30 confirmed',
      'take_1: 2 not reached: c29 (gone), c30 (gone)',
      'take_1: 8 no answer: c21, c22, c23, c24, c25, c26, c27, c28',
    ])
  })

  it('shortens the long reason of a phone', async () => {
    const { room, type } = openPipe()
    room.rows = [idle]
    room.outcome = { ...nothing, refused: [{ camera: 'd', message: 'x'.repeat(5000) }] }
    expect((await type('start'))[1]).toBe(`take_1: 1 refused: d (${'x'.repeat(200)}… (5000 characters))`)
  })

  it('starts the idle cameras into the take that runs', async () => {
    const { room, type } = openPipe()
    room.take = 'take_1'
    room.rows = [busy, idle]
    room.outcome = { ...nothing, confirmed: [idle.id] }
    expect(await type('start 8 30')).toEqual([
      "take_1 runs: starting 1 more camera (the phone's aspect ratio, 8 Mbit/s, 30 fps)",
      'take_1: 1 confirmed: 192.168.1.20_40312',
    ])
  })

  it('says that every camera is in the take that runs', async () => {
    const { room, type } = openPipe()
    room.take = 'take_1'
    room.rows = [busy, busy]
    expect(await type('start')).toEqual(['take_1 runs already: all 2 cameras are in it'])
    room.rows = [busy]
    expect(await type('start')).toEqual(['take_1 runs already: the only camera is in it'])
  })

  it('prints what is wrong with a start and starts with the default', async () => {
    const { room, type } = openPipe()
    room.rows = [idle]
    const lines = await type('start 0 5')
    expect(lines[0]).toMatch(/^start: bitrate "0" /)
    expect(room.requests).toEqual([{ bitrateMbps: 4, fps: 5 }])
  })

  it('stops by the name of the take', async () => {
    const { room, type } = openPipe()
    room.rows = [idle]
    room.take = 'take_1'
    room.outcome = { ...nothing, confirmed: [idle.id] }
    expect(await type('stop')).toEqual(['take_1: stopping 1 camera', 'take_1: 1 stopped: 192.168.1.20_40312'])
  })

  it('sends nothing for an unknown word and names the commands', async () => {
    const { room, type } = openPipe()
    room.rows = [idle]
    const [line] = await type('strat\x07')
    expect(line).toMatch(/^"strat\\x07" is no command.*start.*stop.*status.*help.*quit/)
    expect(room.requests).toEqual([])
  })
})

describe('status', () => {
  it('says when there is no camera and no take', async () => {
    const { type } = openPipe()
    expect(await type('status')).toEqual(['No camera is connected.', 'No take is running.'])
  })

  it('says that a take is open in which nobody records, and what can be done', async () => {
    const { room, type } = openPipe()
    room.take = 'take_1'
    expect((await type('status')).at(-1)).toBe('take_1 is open, but no camera is connected: stop ends it.')
    room.rows = [idle, { ...idle, state: 'unrecorded' }]
    expect((await type('status')).at(-1)).toBe(
      'take_1 is open, but nobody records: start begins a new take, stop ends this one.',
    )
    // One that is away may film on.
    for (const state of ['recording', 'starting', 'away', 'disk full'] as const) {
      room.rows = [idle, { ...idle, state }]
      expect((await type('status')).at(-1)).toBe('take_1 is running.')
    }
  })

  it('names cameras where one has a name, and is cut to the window', () => {
    const named = { ...busy, id: 'phone-ab12cd34', name: 'Stage left, by the door' }
    expect(statusLines([idle, named], 80)).toMatchInlineSnapshot(`
      [
        "camera             name     model state        time pictures  fps Mbit/s missing",
        "192.168.1.20_40312 -        Pixe… ready           -        -    -      -       -",
        "phone-ab12cd34     Stage l… SM-G… recording 1:00:01    36000 10.0    4.0       2",
      ]
    `)
    expect(statusLines([{ ...named, name: '舞台左侧机位' }], 120)).toMatchInlineSnapshot(`
      [
        "camera          name          model     state         time  pictures   fps  Mbit/s  missing",
        "phone-ab12cd34  舞台左侧机位  SM-G991B  recording  1:00:01     36000  10.0     4.0        2",
      ]
    `)
  })

  it('says why nothing can be recorded', async () => {
    const { room, type } = openPipe()
    room.fault = 'is gone (ENOENT)'
    expect((await type('status')).at(-1)).toBe('The data folder is gone (ENOENT): nothing can be recorded.')
  })

  it('aligns a table that fits in 80 columns, cutting models', async () => {
    const { room, type } = openPipe()
    room.rows = [idle, busy, { ...idle, id: 'x_1', model: '\x1b[2J手机摄像头一二三四五', state: 'starting' }]
    room.take = 'take_1'
    const lines = await type('status')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(lines.at(-2)).toMatch(/^x_1 .*\\x1b\[2J/)
    expect(lines.at(-1)).toBe('take_1 is running.')
    expect(statusLines([idle, busy], 80)).toMatchInlineSnapshot(`
      [
        "camera              model    state        time pictures  fps Mbit/s missing",
        "192.168.1.20_40312  Pixel 6a ready           -        -    -      -       -",
        "192.168.1.121_40313 SM-G991B recording 1:00:01    36000 10.0    4.0       2",
      ]
    `)
    expect(
      statusLines([{ ...idle, model: '手机摄像头一二三四五六七', malformed: 3 }, busy], 80),
    ).toMatchInlineSnapshot(`
      [
        "camera              model state        time pictures  fps Mbit/s missing malformed",
        "192.168.1.20_40312  手机… ready           -        -    -      -       -         3",
        "192.168.1.121_40313 SM-G… recording 1:00:01    36000 10.0    4.0       2         0",
      ]
    `)
  })
})

it('gives its answers to who takes them, as they are, and writes and prompts nothing by itself', async () => {
  const [input, output, said] = [new PassThrough(), new PassThrough(), [] as string[]]
  Object.assign(input, { isTTY: true })
  Object.assign(output, { isTTY: true })
  const say = (line: string) => said.push(line)
  const terminal = openTerminal({ input, output, room: new FakeRoom(), onQuit: vi.fn(), say })
  input.write('stop\nstart\n')
  await settled()
  terminal.close()
  expect(said).toEqual([
    'stop: no camera is connected, nothing is stopped',
    'start: no camera is connected, nothing is started',
  ])
  expect(output.read()).toBeNull()
})
