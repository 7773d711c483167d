/** Real H.264 streams through a real server and back: not one picture changes. */

import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { verifyFolder } from '../src/library/verify.ts'
import { frameMd5, orderedUnitsOf, probePackets } from './support/ffmpeg.ts'
import { documentIn, recordingsIn } from './support/folders.ts'
import { configurationApart, TestPhone } from './support/phone.ts'
import { startServer } from './support/server.ts'

const STREAMS = fileURLToPath(new URL('../../shared/conformance', import.meta.url))
/** ffmpeg finds no picture in it. */
const UNDECODABLE = ['sps_subsetsps_bothVUI.264']
const BASE_MS = 81_234_567
const INTERVAL_MS = 40

const isThere = existsSync(STREAMS)
const names = isThere
  ? readdirSync(STREAMS).filter((name) => !name.endsWith('.md') && !UNDECODABLE.includes(name))
  : []
if (!isThere) console.info('no conformance streams beside the project: their tests are left out')

/** A stream as it is in its file: what both of its tests send, and what they must find again. */
async function readStream(file: string) {
  const [ordered, original] = await Promise.all([orderedUnitsOf(file), frameMd5(file, '-f', 'h264')])
  return { ...ordered, original }
}

// With no test at all the file would count as broken.
describe.skipIf(!isThere).each(isThere ? names : ['conformance streams'])('%s', (name) => {
  const file = join(STREAMS, name)
  let stream: ReturnType<typeof readStream> | undefined

  it.each(['configuration apart, at time 0', 'in-band parameter sets'] as const)(
    'comes back as it was: %s',
    async (how) => {
      stream ??= readStream(file)
      const { units, order, original } = await stream
      const captureMs = order.map((place) => BASE_MS + place * INTERVAL_MS)
      const { port, data, server } = await startServer({ thumbnails: false })
      const phone = await TestPhone.connect(port)
      phone.status('capture_started')
      const first = configurationApart(units[0]!)
      if (how === 'in-band parameter sets') phone.packet(captureMs[0]!, units[0]!)
      else {
        phone.packet(0, first.configuration)
        phone.packet(captureMs[0]!, first.picture)
      }
      for (const [i, unit] of units.entries()) if (i > 0) phone.packet(captureMs[i]!, unit)
      phone.status('capture_stopped')
      await phone.close()
      await server.close()
      const [folder] = await recordingsIn(data)
      const document = await documentIn(folder!)
      expect(await readFile(join(folder!, 'stream.h264'))).toEqual(await readFile(file))
      const recorded = await frameMd5(join(folder!, 'stream.mp4'))
      expect(recorded.length).toBeGreaterThan(0)
      expect(recorded).toEqual(original.slice(original.length - recorded.length))
      expect(document.pictures + document.integrity.picturesBeforeKeyframe).toBe(units.length)
      expect(document.integrity).toMatchObject({
        malformed: 0,
        notH264: 0,
        missing: 0,
        repeated: 0,
        outOfOrder: 0,
      })
      const skipped = document.integrity.picturesBeforeKeyframe
      const packets = await probePackets(join(folder!, 'stream.mp4'))
      expect(packets.map(({ ptsMs }) => Math.round(ptsMs))).toEqual(
        captureMs.slice(skipped).map((ms) => ms - captureMs[skipped]!),
      )
      expect(await verifyFolder(folder!)).toEqual([])
    },
  )
})
