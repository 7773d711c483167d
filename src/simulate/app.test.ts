import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCommand } from './app.ts'

describe('parseCommand', () => {
  it.each([
    ['{"command":"stop_capture"}', { kind: 'stop' }],
    [
      '{"command":"start_capture","payload":{"format":"h264","bitrate":8,"fps":15,"aspectRatio":{"width":4,"height":3}}}',
      { kind: 'start', request: { bitrateMbps: 8, fps: 15, size: { width: 960, height: 720 } } },
    ],
    [
      '{"command":"start_capture","payload":{"format":"h264","bitrate":4,"fps":0}}',
      { kind: 'start', request: { bitrateMbps: 4, fps: 0, size: { width: 1280, height: 720 } } },
    ],
  ])('reads %s', (text, command) => {
    expect(parseCommand(text)).toEqual(command)
  })

  it.each(['', 'start', 'null', '[]', '7', '{}', '{"command":"start_capture"}', '{"command":"zoom"}'])(
    'ignores %s, as the app does',
    (text) => {
      expect(parseCommand(text)).toBeUndefined()
    },
  )

  it('asks no camera for what none can do, whatever comes', () => {
    const value = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.constantFrom(null, -1, 0, true, [], {}))
    const ratio = fc.oneof(value, fc.record({ width: value, height: value }, { requiredKeys: [] }))
    const payload = fc.record({ bitrate: value, fps: value, aspectRatio: ratio }, { requiredKeys: [] })
    const message = fc.oneof(
      fc.record({ command: fc.constantFrom('start_capture', 'stop_capture', 7), payload }),
      fc.json().map((text) => JSON.parse(text)),
    )
    fc.assert(
      fc.property(message, (sent) => {
        const command = parseCommand(JSON.stringify(sent))
        if (command?.kind !== 'start') return
        const { bitrateMbps, fps, size } = command.request
        expect(bitrateMbps).toBeGreaterThan(0)
        expect(fps).toBeGreaterThanOrEqual(0)
        for (const side of [size.width, size.height]) {
          expect(side % 2).toBe(0)
          expect(side).toBeGreaterThanOrEqual(720)
          expect(side).toBeLessThanOrEqual(2880)
        }
      }),
      { seed: 19, numRuns: 1500 },
    )
  })
})
