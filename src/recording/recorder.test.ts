import { describe, expect, it } from 'vitest'
import {
  annexB,
  CONFIGURATION,
  DELTA,
  KEYFRAME,
  KEYFRAME_WITH_SETS,
  PPS,
  SPS_64X48,
  slice,
} from '../../test/support/h264.ts'
import { HOLD_BYTES, HOLD_MS, START_MS, setUpRecorder } from '../../test/support/recorder.ts'
import { ProtocolError, StorageError } from '../errors.ts'

it('makes no folder after folder for captures that send nothing: the next one comes with its first packet', async () => {
  const { recorder, folders, send, time } = setUpRecorder()
  for (let i = 0; i < 100; i += 1) {
    recorder.captureStarted()
    if (i % 2 === 0) recorder.captureStopped()
  }
  expect(folders).toHaveLength(1)
  send(0, CONFIGURATION, KEYFRAME, DELTA)
  expect(folders).toHaveLength(2)
  recorder.captureStopped()
  recorder.captureStarted()
  recorder.captureStopped()
  time.nowMs += 1000
  recorder.captureStarted()
  await recorder.close()
  expect(folders.map(({ document }) => document.pictures)).toEqual([0, 2, 0])
})

describe('pictures that come before capture_started', () => {
  it('belong to the recording, with the configuration packet ahead of them', async () => {
    const { recorder, folders, send } = setUpRecorder()
    send(0, CONFIGURATION, KEYFRAME, DELTA)
    expect(folders).toHaveLength(0)
    recorder.captureStarted()
    send(3, DELTA)
    await recorder.close()
    expect(folders[0]!.document).toMatchObject({
      state: 'closed',
      pictures: 3,
      keyframes: 1,
      width: 64,
      height: 48,
    })
    expect(folders[0]!.raw).toEqual(Buffer.concat([CONFIGURATION, KEYFRAME, DELTA, DELTA]))
    expect(folders[0]!.document.integrity).toMatchObject({ configurationPackets: 1, missing: 0 })
    expect(recorder.droppedPictures).toBe(0)
  })

  it.each([
    ['sends its parameter sets once', KEYFRAME],
    ['repeats them in key pictures', KEYFRAME_WITH_SETS],
  ])('are not given to the recording before, when the camera %s', async (_title, keyframe) => {
    const { recorder, folders, send } = setUpRecorder()
    recorder.captureStarted()
    send(0, CONFIGURATION, keyframe, DELTA, DELTA)
    send(0, CONFIGURATION, keyframe, DELTA)
    recorder.captureStopped()
    recorder.captureStarted()
    send(3, DELTA)
    await recorder.close()
    expect(folders.map(({ sequences }) => sequences)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
    const raw = Buffer.concat([CONFIGURATION, keyframe, DELTA, DELTA])
    expect(folders.map((folder) => folder.raw)).toEqual([raw, raw])
    for (const { document } of folders)
      expect(document.integrity).toMatchObject({ configurationPackets: 1, sequenceRestarts: 0, repeated: 0 })
  })

  it('are held from the last configuration packet on', async () => {
    const { recorder, folders, send } = setUpRecorder()
    send(0, CONFIGURATION, KEYFRAME, DELTA)
    send(0, CONFIGURATION, KEYFRAME)
    recorder.captureStarted()
    await recorder.close()
    expect(folders[0]!.sequences).toEqual([1])
    expect(folders[0]!.raw).toEqual(Buffer.concat([CONFIGURATION, KEYFRAME]))
    expect(recorder.droppedPictures).toBe(2)
  })

  it.each([
    ['bytes', [annexB(slice('delta', { bytes: HOLD_BYTES }))], 0],
    ['ms', [], HOLD_MS + 1],
  ])('are held up to a limit of %s, then dropped and counted', async (_title, payloads, waitMs) => {
    const { recorder, folders, time, send } = setUpRecorder()
    send(0, CONFIGURATION, KEYFRAME, ...payloads)
    time.nowMs += waitMs
    recorder.tick()
    expect(recorder.droppedPictures).toBe(1 + payloads.length)
    recorder.captureStarted()
    await recorder.close()
    expect(folders[0]!.raw).toHaveLength(0)
  })

  it('make the camera one that is not recorded, until a recording opens or no more come', () => {
    const { recorder, time, send } = setUpRecorder()
    expect(recorder.isUnrecorded).toBe(false)
    for (const payload of [CONFIGURATION, KEYFRAME, DELTA, DELTA]) {
      send(0, payload)
      expect(recorder.isUnrecorded).toBe(true)
      time.nowMs += 2000
      expect(recorder.isUnrecorded).toBe(true)
    }
    recorder.captureStarted()
    expect(recorder.isUnrecorded).toBe(false)
    recorder.captureStopped()
    expect(recorder.isUnrecorded).toBe(false)
    send(0, DELTA)
    expect(recorder.isUnrecorded).toBe(true)
    time.nowMs += 3000
    expect(recorder.isUnrecorded).toBe(false)
  })

  it('are told of as well when the disk has ended the recording', () => {
    const { recorder, folders, send } = setUpRecorder()
    recorder.captureStarted()
    send(0, CONFIGURATION, KEYFRAME)
    folders[0]!.fail(new StorageError('STORAGE_FAILED', 'no space'))
    send(2, DELTA)
    expect(recorder.isUnrecorded).toBe(true)
  })

  it('are held from a key picture on that carries its own parameter sets', async () => {
    const { recorder, folders, send } = setUpRecorder()
    send(0, KEYFRAME_WITH_SETS, DELTA, KEYFRAME_WITH_SETS, DELTA)
    recorder.captureStarted()
    send(4, DELTA)
    await recorder.close()
    expect(folders[0]!.sequences).toEqual([0, 1, 2, 3, 4])
    expect(recorder.droppedPictures).toBe(0)
  })

  it('are held from the SPS on when the PPS comes in a packet of its own', async () => {
    const { recorder, folders, send } = setUpRecorder()
    const [sps, pps] = [annexB(SPS_64X48), annexB(PPS)]
    send(0, sps, pps, KEYFRAME)
    recorder.captureStarted()
    await recorder.close()
    expect(folders[0]!.raw).toEqual(Buffer.concat([sps, pps, KEYFRAME]))
    expect(folders[0]!.document).toMatchObject({ pictures: 1, integrity: { configurationPackets: 2 } })
  })

  it('leave their parameter sets behind when they are dropped, for a capture_started that comes late', async () => {
    const { recorder, folders, time, send } = setUpRecorder()
    send(0, CONFIGURATION, KEYFRAME)
    time.nowMs += HOLD_MS + 1
    recorder.tick()
    recorder.captureStarted()
    send(2, DELTA, KEYFRAME, DELTA)
    await recorder.close()
    expect(folders[0]!.document).toMatchObject({ pictures: 2, width: 64 })
    expect(folders[0]!.document.integrity.picturesBeforeKeyframe).toBe(1)
  })

  it('go on in the open recording when no capture_started comes', async () => {
    const { recorder, folders, time, send } = setUpRecorder()
    recorder.captureStarted()
    send(0, CONFIGURATION, KEYFRAME, DELTA)
    send(0, CONFIGURATION, DELTA)
    time.nowMs += HOLD_MS + 1
    recorder.tick()
    await recorder.close()
    expect(folders).toHaveLength(1)
    expect(folders[0]!.raw).toEqual(Buffer.concat([CONFIGURATION, KEYFRAME, DELTA, CONFIGURATION, DELTA]))
  })
})

describe('a recording', () => {
  it('takes every picture of an encoder that does not count and repeats its parameter sets', async () => {
    const { recorder, folders } = setUpRecorder()
    recorder.captureStarted()
    const payloads = [KEYFRAME_WITH_SETS, DELTA, KEYFRAME_WITH_SETS, DELTA]
    for (const [i, payload] of payloads.entries())
      recorder.packet({ captureMs: 1000 + i * 100, sequence: 0, payload }, i * 100)
    recorder.captureStopped()
    await recorder.close()
    expect(folders[0]!.document.pictures).toBe(payloads.length)
  })

  it('is opened by capture_started and closed by capture_stopped', async () => {
    const { recorder, folders, time, send } = setUpRecorder()
    recorder.captureStarted()
    send(0, CONFIGURATION, KEYFRAME, DELTA)
    expect(recorder.isRecording).toBe(true)
    time.nowMs = 1000
    recorder.tick()
    recorder.captureStopped()
    expect(recorder.isRecording).toBe(false)
    await recorder.close()
    expect(folders[0]).toMatchObject({ isClosed: true, thumbnails: 1 })
    expect(folders[0]!.document).toMatchObject({
      id: 'folder_1',
      camera: '192.0.2.7_40312',
      take: 'take_1',
      state: 'closed',
      startedAtMs: START_MS,
      device: { model: 'Pixel 6a' },
    })
  })

  it('is told to the disk while it runs, so that a crash finds it', async () => {
    const { recorder, folders, send } = setUpRecorder()
    recorder.captureStarted()
    await folders[0]!.id
    expect(recorder.recordingId).toBe('folder_1')
    expect(folders[0]!.saved).toMatchObject([{ state: 'recording', endedAt: null }])
    send(0, CONFIGURATION, KEYFRAME)
    await Promise.resolve()
    expect(folders[0]!.document).toMatchObject({ state: 'recording', codec: 'avc1.42C00A' })
  })

  it('is closed by a second capture_started, which opens another', async () => {
    const { recorder, folders, send } = setUpRecorder()
    recorder.captureStarted()
    send(0, CONFIGURATION, KEYFRAME)
    recorder.captureStarted()
    send(2, KEYFRAME)
    await recorder.close()
    expect(folders.map(({ document }) => [document.id, document.state, document.pictures])).toEqual([
      ['folder_1', 'closed', 1],
      ['folder_2', 'closed', 1],
    ])
  })

  it('is closed when the connection ends, with what was held for it', async () => {
    const { recorder, folders, send } = setUpRecorder()
    recorder.captureStarted()
    for (let i = 0; i < 2; i += 1) send(0, CONFIGURATION, KEYFRAME)
    recorder.disconnected()
    await recorder.close()
    expect(folders[0]).toMatchObject({ isClosed: true, document: { state: 'closed' } })
    expect(folders[0]!.raw).toEqual(Buffer.concat([CONFIGURATION, KEYFRAME, CONFIGURATION, KEYFRAME]))
  })

  it('counts messages that are no frame packet', async () => {
    const { recorder, folders } = setUpRecorder()
    recorder.malformed(new ProtocolError('PACKET_TOO_SHORT', 'before it began'))
    recorder.captureStarted()
    recorder.malformed(new ProtocolError('PACKET_TOO_SHORT', 'a packet is longer'))
    await recorder.close()
    expect(folders[0]!.document.integrity.malformed).toBe(1)
    expect(folders[0]!.document.errors).toEqual([{ code: 'PACKET_TOO_SHORT', message: 'a packet is longer' }])
  })
})

describe('a capture that its phone keeps', () => {
  const capture = { id: 'one1', from: 4, take: undefined, startedAtMs: START_MS, startedMonotonicMs: 0 }

  it('misses what the phone left out, ahead, between and behind, and is acknowledged as a whole', async () => {
    const synced: [string, number][] = []
    const { recorder, folders, send } = setUpRecorder({
      onSynced: (id: string, sequence: number) => synced.push([id, sequence]),
    })
    recorder.openCapture(capture)
    send(6, KEYFRAME_WITH_SETS, DELTA)
    send(9, KEYFRAME_WITH_SETS)
    recorder.captureStopped(15)
    await recorder.close()
    const { integrity, capture: told } = folders[0]!.document
    expect(integrity.missing).toBe(2 + 1 + 5)
    expect(integrity.missingAt.map(({ sequence, count }) => [sequence, count])).toEqual([
      [4, 2],
      [8, 1],
      [10, 5],
    ])
    expect(told).toEqual({ id: 'one1', from: 4, next: 15 })
    expect(synced.at(-1)).toEqual(['one1', 15])
  })

  it('is acknowledged no further than it was given to the disk, also at a keyframe', () => {
    const { recorder, folders, send, time } = setUpRecorder({ syncIntervalMs: 1000 })
    recorder.openCapture({ ...capture, from: 0 })
    const packets = [KEYFRAME_WITH_SETS, KEYFRAME_WITH_SETS, DELTA, KEYFRAME_WITH_SETS]
    for (const [sequence, payload] of packets.entries()) {
      send(sequence, payload)
      time.nowMs += 1000
      recorder.tick()
    }
    expect(folders[0]!.synced).toEqual([
      { mark: 1, sequences: [0] },
      { mark: 2, sequences: [0, 1] },
      { mark: 3, sequences: [0, 1, 2] },
      { mark: 4, sequences: [0, 1, 2, 3] },
    ])
  })

  it('of which nothing is left is a recording without a picture, all of it missing', async () => {
    const { recorder, folders } = setUpRecorder()
    recorder.openCapture({ ...capture, from: 0 })
    recorder.captureStopped(12)
    await recorder.close()
    expect(folders[0]!.document).toMatchObject({ pictures: 0, integrity: { missing: 12 } })
  })
})

describe('pictures with no recording', () => {
  it('are dropped and counted, with one warning a burst', () => {
    const { recorder, warnings, lines, send } = setUpRecorder()
    for (let burst = 1; burst <= 2; burst += 1) {
      send(1, ...Array.from({ length: 50 }, () => DELTA))
      expect(recorder.droppedPictures).toBe(burst * 50)
      expect(warnings()).toHaveLength(burst)
      recorder.captureStarted()
      recorder.captureStopped()
    }
    expect(lines.filter(({ pictures }) => pictures === 50)).toHaveLength(2)
  })

  it.each([
    ['at 10 a second', 100, [DELTA]],
    ['with a configuration packet ahead of each, which holds them a while', 100, [CONFIGURATION, KEYFRAME]],
    ['every five seconds', 5000, [DELTA]],
  ])('are one burst until a pause: %s', (_title, intervalMs, payloads) => {
    const { recorder, warnings, lines, time, send } = setUpRecorder()
    const wait = (ms: number) => {
      for (const endMs = time.nowMs + ms; time.nowMs < endMs; ) {
        time.nowMs += 50
        recorder.tick()
      }
    }
    for (let burst = 1; burst <= 2; burst += 1) {
      for (let i = 0; i < 300; i += 1) {
        send(i * payloads.length, ...payloads)
        wait(intervalMs)
      }
      // What is held is given up meanwhile, and the count is told.
      wait(HOLD_MS + 3 * intervalMs + 2000)
      expect([warnings().length, recorder.droppedPictures]).toEqual([burst, burst * 300])
      expect(lines.map(({ pictures }) => pictures).filter(Boolean)).toEqual(Array(burst).fill(300))
    }
  })

  it('are two bursts with four seconds of silence between them', () => {
    const { warnings, time, send } = setUpRecorder()
    for (const nowMs of [0, 100, 200, 4200, 4300]) {
      time.nowMs = nowMs
      send(0, DELTA)
    }
    expect(warnings()).toHaveLength(2)
  })

  it('are dropped when the connection ends before capture_started', () => {
    const { recorder, folders, warnings, send } = setUpRecorder()
    send(0, CONFIGURATION, KEYFRAME, DELTA)
    recorder.disconnected()
    expect(recorder.droppedPictures).toBe(2)
    expect([folders.length, warnings().length]).toEqual([0, 1])
  })
})
