/** Reads a ZIP with yauzl, which checks sizes and check sums and shares nothing with what wrote it. */

import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'

interface Entry {
  fileName: string
  uncompressedSize: number
  compressionMethod: number
}

interface ZipFile {
  eachEntry(): AsyncIterable<Entry>
  openReadStreamPromise(entry: Entry): Promise<Readable>
}

const yauzl = createRequire(import.meta.url)('yauzl') as {
  fromBufferPromise(bytes: Buffer, options?: object): Promise<ZipFile>
}

/** Contents by name. */
export async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await yauzl.fromBufferPromise(bytes)
  const files = new Map<string, Buffer>()
  for await (const entry of zip.eachEntry()) {
    const pieces: Buffer[] = []
    for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece)
    if (entry.compressionMethod !== 0) throw new Error(`${entry.fileName} is compressed`)
    files.set(entry.fileName, Buffer.concat(pieces))
  }
  return files
}
