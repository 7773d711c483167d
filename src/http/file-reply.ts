/**
 * Answers with a file as it stands now, which may grow, be closed or be removed while it is sent: the answer is what was there
 * when it was asked for. Range, If-Range and the conditions of RFC 9110, 13 and 14.
 */

import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { RequestError } from '../errors.ts'
import { Snapshot } from '../library/snapshot.ts'
import { type ByteRange, rangeOf } from './byte-range.ts'

export interface FileToSend {
  path: string
  type: string
  /** For people who save it; undefined: it is shown. */
  downloadName?: string | undefined
  /** The answer is over, or the client has gone. Called once, also when nothing is sent. */
  onEnd: () => void
}

/** @throws {RequestError} `NOT_FOUND` when there is no such file; a symbolic link is none. */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, file: FileToSend) {
  let snapshot: Snapshot | undefined
  let isOver = false
  const end = () => {
    if (isOver) return
    isOver = true
    void snapshot?.close()
    file.onEnd()
  }
  reply.raw.once('close', end)
  try {
    snapshot = await Snapshot.open(file.path)
    // Gone already: it may have been before anybody listened for it.
    if (reply.raw.destroyed) {
      await snapshot.close()
      end()
      return reply
    }
    const { bytes, inode, modifiedNs } = snapshot
    const etag = `"${inode.toString(36)}-${modifiedNs.toString(36)}-${bytes.toString(36)}"`
    const modified = new Date(Number(modifiedNs / 1_000_000_000n) * 1000)
    reply.headers({
      'accept-ranges': 'bytes',
      // Kept by who asked, and asked for again each time: 304 is cheap.
      'cache-control': 'private, no-cache',
      etag,
      'last-modified': modified.toUTCString(),
    })
    if (!isAsWanted(request, etag, modified)) {
      end()
      throw new RequestError('PRECONDITION_FAILED', 'the file is another now')
    }
    if (isNotModified(request, etag, modified)) {
      end()
      return reply.code(304).send()
    }
    if (file.downloadName !== undefined) reply.header('content-disposition', attachment(file.downloadName))
    // A Range is for GET alone (RFC 9110, 14.2).
    const mayBePart = request.method === 'GET' && isSame(request.headers['if-range'], etag)
    const asked = mayBePart ? rangeOf(request.headers.range, bytes) : undefined
    if (asked === 'unsatisfiable') {
      end()
      reply.header('content-range', `bytes */${bytes}`)
      throw new RequestError('RANGE_NOT_SATISFIABLE', `the file has ${bytes} bytes now`)
    }
    const piece: ByteRange = asked ?? { first: 0, last: bytes - 1 }
    const length = piece.last - piece.first + 1
    if (asked) reply.code(206).header('content-range', `bytes ${piece.first}-${piece.last}/${bytes}`)
    reply.type(file.type).header('content-length', length)
    if (request.method === 'HEAD' || length === 0) {
      end()
      return reply.send(length === 0 ? '' : Readable.from([]))
    }
    const stream = Readable.from(snapshot.read(piece.first, piece.last), { objectMode: false })
    stream.once('close', end)
    // Less than was promised must not look like all of it.
    stream.once('error', () => reply.raw.destroy())
    return reply.send(stream)
  } catch (error) {
    end()
    throw error
  }
}

/** RFC 9110, 13.2.2: If-Match comes before If-Unmodified-Since. */
function isAsWanted(request: FastifyRequest, etag: string, modified: Date): boolean {
  const match = request.headers['if-match']
  if (match !== undefined) {
    const tags = match.split(',').map((tag) => tag.trim())
    return tags.includes('*') || tags.includes(etag)
  }
  const since = Date.parse(request.headers['if-unmodified-since'] ?? '')
  return Number.isNaN(since) || since >= modified.getTime()
}

/** RFC 9110, 13.2.2: If-None-Match comes before If-Modified-Since. */
function isNotModified(request: FastifyRequest, etag: string, modified: Date): boolean {
  const none = request.headers['if-none-match']
  if (none !== undefined) {
    const tags = none.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    return tags.includes('*') || tags.includes(etag)
  }
  const since = Date.parse(request.headers['if-modified-since'] ?? '')
  return since >= modified.getTime()
}

/**
 * RFC 9110, 13.1.5: the Range counts when the file is the same. A date is too coarse to tell that of a file that grows, so only
 * the tag does.
 */
function isSame(ifRange: string | string[] | undefined, etag: string): boolean {
  return ifRange === undefined || ifRange === etag
}

/** RFC 6266, with an ASCII name for old programs and the whole one as RFC 5987 has it. */
export function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}
