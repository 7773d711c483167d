import { expect, it } from 'vitest'
import type { Health, NotReady } from '../http/health.ts'
import type { DiskView, RoomEvent } from '../wire/api/events.ts'
import { Condition } from './condition.ts'

function condition() {
  let nowMs = 0
  const told: RoomEvent[] = []
  const now = {
    disk: { freeBytes: 5e9, minutesLeft: 100, askedMbps: 4, isLow: false } as DiskView | undefined,
    reasons: [] as NotReady[],
    isUnwatched: false,
    looks: 0,
  }
  const watched = new Condition({
    clock: { wallMs: () => 0, monotonicMs: () => nowMs },
    disk: () => now.disk,
    health: async (): Promise<Health> => {
      now.looks += 1
      const reasons = now.reasons.map((code) => ({ code, message: 'why' }))
      return { live: true, ready: reasons.length === 0, reasons }
    },
    isUnwatched: () => now.isUnwatched,
    publish: (event) => told.push(event),
  })
  /** Two seconds go by; gives what is told. */
  const later = async () => {
    nowMs += 2000
    watched.tick()
    await new Promise(setImmediate)
    return told.splice(0)
  }
  return { now, later, watched }
}

it('tells of space when it changes noticeably, or no longer suffices', async () => {
  const { now, later } = condition()
  expect(await later()).toEqual([{ type: 'disk', disk: now.disk }])
  now.disk = { freeBytes: 5.001e9, minutesLeft: 100.2, askedMbps: 4, isLow: false }
  expect(await later()).toEqual([])
  for (const disk of [
    { freeBytes: 4.95e9, minutesLeft: 100, askedMbps: 4, isLow: false },
    { freeBytes: 4.95e9, minutesLeft: 90, askedMbps: 4, isLow: false },
    { freeBytes: 4.95e9, minutesLeft: 90, askedMbps: 4, isLow: true },
    { freeBytes: 4.95e9, minutesLeft: null, askedMbps: 4, isLow: true },
  ]) {
    now.disk = disk
    expect(await later()).toEqual([{ type: 'disk', disk }])
  }
  now.disk = undefined
  expect(await later()).toEqual([])
})

it.each([
  [['space-low'], 'bad'],
  [['event-loop-late'], 'warning'],
  [['event-loop-late', 'data-folder-not-writable'], 'bad'],
] as [NotReady[], string][])(
  'of %j says that it is %s, once, and when it is over',
  async (reasons, level) => {
    const { now, later, watched } = condition()
    await later()
    now.reasons = reasons
    expect(await later()).toEqual([{ type: 'health', health: { level, reasons } }])
    expect(watched.health).toEqual({ level, reasons })
    expect(await later()).toEqual([])
    now.reasons = []
    expect(await later()).toEqual([{ type: 'health', health: { level: 'good', reasons: [] } }])
  },
)

it('looks at health at the start, then only for who watches', async () => {
  const { now, later } = condition()
  now.isUnwatched = true
  for (let i = 0; i < 5; i += 1) await later()
  expect(now.looks).toBe(1)
  now.isUnwatched = false
  await later()
  expect(now.looks).toBe(2)
})
