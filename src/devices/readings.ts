/** What a device says, as numbers: a plain number, or the numeric fields of JSON. Pure. */

/** Fields of one message; what is more is left out. */
const MAX_FIELDS = 32
const MAX_DEPTH = 4
const MAX_FIELD_CHARS = 60
/** What a plain number is called. */
export const PLAIN_FIELD = 'value'
/** A number as people and boards write it; JSON's, with a sign and spaces around it. */
const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i

/** Numbers by their field; of an object in an object `outer.inner`. */
export type Reading = Readonly<Record<string, number>>

/**
 * Reads a text.
 *
 * @returns undefined for what is neither a number nor a JSON object or array; without fields when no number is in it.
 */
export function readingOf(text: string): Reading | undefined {
  if (NUMBER.test(text)) {
    const value = Number(text)
    return Number.isFinite(value) ? { [PLAIN_FIELD]: value } : {}
  }
  if (!/^\s*[[{]/.test(text)) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const fields = new Map<string, number>()
  gather(value, '', 0, fields)
  return Object.fromEntries(fields)
}

function gather(value: unknown, name: string, depth: number, fields: Map<string, number>): void {
  if (fields.size >= MAX_FIELDS) return
  if (typeof value === 'number') {
    if (Number.isFinite(value)) fields.set(name.slice(0, MAX_FIELD_CHARS), value)
  } else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH)
    for (const [key, inner] of Object.entries(value))
      gather(inner, name === '' ? key : `${name}.${key}`, depth + 1, fields)
}
