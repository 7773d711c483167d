import { expect, it } from 'vitest'
import { readConsoleLine } from './console-line.ts'

const atMs = Date.parse('2026-11-24T12:49:02.120Z')

it.each([
  ['esp-1 > start UXGA 12', { direction: 'to', text: 'start UXGA 12' }],
  ['esp-1 < ACK: start', { direction: 'from', text: 'ACK: start' }],
  ['bench-2 < a > b\nsecond', { direction: 'from', text: 'a > b\nsecond' }],
  ['- no board esp-9 is connected', { direction: 'server', text: 'no board esp-9 is connected' }],
  ['esp-1 < (disconnected)', { direction: 'link', text: 'disconnected' }],
  ['esp-1 > (connected)', { direction: 'to', text: '(connected)' }],
  ['esp-1 > ', { direction: 'to', text: '' }],
])('reads the console’s line %j', (rest, line) => {
  expect(readConsoleLine(`2026-11-24T13:49:02.120+01:00 ${rest}`)).toEqual({ atMs, ...line })
})

it.each(['', 'hello', 'yesterday esp-1 > start'])('takes %j for none', (line) => {
  expect(readConsoleLine(line)).toBeUndefined()
})
