import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../test/support/folders.ts'
import {
  annexB,
  CONFIGURATION,
  DELTA,
  KEYFRAME,
  KEYFRAME_WITH_SETS,
  SPS_96X64,
} from '../../test/support/h264.ts'
import { readLine } from '../../test/support/text-reader.ts'
import { RequestError } from '../errors.ts'
import { readAccessUnit } from '../h264/access-unit.ts'
import { throttleOf } from './camera-times.ts'
import { type PictureSource, PictureSources } from './source.ts'

const REQUEST = {
  cameraName: 'Camera 1',
  size: { width: 160, height: 120 },
  bitrateMbps: 0.2,
  throttle: throttleOf(10),
}

async function opened(options: { file?: string; ffmpeg?: string }) {
  const notices: string[] = []
  const sources = await PictureSources.create({
    ffmpeg: 'ffmpeg',
    ...options,
    onNotice: (notice) => notices.push(notice),
  })
  const source = await sources.open(REQUEST)
  onTestFinished(() => source.close())
  return { source, sources, notices }
}

async function fileOf(...units: Uint8Array[]): Promise<string> {
  const file = join(await temporaryFolder(), 'source.h264')
  await writeFile(file, Buffer.concat(units))
  return file
}

async function take(source: PictureSource, count: number): Promise<Uint8Array[]> {
  const payloads: Uint8Array[] = []
  while (payloads.length < count) payloads.push(new Uint8Array((await source.next())!.payload))
  return payloads
}

describe('a file', () => {
  it('is sent over and over, its parameter sets once', async () => {
    const { source } = await opened({ file: await fileOf(KEYFRAME_WITH_SETS, DELTA, KEYFRAME_WITH_SETS) })
    expect(new Uint8Array(source.configuration)).toEqual(CONFIGURATION)
    expect(await take(source, 5)).toEqual([KEYFRAME, DELTA, KEYFRAME, KEYFRAME, DELTA])
  })

  it('keeps parameter sets that change with their picture', async () => {
    const other = annexB(SPS_96X64)
    const changed = Buffer.concat([other, KEYFRAME])
    const { source } = await opened({ file: await fileOf(KEYFRAME_WITH_SETS, changed, changed) })
    expect(await take(source, 4)).toEqual([KEYFRAME, new Uint8Array(changed), KEYFRAME, KEYFRAME_WITH_SETS])
  })

  it('gives no picture once it is closed', async () => {
    const { source } = await opened({ file: await fileOf(KEYFRAME_WITH_SETS) })
    source.close()
    source.close()
    expect(await source.next()).toBeUndefined()
  })

  it.each([
    ['is not there', async () => '/no/such/file.h264'],
    ['has no parameter sets', () => fileOf(KEYFRAME, DELTA)],
    ['is no H.264', () => fileOf(Buffer.from('ftypisom and then some text'))],
    ['is empty', () => fileOf()],
  ])('is refused when it %s', async (_title, file) => {
    const creating = opened({ file: await file() })
    await expect(creating).rejects.toThrow(/^--source is /)
    await expect(creating).rejects.toBeInstanceOf(RequestError)
  })
})

describe("ffmpeg's test picture", () => {
  it('is a keyframe each second, one slice a picture, no SEI, no B-pictures', async () => {
    const { source, notices } = await opened({})
    expect(notices).toEqual([])
    expect(source.kind).toBe('ffmpeg')
    const keyframes: number[] = []
    for (let i = 0; i < 25; i += 1) {
      const picture = await source.next()
      const { bytes, units } = readAccessUnit(picture!.payload)
      expect([...units.filter((_, n) => n % 2 === 0)].map((at) => bytes[at]! & 31)).toEqual([
        picture!.keyframe ? 5 : 1,
      ])
      if (picture!.keyframe) keyframes.push(i)
    }
    // 10 fps of a 30 fps camera are 9 a second.
    expect(keyframes).toEqual([0, 9, 18])
  })

  it('decodes without an error at the size that was asked for', async () => {
    const { source } = await opened({})
    const file = await fileOf(source.configuration, ...(await take(source, 12)))
    const probed = execFileSync('ffprobe', [
      ...['-v', 'error', '-f', 'h264', '-count_frames', '-show_entries'],
      ...['stream=width,height,nb_read_frames,has_b_frames', '-of', 'csv=p=0', file],
    ])
    expect(String(probed).trim()).toBe('160,120,0,12')
  })

  it("has the camera's name burnt in, and a clock that runs as its pictures do", async () => {
    const { sources } = await opened({})
    const source = await sources.open({ ...REQUEST, size: { width: 640, height: 480 }, bitrateMbps: 2 })
    onTestFinished(() => source.close())
    // Keyframes alone, a second apart.
    const pictures = (await take(source, 10)).filter((_, i) => i % 9 === 0)
    const file = await fileOf(source.configuration, ...pictures)
    const line = ['-vf', 'crop=440:36:30:408,scale=iw*2:-1', `${file}.%d.png`]
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'h264', '-i', file, ...line])
    for (const [i, time] of ['00:00:00.000', '00:00:01.000'].entries()) {
      const read = await readLine(`${file}.${i + 1}.png`, 'Camer 0123456789:.')
      if (read !== undefined) expect(read).toBe(`Camera 1 ${time}`)
    }
  })

  it('ends when it is closed while a picture is awaited', async () => {
    const { source } = await opened({})
    const reading = (async () => {
      while (await source.next());
    })()
    source.close()
    await reading
    expect(await source.next()).toBeUndefined()
  })
})

describe('the built-in stream', () => {
  it('steps in for ffmpeg, and says once why', async () => {
    const { source, sources, notices } = await opened({ ffmpeg: 'there-is-no-such-program' })
    await sources.open(REQUEST)
    expect(source.kind).toBe('built-in')
    expect(notices).toEqual([
      'no test picture, the small built-in stream instead: there is no there-is-no-such-program',
    ])
  })

  it('steps in for an ffmpeg that fails', async () => {
    const { source, notices } = await opened({ ffmpeg: 'false' })
    expect(source.kind).toBe('built-in')
    expect(notices[0]).toContain('ffmpeg ended without a picture')
  })

  it('decodes: ten pictures from a keyframe on', async () => {
    const { source } = await opened({ ffmpeg: 'false' })
    const pictures = []
    while (pictures.length < 11) pictures.push(await source.next())
    expect(pictures.map((picture) => picture!.keyframe)).toEqual([true, ...Array(9).fill(false), true])
    const file = await fileOf(
      source.configuration,
      ...pictures.slice(0, 10).map((picture) => picture!.payload),
    )
    const args = ['-v', 'error', '-f', 'h264', '-i', file, '-f', 'framemd5', '-']
    const rows = String(execFileSync('ffmpeg', args))
      .split('\n')
      .filter((line) => /^\d/.test(line))
    expect(rows).toHaveLength(10)
  })
})
