/** Devices over HTTP: what there is, their numbers for the page, and as CSV. */

import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { FastifyPluginCallback } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type DeviceView, devicesSchema, type Readings, readingsSchema } from '../wire/api/devices.ts'

const idParams = z.object({ id: z.string().describe('id of a device') })

/** What these routes need of the devices. */
export interface DeviceSource {
  views(): DeviceView[]
  readings(id: string, sinceMs: number): Readings
  csv(id: string): AsyncIterable<string>
  fileOf(id: string, day: string): Promise<string>
}

export function deviceRoutes(devices: DeviceSource): FastifyPluginCallback {
  return (fastify, _options, done) => {
    const app = fastify.withTypeProvider<ZodTypeProvider>()
    app.get(
      '/api/devices',
      {
        schema: {
          summary: 'Devices that send numbers or JSON on `/`: those of the last hour',
          response: { 200: devicesSchema },
        },
      },
      () => ({ devices: devices.views() }),
    )
    app.get(
      '/api/devices/:id/readings',
      {
        schema: {
          summary: 'Its numbers of the last hour, by field: of more than 200,000 the newest of each field',
          params: idParams,
          querystring: z.object({
            since: z.coerce.number().min(0).optional().describe('ms since 1970: from then on alone'),
          }),
          response: { 200: readingsSchema },
        },
      },
      (request) => devices.readings(request.params.id, request.query.since ?? 0),
    )
    app.get(
      '/api/devices/:id/readings.csv',
      {
        schema: {
          summary: 'The same as CSV (time, field, value), or a whole day as it is on the disk',
          params: idParams,
          querystring: z.object({
            day: z
              .string()
              .regex(/^\d{8}$/, 'must be YYYYMMDD')
              .optional()
              .describe('YYYYMMDD, local time of the server'),
          }),
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const { day } = request.query
        const content =
          day === undefined ? Readable.from(devices.csv(id)) : createReadStream(await devices.fileOf(id, day))
        const name = `${id.replaceAll(/[^\w.-]/g, '_')}${day === undefined ? '' : `_${day}`}.csv`
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="${name}"`)
          .send(content)
      },
    )
    done()
  }
}
