/** `rollcall simulate` against `rollcall serve`, both as processes: what was sent is what was recorded, number by number. */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { verifyFolder } from '../src/library/verify.ts'
import type { RecordingDocument } from '../src/recording/document.ts'
import type { CaptureAccount, SimulatorAccount } from '../src/simulate/account.ts'
import { probePackets, testPictures } from './support/ffmpeg.ts'
import { documentIn, recordingsIn, temporaryFolder } from './support/folders.ts'
import { scanFile } from './support/mp4.ts'
import { RollcallProcess, rollcall, ServerProcess } from './support/process.ts'
import { until } from './support/until.ts'

/** A server, and phones that send a small film; `end` stops both and gives what each has of it. */
async function simulated(...flags: string[]) {
  const data = await temporaryFolder()
  const files = await temporaryFolder()
  const source = join(files, 'film.h264')
  await writeFile(source, Buffer.concat(await testPictures(60, '64x48', 15)))
  const server = await ServerProcess.start(['--data', data, '--no-thumbnails'])
  const url = ['--url', `ws://127.0.0.1:${server.port}/android-cam`]
  const json = join(files, 'account.json')
  const phones = new RollcallProcess(['simulate', ...url, '--source', source, '--json', json, ...flags])
  await phones.says(/phones connected: \d/)
  const samplesIn = async (folder: string) =>
    (await scanFile(join(folder, 'stream.mp4')).catch(() => undefined))?.samples ?? 0
  return {
    server,
    data,
    /** Resolves when so many recordings hold so many pictures each. */
    async recorded(recordings: number, pictures: number): Promise<void> {
      await until(`${recordings} recordings of ${pictures} pictures`, async () => {
        const samples = await Promise.all((await recordingsIn(data)).map(samplesIn))
        return samples.filter((count) => count >= pictures).length >= recordings
      })
    },
    async end() {
      expect(await phones.end('SIGINT')).toBe(0)
      expect(await server.end('SIGTERM')).toBe(0)
      const account: SimulatorAccount = JSON.parse(await readFile(json, 'utf8'))
      const folders = await recordingsIn(data)
      const documents = await Promise.all(folders.map(documentIn))
      for (const folder of folders) expect(await verifyFolder(folder)).toEqual([])
      return { account, documents, output: phones.stdout }
    },
  }
}

/** A phone's captures beside its recordings, in order of time. */
function pairs(
  captures: CaptureAccount[],
  documents: RecordingDocument[],
): [CaptureAccount, RecordingDocument][] {
  const cameras = new Set(captures.map(({ camera }) => camera))
  const own = documents.filter(({ camera }) => cameras.has(camera))
  const sorted = own.toSorted((a, b) => a.startedAtMs - b.startedAtMs)
  expect(sorted).toHaveLength(captures.length)
  return captures.map((capture, i) => [capture, sorted[i]!])
}

/** recording.json says what the simulator's account says. */
function expectSame(capture: CaptureAccount, document: RecordingDocument): void {
  expect({
    camera: document.camera,
    pictures: document.pictures + document.integrity.picturesBeforeKeyframe,
    keyframes: document.keyframes,
    picturesBeforeKeyframe: document.integrity.picturesBeforeKeyframe,
    bytes: document.bytes,
    missing: document.integrity.missing,
  }).toEqual({
    camera: capture.camera,
    pictures: capture.pictures,
    keyframes: capture.keyframes,
    picturesBeforeKeyframe: capture.picturesBeforeKeyframe,
    bytes: capture.bytes,
    missing: capture.missing,
  })
  expect(document).toMatchObject({
    state: 'closed',
    device: { model: 'Pixel 6a' },
    integrity: {
      packets: capture.pictures + 1,
      configurationPackets: 1,
      malformed: 0,
      notH264: 0,
      repeated: 0,
      outOfOrder: 0,
      backwardTimes: 0,
      clockJumps: [],
    },
    errors: [],
  })
}

