import { describe, expect, it } from 'vitest'
import { CONFIGURATION, DELTA, KEYFRAME, KEYFRAME_WITH_SETS } from '../../test/support/h264.ts'
import { MAX_QUEUED_BYTES, MemoryFiles, setUpRecorder } from '../../test/support/recorder.ts'
import { StorageError } from '../errors.ts'

describe('a disk that is behind', () => {
  it('makes the camera wait, until half of what may wait is written', () => {
    const { recorder, folders, paused, send } = setUpRecorder()
    recorder.captureStarted()
    folders[0]!.queuedBytes = MAX_QUEUED_BYTES
    send(0, CONFIGURATION, KEYFRAME)
    expect(paused).toEqual([])
    folders[0]!.queuedBytes = MAX_QUEUED_BYTES + 1
    send(2, DELTA, DELTA)
    expect(paused).toEqual([true])
    folders[0]!.written(MAX_QUEUED_BYTES / 2)
    expect(paused).toEqual([true])
    folders[0]!.written(MAX_QUEUED_BYTES / 2 - 1)
    folders[0]!.written(0)
    expect(paused).toEqual([true, false])
  })

  it('makes a camera wait for what all recordings have waiting, and go on when that is written', () => {
    const { recorder, disk, paused, send } = setUpRecorder()
    recorder.captureStarted()
    disk.queuedBytes = 4 * MAX_QUEUED_BYTES + 1
    send(0, CONFIGURATION, KEYFRAME)
    expect(paused).toEqual([true])
    disk.queuedBytes = 2 * MAX_QUEUED_BYTES
    recorder.tick()
    expect(paused).toEqual([true])
    disk.queuedBytes -= 1
    recorder.tick()
    expect(paused).toEqual([true, false])
  })

  it('does not make the camera wait beyond the end of the recording', () => {
    const { recorder, folders, paused, send } = setUpRecorder()
    recorder.captureStarted()
    folders[0]!.queuedBytes = MAX_QUEUED_BYTES + 1
    send(0, CONFIGURATION)
    recorder.captureStopped()
    expect(paused).toEqual([true, false])
  })
})

