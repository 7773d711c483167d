/** `/api/recordings`: the list, each recording, and its files. */

import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyPluginCallback } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { RequestError } from '../errors.ts'
import { isServed } from '../library/file-names.ts'
import type { Library } from '../library/library.ts'
import {
  recordingPatchSchema,
  recordingSummarySchema,
  recordingsPageSchema,
  recordingsQuerySchema,
} from '../wire/api/recordings.ts'
import { downloadName } from './download-name.ts'
import { sendFile } from './file-reply.ts'

const idParams = z.object({ id: z.string().describe("id of a recording: its folder's name") })
const fileParams = idParams.extend({
  file: z
    .string()
    .describe(
      'stream.mp4, stream.2.mp4 …, stream.h264 or stream.h264.mp4, frames.csv, thumbnail.jpg or recording.json',
    ),
})
const fileQuery = z.object({
  download: z.string().optional().describe('there, whatever it says: to be saved, under a name for people'),
})

const TYPES: Record<string, string> = {
  mp4: 'video/mp4',
  h264: 'video/h264',
  csv: 'text/csv; charset=utf-8',
  jpg: 'image/jpeg',
  json: 'application/json; charset=utf-8',
}

export function recordingRoutes(library: Library): FastifyPluginCallback {
  return (plain, _options, done) => {
    const app = plain.withTypeProvider<ZodTypeProvider>()
    app.get(
      '/api/recordings',
      {
        schema: {
          summary: 'The list of recordings',
          querystring: recordingsQuerySchema,
          response: { 200: recordingsPageSchema },
        },
      },
      (request) => library.list(request.query),
    )
    app.get(
      '/api/recordings/:id',
      {
        schema: {
          summary: 'One recording',
          params: idParams,
          response: { 200: recordingSummarySchema },
        },
      },
      (request) => library.find(request.params.id),
    )
    app.patch(
      '/api/recordings/:id',
      {
        schema: {
          summary: 'Changes title, note or star of a recording',
          params: idParams,
          body: recordingPatchSchema,
          response: { 200: recordingSummarySchema },
        },
      },
      (request) => library.change(request.params.id, request.body),
    )
    app.delete(
      '/api/recordings/:id',
      {
        schema: {
          summary: 'Deletes a recording; for ten minutes it can be restored',
          params: idParams,
          response: { 204: z.null().describe('it is deleted') },
        },
      },
      async (request, reply) => {
        await library.delete(request.params.id)
        return reply.code(204).send(null)
      },
    )
    app.post(
      '/api/recordings/:id/restore',
      {
        schema: {
          summary: 'Brings a recording back that was deleted',
          params: idParams,
          response: { 200: recordingSummarySchema },
        },
      },
      (request) => library.restore(request.params.id),
    )
    app.get(
      '/api/recordings/:id/:file',
      {
        schema: {
          summary: 'A file of a recording, with Range; one that grows is served as it stands',
          params: fileParams,
          querystring: fileQuery,
        },
      },
      async (request, reply) => {
        const { id, file } = request.params
        if (!isServed(file)) throw new RequestError('NOT_FOUND', 'no recording has a file of this name')
        const recording = await library.find(id)
        const folder = library.folderOf(id)
        const onEnd = library.readers.begin(id)
        try {
          // Not another's file, should a link have come in its place.
          if (!(await lstat(folder)).isDirectory()) throw new Error('no folder')
        } catch {
          onEnd()
          throw new RequestError('NOT_FOUND', 'there is no such recording')
        }
        return sendFile(request, reply, {
          path: join(folder, file),
          type: TYPES[file.slice(file.lastIndexOf('.') + 1)]!,
          downloadName: request.query.download === undefined ? undefined : downloadName(recording, file),
          onEnd,
        })
      },
    )
    done()
  }
}
