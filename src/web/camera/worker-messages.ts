/** What the camera page and its worker say to each other. The worker captures, encodes, keeps and sends; the page shows and asks. */

/** How the pictures are to be. */
export interface PictureSettings {
  /** Width to height of the recorded picture; null: as the camera gives it. */
  ratio: { width: number; height: number } | null
  /** Most pixels on the shorter side, such as 720. */
  shortSide: number
  /** Pictures a second; 0: as many as the camera gives. */
  fps: number
  bitrateMbps: number
  /** Burns time, day and zone into the picture: burnt-time.ts. */
  showsTime: boolean
}

export type ToWorker =
  /** First of all. `url`: where the WebSocket goes, its key in the query. `test`: keeps checksums of all pictures. */
  | {
      type: 'open'
      url: string
      id: string
      name: string | null
      model: string
      settings: PictureSettings
      test: boolean
      /** Bytes of pictures in memory at most; the rest is in the phone's store alone. Left out: 64 MiB. */
      memoryBytes?: number
    }
  /** The camera's frames, in place of those before; transferred. Null: there are none now. */
  | { type: 'frames'; frames: ReadableStream<VideoFrame> | null }
  /** One frame, where the browser has no stream of them; transferred. */
  | { type: 'frame'; frame: VideoFrame }
  /** The holder chose. `settings`: what is filmed with now; `own`: without what the operator asked for. */
  | { type: 'settings'; settings: PictureSettings; own: PictureSettings }
  | { type: 'name'; name: string | null }
  | { type: 'battery'; level: number; isCharging: boolean }
  /** A person pressed the button. */
  | { type: 'start' }
  | { type: 'stop' }
  /** Test mode: answered by `checksums`. */
  | { type: 'checksums' }

/** The way to the server. `replaced`: another page has this camera now. `refused`: the key is wrong, or the server is full. */
export type LinkState = 'connecting' | 'open' | 'replaced' | 'refused'

export interface CameraState {
  link: LinkState
  /** How the control room calls this camera. */
  serverName: string | null
  /** What runs; `startedAtMs` by this device's clock. `beginsAtMs` lies ahead while a start waits for its time. */
  capture: { id: string; startedAtMs: number; beginsAtMs: number | null; byOperator: boolean } | null
  /** Kept and not on the server's disk: how long, how much. */
  waitingMs: number
  waitingBytes: number
  /** The browser has no store for it: it is in memory, and gone with the page. */
  isMemoryOnly: boolean
  /** Pictures that there was no room for, of the captures that the server does not have or know of as a whole. */
  dropped: number
  /** What really goes out; null until the first picture. */
  encoded: { width: number; height: number; fps: number; mbps: number } | null
  /** The server's clock less this device's, in ms; null until it is known. */
  aheadMs: number | null
  /** What the person should know: texts are made by the page. */
  notice: 'bitrate-lowered' | 'storage-nearly-full' | 'storage-full' | 'encoder-failed' | 'no-frames' | null
  /** Nothing is filmed, and the control room is shown pictures all the same. */
  isSeen: boolean
  /** Of what earlier pages left: captures that are still being sent. */
  leftCaptures: number
}

export type FromWorker =
  | { type: 'state'; state: CameraState }
  /** The operator asked for other pictures: the page shows them, and asks the camera for what it can. Null: no longer. */
  | { type: 'asked'; settings: PictureSettings | null }
  /** Nothing can be recorded here. `codecs`: names of those that it could encode instead. */
  | { type: 'unable'; reason: 'no-webcodecs' | 'no-h264' | 'other-codecs-only'; codecs: string[] }
  /** Test mode, of the latest capture: SHA-256 of each payload, hex, by sequence number. */
  | { type: 'checksums'; capture: string; sums: string[] }
