/** The film that browsers play of a recording of JPEG pictures: made behind it by a real ffmpeg, and served. */

import { execFile } from 'node:child_process'
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { constants, getPriority } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { PlayableCopies } from '../src/library/playable-copies.ts'
import { Readers } from '../src/library/readers.ts'
import { readSummary } from '../src/library/summary.ts'
import { verifyFolder } from '../src/library/verify.ts'
import { systemClock } from '../src/time.ts'
import type { RecordingSummary } from '../src/wire/api/recordings.ts'
import { EventListener } from './support/events.ts'
import { probe, probePackets } from './support/ffmpeg.ts'
import { temporaryFolder } from './support/folders.ts'
import { jpegPictures, recordJpegs } from './support/jpeg.ts'
import { startApi } from './support/requests.ts'
import { until } from './support/until.ts'
import { unzip } from './support/unzip.ts'

const FILM = 'stream.h264.mp4'
/** Of two parts, the second after a pause of 20 s. */
const TIMES = [0, 67, 133, 190, 267, 20_333, 20_400, 20_490]
const FIRST_PART = 5

/** A data folder with one recording at rest, of pictures of two sizes. */
async function recorded(): Promise<{ data: string; folder: string; id: string }> {
  // Read as a URL, it would end at #.
  const data = join(await temporaryFolder(), 'no. #1: 100%?')
  await mkdir(data)
  const pictures = [...(await jpegPictures(FIRST_PART, '160x121')), ...(await jpegPictures(3, '321x240'))]
  const folder = await recordJpegs(
    data,
    pictures.map((picture, i) => ({ picture, atMs: TIMES[i]! })),
  )
  return { data, folder, id: basename(folder) }
}

/** A program in the place of ffmpeg that writes its process id and half a film, tells of the half, and never ends. */
async function endlessFfmpeg(): Promise<{ ffmpeg: string; pid: () => Promise<string | undefined> }> {
  const folder = await temporaryFolder()
  const [ffmpeg, pidFile] = [join(folder, 'ffmpeg'), join(folder, 'pid')]
  const script = `#!/bin/sh
for film; do :; done
echo half > "$film"
echo $$ > ${pidFile}.new && mv ${pidFile}.new ${pidFile}
echo out_time_us=10000000
exec sleep 1000`
  await writeFile(ffmpeg, script, { mode: 0o755 })
  return {
    ffmpeg,
    pid: () =>
      readFile(pidFile, 'utf8').then(
        (text) => text.trim(),
        () => undefined,
      ),
  }
}

/** `T` for one that stands still; undefined when it has ended. */
function stateOf(pid: string): Promise<string | undefined> {
  return promisify(execFile)('ps', ['-o', 'stat=', '-p', pid]).then(
    ({ stdout }) => stdout[0],
    () => undefined,
  )
}

