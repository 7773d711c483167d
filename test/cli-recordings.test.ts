/** The commands for recordings, `mux`, `verify` and `recover`, as processes: what people type, and what they answer. See also cli.test.ts. */

import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, open, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { probe, probePackets, testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { hasPictures } from './support/mp4.ts'
import { TestPhone } from './support/phone.ts'
import { RollcallProcess, rollcall, ServerProcess } from './support/process.ts'
import { startServer } from './support/server.ts'
import { until } from './support/until.ts'

const PICTURES = 30

/** A recording of a server in this process, closed; and what it took. */
async function recorded(): Promise<{ folder: string; sent: Uint8Array[] }> {
  const { port, data, server } = await startServer({ thumbnails: false })
  const phone = await TestPhone.connect(port)
  phone.status('capture_started')
  const sent = await testPictures(PICTURES)
  for (const [i, payload] of sent.entries()) phone.packet(1000 + i * 100, payload)
  phone.status('capture_stopped')
  await phone.acknowledged()
  await server.close()
  const [folder] = await recordingsIn(data)
  return { folder: folder!, sent }
}

/** The folder of the one recording that runs, once its recording.json is there. */
function openRecording(data: string): Promise<string> {
  return until('a recording.json', async () => {
    const [made] = await recordingsIn(data)
    return made && (await documentIn(made).catch(() => undefined)) && made
  })
}

async function replaceIn(file: string, before: string, after: string): Promise<void> {
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll(before, after))
}

async function overwrite(file: string, at: number, bytes: Uint8Array): Promise<void> {
  const content = await readFile(file)
  content.set(bytes, at)
  await writeFile(file, content)
}

describe('rollcall mux', () => {
  it.each([7, 12.5, 60])('makes an MP4 of a raw file, at %d pictures a second', async (fps) => {
    const { folder, sent } = await recorded()
    // Which ffmpeg would take for a protocol.
    const name = 'cam:1.mp4'
    const out = join(folder, name)
    const ended = await rollcall(['mux', 'stream.h264', name, '--fps', String(fps)], { cwd: folder })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const packets = await probePackets(out)
    expect(packets).toHaveLength(sent.length)
    const last = packets.at(-1)!.ptsMs - packets[0]!.ptsMs
    expect(last).toBeCloseTo(((sent.length - 1) * 1000) / fps, 0)
  })

  it('refuses to replace the raw file by its own film', async () => {
    const { folder } = await recorded()
    const raw = join(folder, 'stream.h264')
    const before = await readFile(raw)
    expect(await rollcall(['mux', raw, raw, '--fps', '10'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('CONFIG_INVALID'),
    })
    expect(await readFile(raw)).toEqual(before)
  })

  it('warns of a missing input and writes nothing', async () => {
    const folder = await temporaryFolder()
    const ended = await rollcall(['mux', join(folder, 'no.h264'), join(folder, 'out.mp4'), '--fps', '10'])
    expect(ended).toMatchObject({ code: 0, stdout: '' })
    expect(ended.stderr).toMatch(/^warning: .*no\.h264 is not there; nothing was written\n$/)
    expect(await readdir(folder)).toEqual([])
  })

  it('shows what ffmpeg says of garbage, leaves no half file and destroys no older one', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'raw.h264'), 'no H.264 at all, but bytes enough for ffmpeg to look through')
    for (const older of [undefined, 'an older film']) {
      if (older) await writeFile(join(folder, 'out.mp4'), older)
      const ended = await rollcall(['mux', join(folder, 'raw.h264'), join(folder, 'out.mp4'), '--fps', '10'])
      expect(ended.code).toBe(1)
      expect(ended.stderr).toMatch(/^rollcall: ffmpeg ended with code 1: .*No start code is found/s)
      expect((await readdir(folder)).sort()).toEqual(older ? ['out.mp4', 'raw.h264'] : ['raw.h264'])
    }
    expect(await readFile(join(folder, 'out.mp4'), 'utf8')).toBe('an older film')
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ended by %s leaves no half film, and no ffmpeg', async (signal, code) => {
    const folder = await temporaryFolder()
    const raw = join(folder, 'raw.h264')
    // It has no end while we hold it open.
    execFileSync('mkfifo', [raw])
    const muxing = new RollcallProcess(['mux', raw, join(folder, 'out.mp4'), '--fps', '10'])
    const input = await open(raw, 'w')
    onTestFinished(() => input.close())
    const pictures = Buffer.concat(await testPictures(PICTURES))
    for (let i = 0; i < 10; i += 1) await input.writeFile(pictures)
    await until('a half film', async () => (await readdir(folder)).includes('out.mp4.partial.mp4'))
    expect(await muxing.end(signal)).toBe(code)
    expect(muxing.stderr).toBe(`rollcall: ended by ${signal}; nothing was written\n`)
    expect(await readdir(folder)).toEqual(['raw.h264'])
    await expect(input.writeFile(pictures)).rejects.toThrow('EPIPE')
  })

  it.each(['0', 'fast', '1001'])('refuses --fps %j, naming what is allowed', async (fps) => {
    const { code, stderr } = await rollcall(['mux', 'raw.h264', 'out.mp4', '--fps', fps])
    expect(code).toBe(1)
    expect(stderr).toMatch(/--fps is a number above 0, at most 1000; got/)
  })

  it('takes --ffmpeg before FFMPEG_BIN, and that before the PATH', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'raw.h264'), Buffer.concat(await testPictures(PICTURES)))
    const mux = (args: string[], env: NodeJS.ProcessEnv) =>
      rollcall(['mux', 'raw.h264', 'out.mp4', '--fps', '10', ...args], { env, cwd: folder })
    const byVariable = await mux([], { FFMPEG_BIN: '/nowhere/variable' })
    expect(byVariable.code).toBe(1)
    expect(byVariable.stderr).toMatch(/there is no \/nowhere\/variable: install it .*--ffmpeg/)
    const byFlag = await mux(['--ffmpeg', '/nowhere/flag'], { FFMPEG_BIN: 'ffmpeg' })
    expect(byFlag.stderr).toMatch(/there is no \/nowhere\/flag/)
    expect(await mux(['--ffmpeg', 'ffmpeg'], { FFMPEG_BIN: '/nowhere' })).toMatchObject({ code: 0 })
  })
})

