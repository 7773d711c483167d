import { expect, it } from 'vitest'
import { formatBytes, formatCount, formatDay, formatDuration, formatSpan, formatTime } from './format.ts'

it('writes lengths as clocks do', () => {
  expect([0, 999, 41_000, 61_500, 3_599_999, 3_723_000, 36_000_000].map(formatDuration)).toEqual([
    '00:00',
    '00:00',
    '00:41',
    '01:01',
    '59:59',
    '1:02:03',
    '10:00:00',
  ])
})

it('writes spans in the unit that reads best', () => {
  expect([4, 340, 999.4, 1200, 75_000].map((ms) => formatSpan(ms, 'en'))).toEqual([
    '4 ms',
    '340 ms',
    '999 ms',
    '1.2 s',
    '75 s',
  ])
  expect(formatSpan(1200, 'zh')).toBe('1.2 秒')
})

it('writes sizes in decimal units', () => {
  expect([0, 999, 1000, 9_949, 12_345, 999_499, 999_600, 1_234_567_890, 5e13].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '9.9 kB',
    '12 kB',
    '999 kB',
    '1.0 MB',
    '1.2 GB',
    '50 TB',
  ])
})

it('names days from where the reader stands', () => {
  const now = new Date(2026, 10, 25, 0, 30).getTime()
  const at = (...parts: [number, number, number, number]) => new Date(...parts).getTime()
  expect(formatDay(at(2026, 10, 25, 0), now, 'en')).toBe('Today')
  expect(formatDay(at(2026, 10, 24, 23), now, 'zh')).toBe('昨天')
  expect(formatDay(at(2026, 10, 20, 12), now, 'en')).toBe('Fri 20 November')
  expect(formatDay(at(2025, 10, 20, 12), now, 'en')).toBe('Thu, 20 November 2025')
  expect(formatDay(at(2026, 10, 20, 12), now, 'zh')).toBe('11月20日周五')
  expect(formatTime(at(2026, 10, 25, 0), 'en')).toBe('00:00')
  expect(formatCount(1800, 'en')).toBe('1,800')
})
