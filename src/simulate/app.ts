/** What the Android app says and understands, as docs/protocol.md has it. Pure. */

/** What `start_capture` asks for; what it leaves out or writes wrong has the app's own value. */
export interface CaptureRequest {
  /** Megabits a second, above 0. */
  bitrateMbps: number
  /** Pictures a second, 0 is as many as it can. */
  fps: number
  /** Pixels, even; what the app makes of the aspect ratio. */
  size: { width: number; height: number }
}

export type AppCommand = { kind: 'start'; request: CaptureRequest } | { kind: 'stop' }

const DEFAULT_BITRATE_MBPS = 4
const DEFAULT_FPS = 10
/** Chosen on the phone: 16:9. */
const DEFAULT_SIZE = { width: 1280, height: 720 }
/** The shorter side of what the app captures, in pixels. */
const SHORT_SIDE = 720
/** Aspect ratios beyond this are no camera's. */
const MAX_RATIO = 4

/** The request that a phone begins with by itself. */
export const OWN_REQUEST: CaptureRequest = {
  bitrateMbps: DEFAULT_BITRATE_MBPS,
  fps: DEFAULT_FPS,
  size: DEFAULT_SIZE,
}

/** The text that tells what this phone can do. */
export function capabilitiesText(): string {
  const sizes = [
    [4032, 3024],
    [1920, 1080],
    [1280, 960],
    [1280, 720],
    [640, 480],
  ] as const
  const resolutions = (['back', 'front'] as const).flatMap((lensFacing) =>
    sizes.map(([width, height]) => ({ width, height, format: 'YUV_420_888', lensFacing })),
  )
  const imageAnalysisResolution = { width: 1280, height: 720 }
  return JSON.stringify({
    type: 'capabilities',
    deviceModel: 'Pixel 6a',
    sdkInt: 35,
    resolutions,
    imageAnalysisResolution,
  })
}

/** Reads a text of the server; undefined for all that the app ignores. Never throws. */
export function parseCommand(text: string): AppCommand | undefined {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isRecord(message)) return undefined
  if (message.command === 'stop_capture') return { kind: 'stop' }
  const { payload } = message
  if (message.command !== 'start_capture' || !isRecord(payload)) return undefined
  const { bitrate, fps, aspectRatio } = payload
  return {
    kind: 'start',
    request: {
      bitrateMbps: isNumber(bitrate) && bitrate > 0 ? bitrate : DEFAULT_BITRATE_MBPS,
      fps: isNumber(fps) && fps >= 0 ? fps : DEFAULT_FPS,
      size: sizeFor(aspectRatio),
    },
  }
}

function sizeFor(aspectRatio: unknown): { width: number; height: number } {
  if (!isRecord(aspectRatio)) return DEFAULT_SIZE
  const { width, height } = aspectRatio
  if (!isNumber(width) || !isNumber(height) || width <= 0 || height <= 0) return DEFAULT_SIZE
  // 1:1 is "uncropped": the sensor's own 4:3.
  const ratio = width === height ? 4 / 3 : Math.min(MAX_RATIO, Math.max(1 / MAX_RATIO, width / height))
  if (ratio >= 1) return { width: even(SHORT_SIDE * ratio), height: SHORT_SIDE }
  return { width: SHORT_SIDE, height: even(SHORT_SIDE / ratio) }
}

function even(pixels: number): number {
  return Math.round(pixels / 2) * 2
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