describe('rollcall verify', () => {
  it('says that all is well', async () => {
    const { folder } = await recorded()
    const ended = await rollcall(['verify', folder])
    expect(ended).toEqual({ code: 0, stdout: `${folder}: all is well\n`, stderr: '' })
  })

  it('names the invariant that each broken folder breaks, and exits with 1', async () => {
    const { folder } = await recorded()
    const sampleAt = (await probePackets(join(folder, 'stream.mp4')))[3]!.position
    const broken: [number, (copy: string) => Promise<void>][] = [
      [1, (copy) => writeFile(join(copy, 'recording.json'), '{}')],
      [2, (copy) => rm(join(copy, 'stream.mp4'))],
      [3, (copy) => truncate(join(copy, 'stream.mp4'), 5000)],
      [4, (copy) => replaceIn(join(copy, 'recording.json'), '"pictures": 30', '"pictures": 31')],
      [5, (copy) => overwrite(join(copy, 'stream.mp4'), sampleAt, Buffer.from([0xff]))],
      [6, (copy) => truncate(join(copy, 'frames.csv'), 300)],
      [7, (copy) => truncate(join(copy, 'stream.h264'), 300)],
      [8, (copy) => writeFile(join(copy, '.recording.json.tmp'), '')],
    ]
    const copies: string[] = []
    for (const [, harm] of broken) {
      // Under the same name: it is the id.
      const copy = join(await temporaryFolder(), basename(folder))
      await mkdir(copy)
      for (const name of await readdir(folder)) await copyFile(join(folder, name), join(copy, name))
      await harm(copy)
      copies.push(copy)
    }
    const ended = await rollcall(['verify', ...copies, folder])
    expect(ended.code).toBe(1)
    for (const [i, [invariant]] of broken.entries())
      expect(ended.stdout).toContain(`${copies[i]}: invariant ${invariant}: `)
    expect(ended.stdout).toContain(`${folder}: all is well`)
    const absent = await rollcall(['verify', join(folder, 'absent')])
    expect(absent.code).toBe(1)
    expect(absent.stderr).toMatch(/^rollcall: .* is no folder that can be read.*\(RECORDING_INVALID\)\n$/)
  })
})

