import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { RequestError } from '../errors.ts'
import { addSimulateOptions, simulatorOptions } from './options.ts'

function parsed(...args: string[]) {
  const command = addSimulateOptions(new Command()).exitOverride()
  command.parse(args, { from: 'user' })
  return simulatorOptions(command.opts(), {})
}

describe('the flags of simulate', () => {
  it('may all be left out', () => {
    expect(parsed()).toEqual({
      kind: 'phone',
      url: 'ws://127.0.0.1:50001/android-cam',
      cameras: 4,
      jitterMs: 0,
      lossShare: 0,
      clockOffsetMs: 0,
      clockDriftPpm: 0,
      seed: 1,
      autoStart: false,
    })
  })

  it('become the options, in their units', () => {
    const some = ['--cameras', '200', '--fps', '0.2', '--bitrate', '2.5', '--size', '640x480', '--loss', '5%']
    const rest = ['--drop-every', '30', '--for', '1.5', '--clock-offset', '-1000', '--clock-drift', '-50']
    expect(
      parsed(...some, ...rest, '--auto-start', '--jitter', '80', '--url', 'wss://a.b/c?key=k'),
    ).toMatchObject({
      url: 'wss://a.b/c?key=k',
      cameras: 200,
      fps: 0.2,
      bitrateMbps: 2.5,
      size: { width: 640, height: 480 },
      lossShare: 0.05,
      dropEveryMs: 30_000,
      forMs: 1500,
      clockOffsetMs: -1000,
      clockDriftPpm: -50,
      autoStart: true,
      jitterMs: 80,
    })
    expect(parsed('--loss', '0.05').lossShare).toBe(0.05)
    expect(parsed('--fps', '0').fps).toBe(0)
  })

  it.each([
    ['--cameras', ['0', '1.5', '1001', 'four', '']],
    ['--fps', ['-1', '241', 'NaN', '1e3']],
    ['--bitrate', ['0', '-4', '4M']],
    ['--size', ['640', '641x480', '0x0', '640x480x2', '9000x480']],
    ['--kind', ['phones', 'ESP', '']],
    ['--interval', ['0', '-2', 'often']],
    ['--jitter', ['-1', '60001', '1s']],
    ['--loss', ['1.1', '101%', '-1%', '%', 'some']],
    ['--drop-every', ['0', 'never']],
    ['--for', ['0', '1m']],
    ['--clock-offset', ['0.5', '-3600001', 'x']],
    ['--clock-drift', ['-500001', 'fast']],
    ['--seed', ['-1', '4294967296', '1.5']],
    ['--url', ['http://127.0.0.1/', 'localhost', 'ws://a/#b', '']],
  ])('%s refuses what is not allowed, and names itself and the value', (flag, values) => {
    for (const value of values) {
      const parse = () => parsed(...(flag === '--interval' ? ['--kind', 'number'] : []), `${flag}=${value}`)
      expect(parse, value).toThrow(RequestError)
      expect(parse, value).toThrow(
        new RegExp(`^${flag} is .*; got ${JSON.stringify(value).replaceAll('.', '\\.')}`),
      )
    }
  })

  it('have an address for each kind', () => {
    expect(parsed('--kind', 'esp')).toMatchObject({ kind: 'esp', url: 'ws://127.0.0.1:50001/esp' })
    expect(parsed('--kind', 'number', '--interval', '0.5')).toMatchObject({
      kind: 'number',
      url: 'ws://127.0.0.1:50001/',
      intervalMs: 500,
    })
    const url = 'ws://127.0.0.1:50001/esp?id=bench-{n}'
    expect(parsed('--kind', 'esp', '--url', url, '--fps', '5')).toMatchObject({ url, fps: 5 })
  })

  it.each([
    [['esp', '--bitrate', '4'], '--bitrate is for --kind phone; got --kind esp'],
    [['esp', '--auto-start'], '--auto-start is for --kind phone; got --kind esp'],
    [['esp', '--interval', '1'], '--interval is for --kind number; got --kind esp'],
    [['esp', '--fps', '0'], '--fps is pictures a second, above 0 to 240; got "0"'],
    [['number', '--loss', '0'], '--loss is for --kind phone and esp; got --kind number'],
    [['phone', '--interval', '1'], '--interval is for --kind number; got --kind phone'],
  ])('--kind %j: what does not go with it is refused', (args, message) => {
    expect(() => parsed('--kind', ...args)).toThrow(message)
  })
})
