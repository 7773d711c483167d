/** The room over HTTP: cameras, commands, events. */

import type { FastifyPluginCallback } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  type CameraPatch,
  type CameraView,
  type Command,
  type CommandAnswer,
  cameraPatchSchema,
  cameraSchema,
  camerasSchema,
  commandAnswerSchema,
  commandSchema,
} from '../wire/api/cameras.ts'

/** What these routes need of the room. */
export interface RoomSource {
  views(): CameraView[]
  patch(cameraId: string, patch: CameraPatch): Promise<CameraView>
  command(command: Command): Promise<CommandAnswer>
}

export function roomRoutes(room: RoomSource): FastifyPluginCallback {
  return (fastify, _options, done) => {
    const app = fastify.withTypeProvider<ZodTypeProvider>()
    app.get(
      '/api/cameras',
      {
        schema: {
          summary: 'The cameras that are connected, and those that left in the last five minutes',
          response: { 200: camerasSchema },
        },
      },
      () => ({ cameras: room.views() }),
    )
    app.patch(
      '/api/cameras/:id',
      {
        schema: {
          summary: 'Gives a camera a name, a colour, a place',
          params: z.object({ id: z.string() }),
          body: cameraPatchSchema,
          response: { 200: cameraSchema },
        },
      },
      (request) => room.patch(request.params.id, request.body),
    )
    app.post(
      '/api/commands',
      {
        schema: {
          summary: 'Starts or stops cameras; answers once each has answered, or confirmMs later',
          body: commandSchema,
          response: { 200: commandAnswerSchema },
        },
      },
      (request) => room.command(request.body),
    )
    done()
  }
}
