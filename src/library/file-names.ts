/** File names in a recording's folder. Parts are named by `partFile`. */

export const FILES = {
  raw: 'stream.h264',
  rows: 'frames.csv',
  document: 'recording.json',
  thumbnail: 'thumbnail.jpg',
  /** Empty; while it is there, retention leaves the recording alone. */
  star: 'starred',
} as const
