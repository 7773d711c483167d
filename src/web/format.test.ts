import { expect, it } from 'vitest'
import { bytesText, durationText, stampText } from './format.ts'
import { language } from './texts.ts'

it.each([
  [-5, '0:00'],
  [59_999, '0:59'],
  [60_000, '1:00'],
  [3_723_000, '1:02:03'],
  [36_000_000, '10:00:00'],
])('writes %i ms as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

it('writes sizes as disks count them', () => {
  language.value = 'en'
  expect([0, 820_000, 4_210_000, 118e9, 2.5e12].map(bytesText)).toEqual([
    '0 byte',
    '820 kB',
    '4.2 MB',
    '118 GB',
    '2.5 TB',
  ])
})

it('stamps files with the local time', () => {
  expect(stampText(new Date(2026, 10, 5, 7, 4, 9).getTime())).toBe('20261105_070409')
})
