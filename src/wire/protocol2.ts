/**
 * Text messages of the phone protocol, version 2: nothing is lost on the way.
 *
 * Pure; the camera page takes its types, and protocol2-frames.ts. The messages stand in docs/protocol-2.md.
 */

import { z } from 'zod'

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{3,39}$/)
/** In ms; ten years. What is longer would make no date. */
const durationMs = z.number().min(0).max(3.2e11)
const us = z.number().min(0).max(Number.MAX_SAFE_INTEGER)
const count = z.int().min(0)
const sequence = z.int().min(0).max(0xffff_ffff)

const helloSchema = z.object({
  type: z.literal('hello'),
  protocol: z.literal(2),
  /** Lasting: the same phone is the same camera tomorrow. */
  id,
  /** As the person who holds the phone calls it. */
  name: z.string().trim().min(1).max(60).nullable().catch(null),
  /** What it is, for people: `Pixel 6a, Chrome 146`. */
  model: z.string().max(200).nullable().catch(null),
  /** The take that its holder stopped on the phone, and how long ago, ms: it is not to be started for it again. */
  stopped: z
    .object({ take: z.string().max(100), agoMs: durationMs })
    .nullable()
    .catch(null),
})

/** Opens the recording of a capture, or goes on with it. The server answers with `next`. */
const captureSchema = z.object({
  type: z.literal('capture'),
  /** Made by the phone for each capture; never used again. */
  capture: id,
  /**
   * Everything before it was acknowledged. It is the first packet that the phone has, a keyframe's; or, where it had no room, the
   * first that it gave up.
   */
  from: sequence,
  /** How many packets it had in all; null while it runs. */
  packets: count.nullable(),
  /** Of the start command that began it; null when a person began it on the phone. */
  take: z.string().max(100).nullable(),
  /** How long ago it began, ms. */
  agoMs: durationMs,
})

/** Behind the last packet of a capture. */
const endSchema = z.object({
  type: z.literal('capture_end'),
  capture: id,
  /** Packets that the capture had in all: the last sequence number and one. */
  packets: count,
})

/** About every two seconds, and when something changes. */
const reportSchema = z.object({
  type: z.literal('report'),
  /** What is kept and not acknowledged. */
  waitingMs: durationMs,
  waitingBytes: count,
  /** Pictures that the phone had no room for, of all captures of which it still keeps something or has something to tell. */
  dropped: count,
  /** From 0 to 1; null where the browser does not tell. */
  battery: z.number().min(0).max(1).nullable(),
  isCharging: z.boolean().nullable(),
  /** What the operator should know, in words: the bitrate was lowered, the phone is hot. */
  notice: z.string().max(200).nullable(),
})

const clockSchema = z.object({ type: z.literal('clock'), phoneUs: us })

const statusSchema = z.object({
  status: z.enum(['ready', 'capture_started', 'capture_stopped', 'error']),
  message: z.string().max(500).optional().catch(undefined),
})

const messageSchema = z.discriminatedUnion('type', [
  helloSchema,
  captureSchema,
  endSchema,
  reportSchema,
  clockSchema,
])

export type Hello2 = z.infer<typeof helloSchema>
export type Capture2 = z.infer<typeof captureSchema>
export type CaptureEnd2 = z.infer<typeof endSchema>
export type Report2 = z.infer<typeof reportSchema>
export type Clock2 = z.infer<typeof clockSchema>
/** As in version 1: the answer to a command, at once, whatever of an earlier capture is still being sent. */
export type Status2 = z.infer<typeof statusSchema>
export type FromPhone2 = Hello2 | Capture2 | CaptureEnd2 | Report2 | Clock2 | Status2

/** What the server says. Commands are those of version 1, with more in the payload of a start. */
export type ToPhone2 =
  /** The answer to `hello`. `name`: as the control room calls it; null while it does not. */
  | { type: 'welcome'; protocol: 2; camera: string; name: string | null; resumeWindowMs: number }
  /** The control room calls it otherwise now; null: no longer anything. */
  | { type: 'name'; name: string | null }
  /** The answer to `capture`: send the packets of this capture from this one on. Never below its `from`. */
  | { type: 'next'; capture: string; sequence: number }
  /** Every packet below this one is on the disk. */
  | { type: 'ack'; capture: string; sequence: number }
  /** The answer to `clock`: when it came and when this went, µs since 1970 on the server's clock. */
  | { type: 'clock'; phoneUs: number; receivedUs: number; sentUs: number }
  /** The disk takes recordings again: say `capture` anew. */
  | { type: 'again' }
  /** A keyframe is wanted soon. */
  | { type: 'keyframe' }
  | { command: 'start_capture'; payload: StartPayload2 }
  /** `take`: only what was begun for it. Left out: whatever it captures. */
  | { command: 'stop_capture'; take?: string }

export interface StartPayload2 {
  format: 'h264'
  /** Megabits a second. */
  bitrate: number
  /** Pictures a second; 0: as many as the camera can. */
  fps: number
  /** Left out: as chosen on the phone. */
  aspectRatio?: { width: number; height: number }
  /** To be given back in `capture`. */
  take: string
  /** When the first picture is to be taken, µs since 1970 on the server's clock. Left out, or past: at once. */
  beginAtUs?: number
}

/** Reads a text of the phone; undefined when it is no message of version 2. Never throws. */
export function parseFromPhone2(text: string): FromPhone2 | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const isStatus = typeof value === 'object' && value !== null && 'status' in value
  return (isStatus ? statusSchema : messageSchema).safeParse(value).data
}
