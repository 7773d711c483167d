/** recording.json: what a recording is. The JSON Schema in docs/recording.schema.json is made from here. */

import { z } from 'zod'
import { isoWithZone } from '../time.ts'

const count = z.int().min(0)
const place = { part: count, atMs: z.number() }

const integritySchema = z.object({
  packets: count.describe('frame packets that were read, pictures and configuration'),
  malformed: count.describe('binary messages that are no frame packet; dropped'),
  notH264: count.describe(
    'frame packets whose payload is no H.264, or no JPEG of a board; in stream.h264 only',
  ),
  configurationPackets: count,
  missing: count.describe(
    'sequence numbers that never came: between the first and the last, and of protocol 2 ahead and behind, where the phone says how many there were',
  ),
  repeated: count.describe('sequence numbers that came again'),
  outOfOrder: count.describe('sequence numbers that came after a later one'),
  sequenceRestarts: count.describe('times that the sequence numbers began anew'),
  backwardTimes: count.describe('capture times before the latest one'),
  equalTimes: count.describe('capture times equal to the latest one'),
  picturesBeforeKeyframe: count.describe('pictures before the first keyframe: in stream.h264, not in an MP4'),
  droppedBefore: count
    .optional()
    .describe('pictures that came after the disk had ended the recording before, ahead of this one'),
  droppedAtEnd: count.optional().describe('pictures that came and that the disk did not take'),
  missingAt: z.array(z.object({ ...place, sequence: count, count })).max(1000),
  gaps: z.array(z.object({ ...place, durationMs: z.number() })).max(1000),
  gapCount: count.describe('distances of more than three typical intervals'),
  clockJumps: z.array(z.object({ ...place, jumpMs: z.number() })).max(1000),
})

const partSchema = z.object({
  file: z.string().describe('stream.mp4, stream.2.mp4, …'),
  codec: z.string(),
  width: count,
  height: count,
  pictures: count,
  keyframes: count,
  bytes: count.describe('size of the file'),
  durationMs: z.number(),
  firstCaptureMs: z.number().describe("capture time of media time 0, ms on the camera's own clock"),
})

/** Written atomically; a reader finds an old or a new one, never half of one. */
export const recordingDocumentSchema = z.object({
  version: z.literal(1),
  id: z.string().describe("the folder's name"),
  camera: z.string().describe('id of the camera: its own (protocol 2), else <ip>_<port> of its connection'),
  device: z.object({
    model: z.string().nullable(),
    address: z.string(),
    path: z.string().describe('path of the URL that it connected to'),
    name: z.string().optional().describe('as a person had named the camera when the recording began'),
  }),
  take: z.string().nullable().describe('what one start command began; null: started on the phone'),
  capture: z
    .object({ id: z.string(), from: count, next: count })
    .optional()
    .describe(
      'of protocol 2: the id that the phone gave the capture, its first packet in here, and the number behind the last',
    ),
  state: z.enum(['recording', 'closed', 'recovered', 'failed']),
  startedAt: z.string().describe('ISO 8601 with zone'),
  startedAtMs: z.number().describe('ms since 1970'),
  endedAt: z.string().nullable().describe('when the last packet arrived; null while recording'),
  endedAtMs: z.number().nullable(),
  codec: z
    .string()
    .nullable()
    .describe('RFC 6381, of the first part: avc1.…, or mp4v.6C for JPEG of boards; null without a keyframe'),
  profile: z.string().nullable(),
  width: count.nullable().describe('pixels, cropping applied'),
  height: count.nullable(),
  pictures: count.describe('in stream.mp4 and its parts'),
  keyframes: count,
  bytes: count.describe('payload bytes received, those of configuration packets too'),
  durationMs: z.number().describe('of all parts together'),
  rate: z.object({ fps: z.number(), source: z.enum(['arrival', 'capture', 'default']) }),
  integrity: integritySchema,
  parts: z.array(partSchema),
  errors: z.array(z.object({ code: z.string(), message: z.string() })),
})

export type RecordingDocument = z.infer<typeof recordingDocumentSchema>
export type Integrity = z.infer<typeof integritySchema>
export type PartDocument = z.infer<typeof partSchema>

/** What a document is made of; the rest follows from it. */
export type DocumentFacts = Pick<
  RecordingDocument,
  | 'id'
  | 'camera'
  | 'device'
  | 'take'
  | 'capture'
  | 'state'
  | 'startedAtMs'
  | 'endedAtMs'
  | 'profile'
  | 'bytes'
  | 'rate'
  | 'integrity'
  | 'parts'
  | 'errors'
>

/** recording.json of a recording, with its sums and its times for people. */
export function makeDocument(facts: DocumentFacts): RecordingDocument {
  const { startedAtMs, endedAtMs, parts } = facts
  const first = parts[0]
  const sum = (key: 'pictures' | 'keyframes' | 'durationMs') =>
    parts.reduce((total, part) => total + part[key], 0)
  return {
    version: 1,
    id: facts.id,
    camera: facts.camera,
    device: facts.device,
    take: facts.take,
    ...(facts.capture && { capture: facts.capture }),
    state: facts.state,
    startedAt: isoWithZone(startedAtMs),
    startedAtMs,
    endedAt: endedAtMs === null ? null : isoWithZone(endedAtMs),
    endedAtMs,
    codec: first?.codec ?? null,
    profile: facts.profile,
    width: first?.width ?? null,
    height: first?.height ?? null,
    pictures: sum('pictures'),
    keyframes: sum('keyframes'),
    bytes: facts.bytes,
    durationMs: sum('durationMs'),
    rate: facts.rate,
    integrity: facts.integrity,
    parts,
    errors: facts.errors,
  }
}

/** The JSON Schema of recording.json. */
export function recordingJsonSchema(): object {
  return z.toJSONSchema(recordingDocumentSchema)
}
