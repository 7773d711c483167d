import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CameraMessage, parseCameraMessage, STOP_CAPTURE_TEXT, startCaptureText } from './messages.ts'

const CAPABILITIES = {
  type: 'capabilities',
  deviceModel: 'Pixel 6a',
  sdkInt: 35,
  resolutions: [
    { width: 1280, height: 720, format: 'YUV_420_888', lensFacing: 'back' },
    { width: 640, height: 480, format: 'YUV_420_888', lensFacing: 'front' },
    { width: 1920, height: 1080, format: 'YUV_420_888', lensFacing: 'external' },
  ],
  imageAnalysisResolution: { width: 1280, height: 720 },
} as const

const UNKNOWN: CameraMessage = { kind: 'unknown' }

describe('parseCameraMessage', () => {
  it.each(['ready', 'capture_started', 'capture_stopped', 'error'] as const)(
    'knows the status %s',
    (status) => {
      expect(parseCameraMessage(JSON.stringify({ status }))).toEqual({ kind: 'status', status })
      expect(parseCameraMessage(JSON.stringify({ status, message: 'Kamera läuft 摄像头' }))).toEqual({
        kind: 'status',
        status,
        message: 'Kamera läuft 摄像头',
      })
    },
  )

  it.each([null, 17, true, ['a'], { text: 'a' }])(
    'takes a status whose message is no text: %j',
    (message) => {
      const parsed = parseCameraMessage(JSON.stringify({ status: 'ready', message }))
      expect(parsed).toEqual({ kind: 'status', status: 'ready', message: undefined })
    },
  )

  it('keeps what a camera can do', () => {
    const { type, ...rest } = CAPABILITIES
    expect(parseCameraMessage(JSON.stringify(CAPABILITIES))).toEqual({
      kind: 'capabilities',
      capabilities: { type, ...rest },
    })
  })

  it.each([
    ['nothing but the type', {}],
    ['no resolution for analysis', { deviceModel: 'Pixel 6a', imageAnalysisResolution: null }],
    ['fields of a later version', { deviceModel: 'Pixel 6a', zoom: { min: 1, max: 8 } }],
  ])('takes capabilities with %s', (_title, fields) => {
    const parsed = parseCameraMessage(JSON.stringify({ type: 'capabilities', ...fields }))
    expect(parsed).toMatchObject({ kind: 'capabilities', capabilities: { type: 'capabilities' } })
  })

  it('ignores what a status carries beside its message', () => {
    expect(parseCameraMessage('{"status":"ready","battery":80}')).toEqual({ kind: 'status', status: 'ready' })
  })

  it.each([
    ['a random number', '57'],
    ['text for people', 'ACK: start UXGA 12'],
    ['text in Chinese', 'ERROR: 摄像头初始化失败'],
    ['empty text', ''],
    ['broken JSON', '{"status":"ready"'],
    ['JSON with a byte order mark', '\ufeff{"status":"ready"}'],
    ['null', 'null'],
    ['a list', '[{"status":"ready"}]'],
    ['an empty object', '{}'],
    ['a status of another version', '{"status":"capture_paused"}'],
    ['a status in capitals', '{"status":"READY"}'],
    ['a status that is no text', '{"status":1}'],
    ['another type', '{"type":"telemetry","deviceModel":"Pixel 6a"}'],
    ['capabilities of another shape', '{"type":"capabilities","resolutions":"all"}'],
    ['a command, which only the server gives', STOP_CAPTURE_TEXT],
    ['very deep JSON', '['.repeat(100_000)],
  ])('calls %s unknown', (_title, text) => {
    expect(parseCameraMessage(text)).toEqual(UNKNOWN)
  })

  it('never throws, whatever comes', () => {
    const nearly = fc.record(
      {
        status: fc.oneof(fc.constantFrom('ready', 'error'), fc.jsonValue()),
        message: fc.jsonValue(),
        type: fc.oneof(fc.constant('capabilities'), fc.jsonValue()),
        deviceModel: fc.jsonValue(),
        resolutions: fc.jsonValue(),
        __proto__: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      nearly.map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(texts, (text) => {
        expect(['status', 'capabilities', 'unknown']).toContain(parseCameraMessage(text).kind)
      }),
      { seed: 3, numRuns: 2000 },
    )
  })
})

describe('startCaptureText', () => {
  it('names the aspect ratio that the operator named', () => {
    expect(startCaptureText({ aspectRatio: { width: 4, height: 3 }, bitrateMbps: 4, fps: 10 })).toBe(
      '{"command":"start_capture","payload":{"format":"h264","bitrate":4,"fps":10,"aspectRatio":{"width":4,"height":3}}}',
    )
  })

  it('leaves the aspect ratio out when the operator named none', () => {
    expect(startCaptureText({ bitrateMbps: 8, fps: 0 })).toBe(
      '{"command":"start_capture","payload":{"format":"h264","bitrate":8,"fps":0}}',
    )
  })
})

it('stops a camera without a payload', () => {
  expect(STOP_CAPTURE_TEXT).toBe('{"command":"stop_capture"}')
})