it('records what is started and stopped at the terminal, with every loss that the phones know of', async () => {
  const { server, recorded, end } = await simulated('--cameras', '3', '--loss', '10%', '--jitter', '30')
  for (let take = 1; take <= 2; take += 1) {
    server.type('start 4:3 4 30')
    await server.says(new RegExp(`(.*3 confirmed.*){${take}}`, 's'))
    await recorded(3 * take, 40)
    server.type('stop')
    await server.says(new RegExp(`(.*3 stopped.*){${take}}`, 's'))
  }
  const { account, documents, output } = await end()
  expect(documents).toHaveLength(6)
  expect(new Set(documents.map(({ take }) => take)).size).toBe(2)
  let dropped = 0
  for (const { captures } of account.phones)
    for (const [capture, document] of pairs(captures, documents)) {
      expectSame(capture, document)
      expect(capture.ended).toBe('stopped')
      dropped += capture.droppedSequences.length
      const places = document.integrity.missingAt.flatMap(({ sequence, count }) =>
        Array.from({ length: count }, (_, i) => sequence + i),
      )
      expect(places).toEqual(capture.droppedSequences.slice(0, capture.missing))
    }
  expect(dropped).toBeGreaterThan(10)
  const sent = account.phones.flatMap(({ captures }) => captures.map(({ pictures }) => pictures))
  const sum = sent.reduce((total, pictures) => total + pictures, 0)
  expect(output).toContain(`${sum} pictures, `)
  expect(output).toContain(`${dropped} pictures dropped before sending`)
})

it("is exact on a phone's clock, however far off and fast that runs", async () => {
  const clock = ['--clock-offset', '4294967296000', '--clock-drift', '200000']
  const { data, recorded, end } = await simulated('--cameras', '2', '--fps', '10', '--auto-start', ...clock)
  await recorded(2, 12)
  const { account, documents } = await end()
  for (const { captures } of account.phones) {
    const [[capture, document]] = pairs(captures, documents) as [[CaptureAccount, RecordingDocument]]
    expectSame(capture, document)
    expect(document.parts[0]!.firstCaptureMs).toBe(capture.firstCaptureMs)
    expect(capture.firstCaptureMs).toBeGreaterThan(4_294_967_296_000)
    const packets = await probePackets(join(data, document.id, 'stream.mp4'))
    expect(Math.round(packets.at(-1)!.ptsMs)).toBe(capture.lastCaptureMs! - capture.firstCaptureMs!)
    // 100 and 133 ms, a fifth longer; the phone's clock counts whole ms.
    const intervals = packets.slice(1).map(({ ptsMs }, i) => Math.round(ptsMs - packets[i]!.ptsMs))
    expect(intervals.filter((ms) => Math.abs(ms - 120) > 1 && Math.abs(ms - 160) > 1)).toEqual([])
  }
})

it('makes a recording of every connection that is cut, with all that came through', async () => {
  const { recorded, end } = await simulated(
    '--cameras',
    '2',
    '--drop-every',
    '0.8',
    '--auto-start',
    '--fps',
    '30',
  )
  await recorded(4, 10)
  const { account, documents } = await end()
  const captures = account.phones.flatMap((phone) => phone.captures)
  expect(documents.length).toBeGreaterThanOrEqual(4)
  for (const document of documents) {
    const [capture, ...others] = captures.filter(({ camera }) => camera === document.camera)
    expect(others).toEqual([])
    if (capture!.ended === 'stopped') expectSame(capture!, document)
    else expect(capture!.ended).toBe('cut')
    // The end of what was on its way when the connection was cut is lost, and nothing else.
    expect(document.pictures).toBeLessThanOrEqual(capture!.pictures)
    expect(document).toMatchObject({
      state: 'closed',
      integrity: { missing: 0, repeated: 0, outOfOrder: 0, configurationPackets: 1 },
    })
    if (document.pictures > 0) expect(document.parts[0]!.firstCaptureMs).toBe(capture!.firstCaptureMs)
  }
  expect(new Set(documents.map(({ camera }) => camera)).size).toBe(documents.length)
})

it.each([
  [['--cameras', 'many'], /--cameras is a whole number from 1 to 1000; got "many"/],
  [['--loss', '2'], /--loss is a share from 0 to 1, or a percentage/],
  [['--source', '/nowhere/film.h264'], /\/nowhere\/film\.h264/],
])('refuses %j, naming what is allowed', async (flags, message) => {
  const { code, stderr } = await rollcall(['simulate', ...flags])
  expect(code).toBe(1)
  expect(stderr).toMatch(message)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
})
