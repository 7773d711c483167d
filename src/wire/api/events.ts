/**
 * What `GET /api/events` sends (server-sent events, WHATWG HTML 9.2) and what `WS /live/:camera` begins with.
 *
 * Each event's name is its `type`, its data the whole object as JSON. Its `id` is `<start of the server>-<n>`, to be sent
 * back as it is: a browser that comes back with `Last-Event-ID` gets what it missed, or a new snapshot when that is too
 * long ago or the server was started anew. A camera stands in no event until it has introduced itself, or for a second.
 */

import { z } from 'zod'
import { cameraSchema, commandAnswerSchema } from './cameras.ts'
import { recordingSummarySchema } from './recordings.ts'

export const diskSchema = z.object({
  freeBytes: z.number(),
  minutesLeft: z
    .number()
    .nullable()
    .describe(
      'at what was asked of the cameras that record, or at what they write where that is more; else at what a start would ask of all',
    ),
  askedMbps: z
    .number()
    .describe('of all cameras together, what minutesLeft reckons with: was asked, or would be'),
  isLow: z.boolean().describe('too little to start'),
})

export const runningTakeSchema = z.object({ id: z.string(), startedAtMs: z.number() })

export const healthLevel = z.enum(['good', 'warning', 'bad'])

/** Of the server; that of a camera follows from its state and its last picture. */
const healthSchema = z.object({
  level: healthLevel,
  reasons: z
    .array(z.string())
    .describe('codes, as in /api/health: data-folder-not-writable, space-low, event-loop-late'),
})

export const eventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    serverStartedAtMs: z.number(),
    serverTimeMs: z.number(),
    version: z.string(),
    cameras: z.array(cameraSchema),
    take: runningTakeSchema.nullable(),
    disk: diskSchema.nullable(),
    health: healthSchema,
  }),
  z
    .object({ type: z.literal('clock'), serverTimeMs: z.number().describe('ms since 1970') })
    .describe('at the beginning of each connection and every 15 s, without an id'),
  z.object({ type: z.literal('camera'), camera: cameraSchema }),
  z.object({ type: z.literal('camera-gone'), id: z.string() }),
  z.object({ type: z.literal('take'), take: runningTakeSchema.nullable() }),
  z.object({ type: z.literal('command'), answer: commandAnswerSchema }),
  z.object({ type: z.literal('recording'), recording: recordingSummarySchema }),
  z.object({ type: z.literal('recording-gone'), id: z.string() }),
  z.object({ type: z.literal('disk'), disk: diskSchema }),
  z.object({
    type: z.literal('health'),
    health: healthSchema,
  }),
])

export type RoomEvent = z.infer<typeof eventSchema>
export type DiskView = z.infer<typeof diskSchema>

/** Text messages of `WS /live/:camera`. The first comes at once, again whenever codec or size change, before the keyframe. */
export interface LiveHello {
  type: 'hello'
  camera: string
  /** RFC 6381, such as avc1.42E01F; `jpeg` of boards; null until parameter sets or a picture have come. */
  codec: string | null
  width: number | null
  height: number | null
  /** Wall clock of the server now, ms since 1970, to set the viewer's clock by. */
  serverTimeMs: number
}

/**
 * Binary messages of `WS /live/:camera`: a header of 24 bytes, big endian, then the access unit as Annex B, or a JPEG image.
 *
 *     0  uint8    flags: 1 keyframe, 2 pictures were left out before this one
 *     1  uint8 ×3 zero
 *     4  uint32   the camera's sequence number
 *     8  float64  capture time, ms on the camera's clock
 *    16  float64  arrival, wall clock of the server, ms since 1970
 */
export const LIVE_HEADER_BYTES = 24
export const LIVE_KEYFRAME = 1
export const LIVE_SKIPPED = 2

/** What a viewer may send, as text: `keyframes` asks for keyframes alone until `all` (its machine cannot follow). */
export interface LiveRequest {
  type: 'pace'
  pace: 'all' | 'keyframes'
}

/** Close codes of `WS /live/:camera` beside those of RFC 6455 (7.4.1), of its range for private use. */
export const LIVE_SIGNED_OUT = 4401
export const LIVE_CAMERA_GONE = 4404