describe('rollcall verify of a recording that runs', () => {
  it('says so and exits with 2, but with 1 when another one is broken', async () => {
    const { folder: whole } = await recorded()
    const { port, data } = await startServer({ thumbnails: false })
    const phone = await TestPhone.connect(port)
    phone.status('capture_started')
    const runs = await openRecording(data)
    const notChecked = `${runs}: not checked: the Rollcall of process ${process.pid} is recording it, or is about to recover it\n`
    expect(await rollcall(['verify', runs, whole])).toEqual({
      code: 2,
      stdout: `${notChecked}${whole}: all is well\n`,
      stderr: '',
    })
    await rm(join(whole, 'frames.csv'))
    for (const folders of [
      [runs, whole],
      [whole, runs],
    ]) {
      const ended = await rollcall(['verify', ...folders])
      expect(ended).toMatchObject({ code: 1, stdout: expect.stringContaining(notChecked) })
    }
    await phone.close()
  })

  it('no longer holds once its server was killed: recover closes it', async () => {
    const data = await temporaryFolder()
    const server = await ServerProcess.start(['--data', data, '--no-thumbnails'])
    const phone = await TestPhone.connect(server.port)
    phone.status('capture_started')
    const folder = await openRecording(data)
    await server.end('SIGKILL')
    expect(await rollcall(['verify', folder])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        'invariant 2: its state is recording: it is not closed; rollcall recover',
      ),
    })
  })
})

describe('rollcall recover', () => {
  it('closes what a killed server left, and makes its thumbnail', async () => {
    const data = await temporaryFolder()
    const server = await ServerProcess.start(['--data', data, '--no-thumbnails'])
    const phone = await TestPhone.connect(server.port)
    phone.status('capture_started')
    const sent = await testPictures(PICTURES)
    for (const [i, payload] of sent.entries()) phone.packet(1000 + i * 100, payload)
    const folder = await until('pictures in a stream.mp4', async () => {
      const [made] = await recordingsIn(data)
      return made && (await hasPictures(join(made, 'stream.mp4'))) && made
    })
    await server.end('SIGKILL')
    const ended = await rollcall(['recover', folder])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const { state, pictures } = await documentIn(folder)
    expect(state).toBe('recovered')
    expect(ended.stdout).toMatch(new RegExp(`^${folder}: ${pictures} pictures, \\d+\\.\\d s`))
    const { streams } = await probe(join(folder, 'thumbnail.jpg'))
    expect(streams[0]).toMatchObject({ codec_name: 'mjpeg', width: 160, height: 120 })
    expect((await rollcall(['verify', folder])).stdout).toBe(`${folder}: all is well\n`)
  })

  it('takes the folder that it stands in', async () => {
    const { folder } = await recorded()
    await rm(join(folder, 'recording.json'))
    const recovered = await rollcall(['recover', '.'], { cwd: folder })
    expect(recovered).toMatchObject({ code: 0, stderr: '' })
    expect(await documentIn(folder)).toMatchObject({ id: basename(folder), pictures: PICTURES })
    expect(await rollcall(['verify', '.'], { cwd: folder })).toMatchObject({ stdout: '.: all is well\n' })
  })

  it('refuses a folder that is not there, and makes none', async () => {
    const folder = join(await temporaryFolder(), 'camera_20260101_120000')
    const ended = await rollcall(['recover', folder])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(`rollcall: ${folder} is no folder that can be read`)
    await expect(readdir(folder)).rejects.toThrow('ENOENT')
  })

  it('refuses a folder that is no recording, and leaves nothing in it', async () => {
    const folder = await temporaryFolder()
    const ended = await rollcall(['recover', folder])
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('RECORDING_INVALID') })
    expect(await readdir(folder)).toEqual([])
  })

  it('says what a folder that was renamed should be called', async () => {
    const { folder } = await recorded()
    const other = join(dirname(folder), 'my film')
    await rename(folder, other)
    const advice = `its id is ${basename(folder)}: rename the folder to that`
    expect((await rollcall(['recover', other])).stdout).toBe(
      `${other}: is closed already, nothing to do; but ${advice}\n`,
    )
    expect((await rollcall(['verify', other])).stdout).toBe(`${other}: invariant 1: ${advice}\n`)
  })

  it('leaves a recording as it is that was closed in order', async () => {
    const { folder } = await recorded()
    const before = await documentIn(folder)
    expect(await rollcall(['recover', folder])).toMatchObject({
      code: 0,
      stdout: `${folder}: is closed already, nothing to do\n`,
    })
    expect(await documentIn(folder)).toEqual(before)
  })

  it('keeps its hands off what a server records', async () => {
    const { port, data } = await startServer()
    const phone = await TestPhone.connect(port)
    phone.status('capture_started')
    const folder = await until('a folder', async () => (await recordingsIn(data))[0])
    const ended = await rollcall(['recover', folder])
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('RECORDING_INVALID') })
    await phone.close()
  })
})