describe('a disk that ends a recording', () => {
  const FULL = new StorageError('DISK_FULL', 'no space')
  const FAILED = new StorageError('STORAGE_FAILED', 'EIO')

  it('has it closed with the reason; another begins at a keyframe when there is space, and counts what came between', async () => {
    const { recorder, folders, disk, time, send } = setUpRecorder()
    recorder.captureStarted()
    send(0, CONFIGURATION, KEYFRAME, DELTA)
    recorder.endBecause(FULL)
    disk.hasRoom = false
    time.nowMs = 5000
    send(3, DELTA, KEYFRAME, DELTA)
    expect([folders.length, recorder.suspendedBy]).toEqual([1, FULL])
    disk.hasRoom = true
    send(6, DELTA, DELTA, KEYFRAME, DELTA)
    expect(recorder.suspendedBy).toBeUndefined()
    await recorder.close()
    expect(folders.map(({ document }) => [document.state, document.pictures, document.errors])).toEqual([
      ['closed', 2, [{ code: 'DISK_FULL', message: 'no space' }]],
      ['closed', 2, []],
    ])
    const { integrity, bytes } = folders[1]!.document
    expect(integrity).toMatchObject({ droppedBefore: 5, missing: 0, configurationPackets: 1, packets: 3 })
    expect(folders[1]!.raw).toEqual(Buffer.concat([CONFIGURATION, KEYFRAME, DELTA]))
    expect(bytes).toBe(folders[1]!.raw.length)
  })

  it('is not given the parameter sets twice when the keyframe carries its own', async () => {
    const { recorder, folders, time, send } = setUpRecorder()
    recorder.captureStarted()
    send(0, KEYFRAME_WITH_SETS, DELTA)
    recorder.endBecause(FULL)
    time.nowMs = 5000
    send(2, DELTA, KEYFRAME_WITH_SETS, DELTA)
    await recorder.close()
    expect(folders[1]!.raw).toEqual(Buffer.concat([KEYFRAME_WITH_SETS, DELTA]))
  })

  it('is tried again after pauses that grow, and at once when the operator asks', async () => {
    const { recorder, folders, time, send } = setUpRecorder()
    recorder.captureStarted()
    send(0, CONFIGURATION, KEYFRAME)
    const began: number[] = []
    let sequence = 2
    const until = (endMs: number) => {
      for (; time.nowMs < endMs; time.nowMs += 500) {
        const before = folders.length
        if (recorder.isRecording) folders.at(-1)!.fail(FAILED)
        send(sequence++, KEYFRAME)
        if (folders.length > before) began.push(time.nowMs)
      }
    }
    until(60_000)
    expect(began.map((ms, i) => ms - (began[i - 1] ?? 0))).toEqual([1000, 2500, 4500, 8500, 16_500])
    recorder.hurry()
    until(60_500)
    expect(began).toHaveLength(6)
    await recorder.close()
  })

  it('forgets how it failed once a recording has lasted', async () => {
    const { recorder, folders, time, send } = setUpRecorder()
    recorder.captureStarted()
    send(0, CONFIGURATION, KEYFRAME)
    for (let i = 0; i < 3; i += 1) {
      folders.at(-1)!.fail(FAILED)
      time.nowMs += 100_000
      send(2 + i, KEYFRAME)
    }
    time.nowMs += 100_000
    folders.at(-1)!.fail(FAILED)
    time.nowMs += 1000
    send(9, KEYFRAME)
    expect(folders).toHaveLength(5)
    await recorder.close()
  })

  it('counts pictures of a recording whose folder could not be made in the next one', async () => {
    const made: MemoryFiles[] = []
    const { recorder, time, send } = setUpRecorder({
      openFiles: (_startedAtMs, events) => {
        const id = made.length === 0 ? Promise.reject(FAILED) : Promise.resolve('folder')
        const files = new MemoryFiles(id, events)
        made.push(files)
        return files
      },
    })
    recorder.captureStarted()
    send(0, CONFIGURATION, KEYFRAME, DELTA)
    made[0]!.fail(FAILED)
    time.nowMs = 2000
    send(3, DELTA, KEYFRAME)
    await recorder.close()
    expect(made[1]!.document.integrity.droppedBefore).toBe(3)
  })

  it('lets no other begin while it is full; the capture that begins meanwhile is recorded later', async () => {
    const { recorder, folders, disk, time, send } = setUpRecorder()
    disk.isFull = true
    send(0, CONFIGURATION, KEYFRAME)
    recorder.captureStarted()
    expect(recorder.suspendedBy).toMatchObject({ code: 'DISK_FULL' })
    send(2, DELTA)
    disk.isFull = false
    time.nowMs = 2000
    send(3, KEYFRAME)
    await recorder.close()
    expect(folders).toHaveLength(1)
    expect(folders[0]!.document.integrity.droppedBefore).toBe(2)
  })

  it('has what no recording tells of in the log, when the camera stops', () => {
    const { recorder, warnings, send } = setUpRecorder()
    recorder.captureStarted()
    send(0, CONFIGURATION, KEYFRAME)
    recorder.endBecause(FULL)
    send(2, DELTA, DELTA)
    recorder.captureStopped()
    expect(warnings()).toMatchObject([
      { pictures: 2, msg: 'pictures came while the disk took none: not recorded' },
    ])
    expect(recorder.suspendedBy).toBeUndefined()
  })
})

describe('a disk that fails', () => {
  const FAILURE = new StorageError('STORAGE_FAILED', 'no space left')

  it('ends the recording as failed; a later capture_started opens a new one', async () => {
    const { recorder, folders, lines, send } = setUpRecorder()
    recorder.captureStarted()
    send(0, CONFIGURATION, KEYFRAME)
    folders[0]!.fail(FAILURE)
    expect(recorder.isRecording).toBe(false)
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([{ code: 'STORAGE_FAILED' }])
    send(2, DELTA)
    recorder.captureStarted()
    send(3, KEYFRAME)
    await recorder.close()
    expect(folders[0]!.document).toMatchObject({
      state: 'failed',
      errors: [{ code: 'STORAGE_FAILED', message: 'no space left' }],
    })
    expect(folders[1]!.document).toMatchObject({ state: 'closed', pictures: 1, errors: [] })
  })

  it('leaves no recording when not even the folder can be made, and close still resolves', async () => {
    const files = new MemoryFiles(Promise.reject(FAILURE), {
      onFailure: () => {},
      onWritten: () => {},
      onSynced: () => {},
    })
    const { recorder, send } = setUpRecorder({ openFiles: () => files })
    recorder.captureStarted()
    send(0, CONFIGURATION)
    await recorder.close()
    expect(files).toMatchObject({ isClosed: true, saved: [] })
  })
})
