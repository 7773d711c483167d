import { expect, it } from 'vitest'
import type { RecordingSummary } from '../wire/api/recordings.ts'
import { replaceIn, sorted } from './query.ts'

const recording = (n: number, startedAtMs: number): RecordingSummary => ({
  id: `a_20260101_${String(n).padStart(6, '0')}`,
  camera: 'a',
  cameraName: null,
  model: null,
  take: null,
  state: 'closed',
  startedAtMs,
  endedAtMs: null,
  durationMs: 0,
  pictures: 0,
  missing: 0,
  gapCount: 0,
  bytes: n % 5,
  width: null,
  height: null,
  partsAtMs: [],
  format: 'h264',
  playable: { state: 'ready', progress: null },
  hasThumbnail: false,
  hasRaw: true,
  title: null,
  note: null,
  star: false,
})

it('keeps a list in order while recordings come, change and go, as sorting it anew would', () => {
  for (const sort of ['newest', 'oldest', 'longest', 'largest'] as const) {
    const list: RecordingSummary[] = []
    const known = new Map<number, RecordingSummary>()
    for (let step = 0; step < 400; step += 1) {
      const n = (step * 37) % 61
      const after = step % 5 === 4 ? undefined : recording(n, (step * 13) % 7)
      replaceIn(list, sort, known.get(n), after)
      if (after) known.set(n, after)
      else known.delete(n)
      expect(list.map(({ id }) => id)).toEqual(sorted(known.values(), sort).map(({ id }) => id))
    }
  }
})
