/** `Range` of one piece (RFC 9110, 14.1.2 and 14.2). Pure. */

/** The first and the last byte, both inclusive. */
export interface ByteRange {
  first: number
  last: number
}

/**
 * What a Range header asks of so many bytes.
 *
 * @returns undefined when the header is to be ignored: it is not in bytes, cannot be read, or asks for several pieces, which a
 *   server may answer with the whole. `unsatisfiable` when nothing of it is there.
 */
export function rangeOf(header: string | undefined, bytes: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '')
  if (!match) return undefined
  const [, from = '', to = ''] = match
  if (from === '' && to === '') return undefined
  if (from === '') {
    const length = Math.min(Number(to), bytes)
    return length === 0 ? 'unsatisfiable' : { first: bytes - length, last: bytes - 1 }
  }
  const first = Number(from)
  if (to !== '' && Number(to) < first) return undefined
  if (first >= bytes) return 'unsatisfiable'
  return { first, last: to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1) }
}
