import { beforeEach, expect, it } from 'vitest'
import { language } from '../texts.ts'
import { dayName, placeText, shortTime, spanText } from './when.ts'

beforeEach(() => {
  language.value = 'en'
})

it('writes places in a film as clocks do', () => {
  expect([0, 999, 41_000, 61_500, 3_599_999, 3_723_000].map(placeText)).toEqual([
    '00:00',
    '00:00',
    '00:41',
    '01:01',
    '59:59',
    '1:02:03',
  ])
})

it('writes spans in the unit that reads best', () => {
  expect([4, 340, 999.4, 999.6, 1200, 9960, 75_000].map(spanText)).toEqual([
    '4 ms',
    '340 ms',
    '999 ms',
    '1.0 s',
    '1.2 s',
    '10 s',
    '75 s',
  ])
  language.value = 'zh'
  expect([340, 1200].map(spanText)).toEqual(['340 毫秒', '1.2 秒'])
})

it('names days from where the reader stands', () => {
  const at = (...parts: [number, number, number, number]) => new Date(...parts).getTime()
  const now = at(2026, 10, 25, 0)
  expect(dayName(at(2026, 10, 25, 0), now)).toBe('Today')
  expect(dayName(at(2026, 10, 20, 12), now)).toBe('Fri, November 20')
  expect(dayName(at(2025, 10, 20, 12), now)).toBe('Thu, November 20, 2025')
  expect(shortTime(now)).toBe('00:00')
  language.value = 'zh'
  expect(dayName(at(2026, 10, 24, 23), now)).toBe('昨天')
  expect(dayName(at(2026, 10, 20, 12), now)).toBe('11月20日周五')
})
