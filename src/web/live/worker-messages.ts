/** What the page and the worker that decodes say to each other. */

/** Where pictures go: into a <video> by its track's stream, or onto a canvas. */
export type Target =
  | { kind: 'track'; writable: WritableStream<VideoFrame> }
  | { kind: 'canvas'; canvas: OffscreenCanvas }

export type ToWorker =
  /** Shows a camera from now on. */
  | { type: 'watch'; camera: string; url: string; target: Target }
  | { type: 'unwatch'; camera: string }
  /** The way to the server was cut, and is there again. */
  | { type: 'reconnect' }
  /** All that are shown, the most important first; `isHidden`: nobody looks at the page. */
  | { type: 'importance'; cameras: string[]; isHidden: boolean }

/** `waiting`: no picture has come on this connection. `undecodable`: the browser has no decoder for it. */
export type StreamState = 'connecting' | 'waiting' | 'playing' | 'signed-out' | 'gone' | 'undecodable'

/** About once a second for each camera, and at once when its state changes. */
export interface StreamStatus {
  camera: string
  state: StreamState
  /** Drawn in the last second. */
  fps: number
  /** From the server's having a picture to its being drawn, ms; null without pictures. */
  delayMs: number | null
  /** Pixels; null before the first picture. */
  width: number | null
  height: number | null
  /** Pictures that never came, since it is watched. */
  missing: number
  /** Shown by keyframes alone, because this machine cannot follow. */
  isSlow: boolean
}

export type FromWorker = { type: 'status'; statuses: StreamStatus[] }
