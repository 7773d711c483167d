/** The API's cameras and commands: what `GET /api/cameras` and `POST /api/commands` speak. The page takes the types. */

import { z } from 'zod'
import { ASPECT_RATIO_ALLOWED, parseAspectRatio } from '../aspect-ratio.ts'
import { MAX_QUALITY, MIN_QUALITY, RESOLUTIONS } from '../board.ts'

const count = z.int().min(0)

/** `starting`: a command is on its way. `unrecorded`: pictures come and no recording is open. `away`: the connection was lost, its recording
 * waits. `gone`: it ended lately. */
export const cameraState = z.enum([
  'ready',
  'starting',
  'recording',
  'unrecorded',
  'disk full',
  'disk failed',
  'away',
  'gone',
])

/** Colours of tiles and rows, by name: the page knows what each looks like in both themes. */
export const CAMERA_COLOURS = ['blue', 'green', 'orange', 'purple', 'red', 'teal', 'pink', 'yellow'] as const

export const cameraSchema = z.object({
  id: z
    .string()
    .describe(
      'its own, if it has one (protocol 2, boards), else <ip>_<port> of its connection, another after each connect; as in recordings and in /live/:camera',
    ),
  profile: z
    .string()
    .describe('what name, colour and order are kept under: the same after the device has connected anew'),
  name: z.string().nullable().describe('as a person named it'),
  colour: z.enum(CAMERA_COLOURS),
  order: z.int().describe('cameras are shown by ascending order, then id'),
  ownName: z.string().nullable().describe('as its holder calls it, on its camera page; of a board its id'),
  model: z.string().nullable().describe('what the device calls itself'),
  address: z.string(),
  state: cameraState,
  recording: z.string().nullable().describe('id of the open recording'),
  recordingStartedAtMs: z.number().nullable().describe('ms since 1970'),
  take: z.string().nullable().describe('the take that it records for'),
  pictures: count.describe('of the open recording'),
  missing: count,
  malformed: count.describe(
    'messages that were no frame packet, of boards no JPEG image, since it connected',
  ),
  durationMs: z.number().describe('of the open recording so far'),
  fps: z.number().nullable().describe('over the last second'),
  mbps: z.number().nullable(),
  width: count.nullable().describe('pixels, of the newest parameter sets'),
  height: count.nullable(),
  lastPictureAtMs: z
    .number()
    .nullable()
    .describe("arrival of the last picture by the server's clock, ms since 1970"),
  phone: z
    .object({
      waitingMs: count.describe('of pictures that it keeps and that are not on the disk here'),
      dropped: count.describe('pictures that it had no room for'),
      battery: z.number().nullable().describe('from 0 to 1'),
      isCharging: z.boolean().nullable(),
      notice: z.string().nullable().describe('in its own words'),
    })
    .nullable()
    .describe('what a camera page tells of its phone; null of other cameras'),
  board: z
    .object({
      isCapturing: z.boolean().describe('by its own words, or because pictures come'),
      resolution: z.enum(RESOLUTIONS).nullable().describe('that it was last told; null: its own'),
      quality: z.number().nullable().describe('the same'),
      unknown: count.describe('texts that are no ACK, STATUS or ERROR, since it first connected'),
    })
    .nullable()
    .describe('of boards on /esp; null of other cameras'),
})

export const camerasSchema = z.object({ cameras: z.array(cameraSchema) })

export const cameraPatchSchema = z
  .strictObject({
    name: z.string().trim().max(60).nullable().describe('empty or null takes the name away'),
    colour: z.enum(CAMERA_COLOURS),
    order: z.int().min(-10_000).max(10_000),
  })
  .partial()

export const commandSchema = z.strictObject({
  command: z.enum(['start', 'stop']),
  cameras: z.array(z.string()).min(1).optional().describe('ids; all cameras when it is left out'),
  aspectRatio: z
    .string()
    .refine((text) => parseAspectRatio(text) !== undefined, `must be ${ASPECT_RATIO_ALLOWED}`)
    .optional()
    .describe('W:H, such as 16:9; left out: the ratio that was chosen on the phone'),
  bitrateMbps: z.int().min(1).max(200).optional().describe('whole Mbit/s; 4 when it is left out'),
  fps: z.int().min(0).max(240).optional().describe('0: as many as the camera can; 10 when it is left out'),
  resolution: z.enum(RESOLUTIONS).optional().describe('of boards; left out: the one that it was told last'),
  quality: z
    .int()
    .min(MIN_QUALITY)
    .max(MAX_QUALITY)
    .optional()
    .describe('of boards, smaller is better; left out: the same'),
})

export const commandAnswerSchema = z.object({
  command: z.enum(['start', 'stop']),
  take: z.string().nullable().describe('the take that was started or joined; null for stop'),
  cameras: z.array(
    z.object({
      camera: z.string(),
      result: z
        .enum(['confirmed', 'already', 'refused', 'failed', 'silent', 'away'])
        .describe('away: the connection was lost; it is told when it is back'),
      message: z.string().nullable().describe('why it was refused or failed'),
    }),
  ),
})

export type CameraView = z.infer<typeof cameraSchema>
export type CameraPatch = z.infer<typeof cameraPatchSchema>
export type Command = z.infer<typeof commandSchema>
export type CommandAnswer = z.infer<typeof commandAnswerSchema>
export type CameraColour = (typeof CAMERA_COLOURS)[number]
