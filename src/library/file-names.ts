/** File names in a recording's folder. Parts are named by `partFile`. */

export const FILES = {
  raw: 'stream.h264',
  rows: 'frames.csv',
  document: 'recording.json',
  thumbnail: 'thumbnail.jpg',
  /** The film of JPEG pictures as H.264, for browsers. */
  playable: 'stream.h264.mp4',
  /** Empty; while it is there, retention leaves the recording alone. */
  star: 'starred',
  /** Title and note. */
  notes: 'notes.json',
} as const

/** Of these another file takes the place when they change; the others grow. */
export const REWRITTEN: ReadonlySet<string> = new Set([FILES.document, FILES.thumbnail, FILES.notes])

/** Whether the library serves a file of this name from a recording's folder. */
export function isServed(name: string): boolean {
  return SERVED.test(name)
}

const SERVED =
  /^(?:stream(?:\.[1-9]\d{0,5})?\.mp4|stream\.h264(?:\.mp4)?|frames\.csv|thumbnail\.jpg|recording\.json)$/
