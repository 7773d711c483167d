/** frames.csv, read back. */

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** A row: one access unit. undefined stands for an empty field. */
export interface Row {
  sequence: number | undefined
  captureMs: number | undefined
  arrivalMs: number | undefined
  /** undefined: the picture is in stream.h264 only. */
  mediaMs: number | undefined
  /** Bytes of the payload as it came. */
  bytes: number
  keyframe: boolean
}

const FIELDS = 6

/**
 * Gives the whole rows of a frames.csv, header left out.
 *
 * @returns Rows up to the first that is not well-formed; a last line without its end is none.
 */
export async function* readRows(path: string, size: number): AsyncGenerator<Row> {
  if (size === 0) return
  const stream = createReadStream(path, { encoding: 'latin1' })
  // readline cannot tell whether the last line was ended: count bytes.
  let read = 0
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      read += line.length + 1
      if (read > size) return
      if (read === line.length + 1) continue
      const row = parseRow(line)
      if (!row) return
      yield row
    }
  } finally {
    stream.destroy()
  }
}

/** A row as a line, its end included. */
export function formatRow({ sequence, captureMs, arrivalMs, mediaMs, bytes, keyframe }: Row): string {
  return `${sequence ?? ''},${captureMs ?? ''},${arrivalMs ?? ''},${mediaMs ?? ''},${bytes},${keyframe ? 1 : 0}\n`
}

function parseRow(line: string): Row | undefined {
  const fields = line.split(',').map((field) => (field === '' ? undefined : Number(field)))
  if (fields.length !== FIELDS || fields.some(Number.isNaN)) return undefined
  const [sequence, captureMs, arrivalMs, mediaMs, bytes, keyframe] = fields
  if (bytes === undefined || (keyframe !== 0 && keyframe !== 1)) return undefined
  return { sequence, captureMs, arrivalMs, mediaMs, bytes, keyframe: keyframe === 1 }
}
