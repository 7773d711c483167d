import { expect, it } from 'vitest'
import { CONFIGURATION, DELTA, KEYFRAME } from '../../test/support/h264.ts'
import { MAX_QUEUED_BYTES, setUpRecorder } from '../../test/support/recorder.ts'
import { ProtocolError, StorageError } from '../errors.ts'
import { noTotals, Tally } from './totals.ts'

it('tells what came over all captures of a camera, while one is open and when it has ended', async () => {
  const { recorder, time, send } = setUpRecorder({ earlyHoldMs: 0 })
  recorder.malformed(new ProtocolError('PACKET_TOO_SHORT', 'short'))
  send(0, DELTA)
  time.nowMs += 1
  recorder.tick()
  recorder.captureStarted()
  send(0, CONFIGURATION, DELTA, KEYFRAME)
  time.nowMs += 500
  // 3 and 4 are lost, 4 comes late, 5 comes again.
  send(5, DELTA)
  send(4, DELTA)
  send(5, DELTA)
  const open = recorder.totals()
  const bytes = CONFIGURATION.length + KEYFRAME.length + 5 * DELTA.length
  expect(open).toEqual({
    ...noTotals(),
    packets: 7,
    bytes,
    pictures: 6,
    malformed: 1,
    missing: 2,
    late: 1,
    repeated: 1,
    unrecorded: 1,
    beforeKeyframe: 1,
    recordedMs: 500,
  })
  recorder.captureStopped()
  expect(recorder.totals()).toEqual(open)
  await recorder.close()
  expect(recorder.totals()).toEqual({ ...open, closed: 1 })
  recorder.captureStarted()
  send(0, CONFIGURATION, KEYFRAME)
  expect(recorder.totals()).toMatchObject({ packets: 9, pictures: 7, missing: 2, closed: 1 })
})

it('counts the time that a camera waits for the disk, also while it waits', () => {
  const { recorder, folders, time, send } = setUpRecorder()
  recorder.captureStarted()
  send(0, CONFIGURATION, KEYFRAME)
  folders[0]!.queuedBytes = MAX_QUEUED_BYTES + 1
  send(2, DELTA)
  time.nowMs += 700
  expect(recorder.totals().pausedMs).toBe(700)
  time.nowMs += 300
  folders[0]!.written(0)
  time.nowMs += 5000
  expect(recorder.totals().pausedMs).toBe(1000)
})

it('counts a recording that the disk ended as failed', async () => {
  const { recorder, folders, send } = setUpRecorder()
  recorder.captureStarted()
  send(0, CONFIGURATION, KEYFRAME)
  folders[0]!.fail(new StorageError('STORAGE_FAILED', 'no'))
  await recorder.close()
  expect(recorder.totals()).toMatchObject({ closed: 0, failed: 1, pictures: 1 })
})

it('keeps what a camera that has gone had counted, once', () => {
  const tally = new Tally()
  const source = { totals: () => ({ ...noTotals(), pictures }) }
  let pictures = 3
  tally.add(source)
  pictures = 5
  expect(tally.read().pictures).toBe(5)
  tally.retire(source)
  tally.retire(source)
  pictures = 7
  expect(tally.read().pictures).toBe(5)
})
