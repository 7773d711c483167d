import { expect, it } from 'vitest'
import { burntTime } from './burnt-time.ts'

const MS = Date.UTC(2026, 10, 26, 20, 45, 13, 999)

it.each([
  [0, 'Time: 20:45:13', '2026-11-26 UTC+00:00'],
  [480, 'Time: 04:45:13', '2026-11-27 UTC+08:00'],
  [330, 'Time: 02:15:13', '2026-11-27 UTC+05:30'],
  [-210, 'Time: 17:15:13', '2026-11-26 UTC-03:30'],
])('says the time, the day and the zone where the clock is %d minutes ahead of UTC', (ahead, time, day) => {
  expect(burntTime(MS + 0.9, ahead)).toEqual([time, day])
})

it('takes the zone of this device', () => {
  expect(burntTime(MS)).toEqual(burntTime(MS, -new Date(MS).getTimezoneOffset()))
})
