/** The API's recordings and takes. The page takes the types. */

import { z } from 'zod'

const count = z.int().min(0)
const ms = z.number()

export const recordingState = z.enum(['recording', 'closed', 'recovered', 'failed'])

/** What lists show of a recording; all of it stands in its folder. */
export const recordingSummarySchema = z.object({
  id: z.string().describe("the folder's name"),
  camera: z
    .string()
    .describe(
      'id of the camera: its own, if it has one (protocol 2), else <ip>_<port> of its connection, another after each connect',
    ),
  cameraName: z.string().nullable().describe('the name that the camera had when it was recorded'),
  model: z.string().nullable(),
  take: z.string().nullable(),
  state: recordingState,
  startedAtMs: ms.describe('ms since 1970'),
  endedAtMs: ms.nullable(),
  durationMs: ms,
  pictures: count,
  missing: count,
  gapCount: count,
  bytes: count.describe('of all files of its folder that it serves'),
  width: count.nullable(),
  height: count.nullable(),
  partsAtMs: z
    .array(ms)
    .describe('when each part of its film begins, in ms after the first: stream.mp4, stream.2.mp4, …'),
  format: z
    .enum(['h264', 'jpeg'])
    .describe('of its pictures: phones send H.264, boards JPEG, which no browser plays as a film'),
  playable: z
    .object({
      state: z
        .enum(['ready', 'making', 'none'])
        .describe(
          'of H.264 always ready: stream.mp4 and its parts; of JPEG ready when stream.h264.mp4 is there',
        ),
      progress: z.number().min(0).max(1).nullable().describe('while it is being made; null while it waits'),
    })
    .describe('a film that browsers play'),
  hasThumbnail: z.boolean(),
  hasRaw: z.boolean().describe('whether it has stream.h264'),
  title: z.string().nullable(),
  note: z.string().nullable(),
  star: z.boolean(),
})

export const recordingsQuerySchema = z.object({
  camera: z
    .string()
    .optional()
    .describe('id of a camera, or what it is called, as in `cameras` of the answer'),
  take: z.string().optional(),
  state: recordingState.optional(),
  star: z.stringbool().optional().describe('true or false'),
  from: z.coerce.number().optional().describe('started at or after, ms since 1970'),
  to: z.coerce.number().optional().describe('started before, ms since 1970'),
  text: z
    .string()
    .max(200)
    .optional()
    .describe(
      'every word is in its title, note, camera, model, take, id or day (2026-11-25); case does not matter',
    ),
  sort: z.enum(['newest', 'oldest', 'longest', 'largest']).default('newest'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(500).optional().describe('`next` of the page before'),
})

export const recordingsPageSchema = z.object({
  recordings: z.array(recordingSummarySchema),
  next: z.string().nullable().describe('cursor of the next page; null on the last'),
  total: count.describe('how many match in all'),
  takeCameras: z
    .record(z.string(), count)
    .describe('how many cameras each take of this page has, those included that do not match'),
  cameras: z
    .array(z.string())
    .describe('what the cameras of all recordings are called: by name, else by model and address or id'),
})

export const recordingPatchSchema = z
  .strictObject({
    title: z.string().trim().max(200).nullable(),
    note: z.string().trim().max(5000).nullable(),
    star: z.boolean(),
  })
  .partial()

export const takeSchema = z.object({
  id: z.string(),
  startedAtMs: ms,
  durationMs: ms.describe('from its first picture to its last'),
  isRunning: z.boolean(),
  bytes: count,
  recordings: z.array(recordingSummarySchema),
})

export const takesQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional().describe('`next` of the page before'),
})

/** Newest first. */
export const takesPageSchema = z.object({
  takes: z.array(takeSchema),
  next: z.string().nullable(),
})

export type RecordingSummary = z.infer<typeof recordingSummarySchema>
export type RecordingsQuery = z.infer<typeof recordingsQuerySchema>
export type RecordingsPage = z.infer<typeof recordingsPageSchema>
export type RecordingPatch = z.infer<typeof recordingPatchSchema>
export type TakesQuery = z.infer<typeof takesQuerySchema>
export type TakeView = z.infer<typeof takeSchema>
export type TakesPage = z.infer<typeof takesPageSchema>
