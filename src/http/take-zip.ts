/** A ZIP of several files, made while it is sent: nothing is compressed, nothing kept on the disk. */

import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { Snapshot } from '../library/snapshot.ts'

export interface ZipEntry {
  /** In the ZIP. */
  name: string
  /** Asked again when its turn has come: its folder may have moved. */
  path: () => string
  /** It is small, and written anew when it changes: read at once. */
  isRewritten: boolean
}

export interface Zip {
  /** Of the whole ZIP. */
  bytes: number
  stream: Readable
  /** Stops, wherever it is. May be called twice. */
  stop: () => void
}

/** Files as they stand now: what they grow by later is left out. Those that are no files are left out too. */
export async function zipOf(entries: readonly ZipEntry[]): Promise<Zip> {
  const zip = new ZipFile()
  let isStopped = false
  let current: Readable | undefined
  const stop = () => {
    isStopped = true
    current?.destroy()
    stream.destroy()
  }
  const stream = zip.outputStream as Readable
  for (const { name, path, isRewritten } of entries) {
    const snapshot = await Snapshot.open(path()).catch(() => undefined)
    if (!snapshot) continue
    const { bytes, inode, modifiedNs } = snapshot
    const head = snapshot.head
    const mtime = new Date(Number(modifiedNs / 1_000_000n))
    const whole = isRewritten && (await snapshot.whole())
    await snapshot.close()
    if (whole) {
      zip.addBuffer(whole, name, { mtime, compress: false })
      continue
    }
    zip.addReadStreamLazy(name, { size: bytes, mtime, compress: false }, (ready) => {
      if (isStopped) return
      Snapshot.open(path(), head).then(
        (again) => {
          const isSame = again.inode === inode && again.bytes >= bytes
          current = isSame ? Readable.from(again.read(0, bytes - 1), { objectMode: false }) : undefined
          current?.once('close', () => again.close())
          if (current && !isStopped) return ready(null, current)
          void again.close()
          fail(new Error(`${name} has changed`))
        },
        (error) => fail(error),
      )
    })
  }
  const fail = (error: Error) => stream.destroy(error)
  zip.on('error', fail)
  const bytes = await new Promise<number>((resolve) =>
    zip.end({ forceZip64Format: false, comment: '' }, resolve as () => void),
  )
  return { bytes, stream, stop }
}
