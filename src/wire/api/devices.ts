/** The API's devices: what sends numbers or JSON on `/`. The page takes the types. */

import { z } from 'zod'

const count = z.int().min(0)
const atMs = z.number().describe('ms since 1970')

export const deviceSchema = z.object({
  id: z
    .string()
    .describe('its address, with a number where several share it; or what it calls itself by ?id='),
  address: z.string(),
  isConnected: z.boolean(),
  messages: count.describe('since the server began to know it'),
  leftOut: count.describe('of them not kept: there were more in a second than deviceMessagesPerSecond'),
  unknown: count.describe('neither a number nor JSON, or binary'),
  lastAtMs: atMs.describe('its last message, ms since 1970'),
  latest: z
    .record(z.string(), z.number())
    .describe('the newest number of each field; a plain number is `value`'),
})

export const devicesSchema = z.object({ devices: z.array(deviceSchema) })

export const readingsSchema = z.object({
  device: z.string(),
  serverTimeMs: atMs,
  series: z
    .array(z.object({ field: z.string(), atMs: z.array(z.number()), values: z.array(z.number()) }))
    .describe('by field, in order of time: each value has the time at the same place'),
})

export type DeviceView = z.infer<typeof deviceSchema>
export type Readings = z.infer<typeof readingsSchema>
