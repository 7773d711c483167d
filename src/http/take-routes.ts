/** `/api/takes`: what one start command began, and all of it in one ZIP. */

import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { FastifyPluginCallback } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { isServed, REWRITTEN } from '../library/file-names.ts'
import type { Library } from '../library/library.ts'
import { takeSchema, takesPageSchema, takesQuerySchema } from '../wire/api/recordings.ts'
import { attachment } from './file-reply.ts'
import { type ZipEntry, zipOf } from './take-zip.ts'

const params = z.object({ id: z.string().describe('id of a take') })

export function takeRoutes(library: Library): FastifyPluginCallback {
  return (plain, _options, done) => {
    const app = plain.withTypeProvider<ZodTypeProvider>()
    app.get(
      '/api/takes',
      {
        schema: {
          summary: 'The list of takes, the newest first, the running one among them',
          querystring: takesQuerySchema,
          response: { 200: takesPageSchema },
        },
      },
      (request) => library.takes(request.query),
    )
    app.get(
      '/api/takes/:id',
      { schema: { summary: 'One take', params, response: { 200: takeSchema } } },
      (request) => library.take(request.params.id),
    )
    app.get(
      '/api/takes/:id.zip',
      { schema: { summary: 'All files of a take as a ZIP; those that grow as they stand', params } },
      async (request, reply) => {
        const take = await library.take(request.params.id)
        const ends = take.recordings.map(({ id }) => library.readers.begin(id))
        const end = () => {
          for (const one of ends) one()
        }
        try {
          const lists = await Promise.all(take.recordings.map(({ id }) => entriesOf(library, id)))
          const zip = await zipOf(lists.flat())
          reply
            .type('application/zip')
            .header('content-length', zip.bytes)
            .header('content-disposition', attachment(`${take.id}.zip`))
          const stop = () => {
            zip.stop()
            end()
          }
          if (request.method === 'HEAD' || reply.raw.destroyed) stop()
          if (request.method === 'HEAD') return reply.send(Readable.from([]))
          reply.raw.once('close', stop)
          // Half of it must not look like all of it.
          zip.stream.once('error', () => reply.raw.destroy())
          return reply.send(zip.stream)
        } catch (error) {
          end()
          throw error
        }
      },
    )
    done()
  }
}

/** Every recording has a folder of its own in the ZIP, named as on the disk. */
async function entriesOf(library: Library, id: string): Promise<ZipEntry[]> {
  const folder = library.folderOf(id)
  const isFolder = (await lstat(folder).catch(() => undefined))?.isDirectory()
  const names = isFolder ? await readdir(folder).catch(() => []) : []
  return names
    .filter(isServed)
    .sort()
    .map((name) => ({
      name: `${id}/${name}`,
      path: () => join(library.folderOf(id), name),
      isRewritten: REWRITTEN.has(name),
    }))
}