describe('the film for browsers', () => {
  it('is made at the next start when it was cut off, of all parts with every picture at its time', async () => {
    const { data, folder, id } = await recorded()
    const before = await readFile(join(folder, 'stream.mp4'))
    const { ffmpeg, pid } = await endlessFfmpeg()
    const first = await startApi({ data, ffmpeg })
    const { accessToken } = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8'))
    const events = await EventListener.open(first.port, { authorization: `Bearer ${accessToken}` })
    const path = `/api/recordings/${id}`
    await until('half of it', async () => {
      const { playable } = await first.json<RecordingSummary>(path)
      return playable.state === 'making' && playable.progress !== null && playable.progress > 0.4
    })
    expect((await first.ask(`${path}/${FILM}`)).status).toBe(404)
    expect(getPriority(Number(await pid()))).toBe(constants.priority.PRIORITY_LOW)
    events.close()
    await first.server.close()
    expect(await stateOf((await pid())!)).toBeUndefined()
    expect((await readdir(folder)).filter((name) => name.includes('h264'))).toEqual([])
    // As a server that was killed leaves it.
    await writeFile(join(folder, `.${FILM}`), 'half')

    const { json, ask, port } = await startApi({ data })
    const listener = await EventListener.open(port, { authorization: `Bearer ${accessToken}` })
    const ready = await until('a film', async () => {
      const summary = await json<RecordingSummary>(path)
      return summary.playable.state === 'ready' && summary
    })
    expect(ready).toMatchObject({
      format: 'jpeg',
      partsAtMs: [0, TIMES[FIRST_PART]],
      playable: { progress: null },
    })
    await listener.event('recording', ({ recording }) => recording.playable.state === 'ready')
    const film = join(folder, FILM)
    const { streams } = await probe(film)
    expect(streams[0]).toMatchObject({ codec_name: 'h264', pix_fmt: 'yuv420p', width: 322, height: 240 })
    expect(Number(streams[0]!.level)).toBeLessThanOrEqual(40)
    expect((await probePackets(film)).map(({ ptsMs }) => Math.round(ptsMs))).toEqual(TIMES)
    const bytes = await readFile(film)
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'))
    const part = await ask(`${path}/${FILM}`, { headers: { range: 'bytes=0-99' } })
    expect([part.status, part.headers.get('content-type')]).toEqual([206, 'video/mp4'])
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(0, 100))).toBe(true)
    const zip = await unzip(Buffer.from(await (await ask('/api/takes/take_1.zip')).arrayBuffer()))
    expect([...zip.keys()]).toEqual(expect.arrayContaining([`${id}/stream.mp4`, `${id}/${FILM}`]))
    expect((await readFile(join(folder, 'stream.mp4'))).equals(before)).toBe(true)
    expect(await verifyFolder(folder)).toEqual([])
    await writeFile(film, bytes.subarray(0, -1))
    expect(await verifyFolder(folder)).toMatchObject([{ invariant: 9 }])
  })

  it('is told to be missing when ffmpeg is; what came stays as it came', async () => {
    const { data, folder, id } = await recorded()
    const names = await readdir(folder)
    const { lines, json } = await startApi({ data, ffmpeg: join(data, 'no-ffmpeg') })
    await until('a warning', () =>
      lines.some((line) => line.includes('no film for browsers') && line.includes('there is no')),
    )
    const { playable } = await json<RecordingSummary>(`/api/recordings/${id}`)
    expect(playable).toEqual({ state: 'none', progress: null })
    expect((await readdir(folder)).sort()).toEqual(names.sort())
  })

  it('stands still while the disk is behind, is given up without space, and goes with its recording', async () => {
    const { folder, id } = await recorded()
    const { ffmpeg, pid } = await endlessFfmpeg()
    const disk = { queuedBytes: 0, hasRoomFor: (_bytes: number) => true }
    const recording = (await readSummary(folder, id))!
    let isThere = true
    const copies: PlayableCopies = new PlayableCopies({
      ffmpeg,
      disk,
      maxQueuedBytes: 1000,
      clock: systemClock,
      readers: new Readers(),
      folderOf: () => folder,
      // As the archive does, of recordings that are there.
      onChange: () => isThere && copies.consider(recording),
      onFailure: (_, error) => expect.unreachable(error.message),
    })
    const untilState = (state: string | undefined) =>
      until(`the state ${state}`, async () => {
        copies.tick()
        const running = await pid()
        return running !== undefined && [(await stateOf(running)) ?? 'none'].includes(state ?? 'none')
      })
    disk.queuedBytes = 2000
    copies.consider(recording)
    copies.tick()
    expect(copies.progressOf(id)).toBeNull()
    expect(await pid()).toBeUndefined()
    disk.queuedBytes = 0
    await untilState('S')
    disk.queuedBytes = 2000
    await untilState('T')
    disk.queuedBytes = 0
    await untilState('S')
    disk.hasRoomFor = () => false
    await untilState(undefined)
    await until('it waits again', () => copies.progressOf(id) === null)
    await expect(access(join(folder, `.${FILM}`))).rejects.toThrow()
    // There was enough for its pictures, and not for the film.
    const asked: number[] = []
    disk.hasRoomFor = (bytes) => {
      asked.push(bytes)
      return bytes < 2 * recording.bytes
    }
    copies.tick()
    expect(asked).toEqual([2 * recording.bytes])
    expect(copies.progressOf(id)).toBeNull()
    disk.hasRoomFor = () => true
    await untilState('S')
    isThere = false
    copies.drop(id)
    await untilState(undefined)
    await until('it is forgotten', () => copies.progressOf(id) === undefined)
    await copies.close()
  })
})
