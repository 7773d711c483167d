import { expect, it } from 'vitest'
import {
  boardAsked,
  boardStartText,
  parseQuality,
  parseResolution,
  RESOLUTIONS,
  readBoardWords,
} from './board.ts'

it('asks in the words of boards, and reads what it asked', () => {
  for (const settings of [
    {},
    { resolution: 'UXGA' },
    { quality: 12 },
    { resolution: '240X240', quality: 63 },
  ] as const)
    expect(boardAsked(boardStartText(settings))).toEqual({ kind: 'start', ...settings })
  expect(boardStartText({ resolution: 'UXGA', quality: 12 })).toBe('start UXGA 12')
  expect(boardAsked(' STOP ')).toEqual({ kind: 'stop' })
  for (const text of ['status', '', 'starter', 'restart', 'led on']) expect(boardAsked(text)).toBeUndefined()
})

it('knows resolutions in any case, and qualities from 1 to 63', () => {
  expect(RESOLUTIONS).toHaveLength(17)
  expect([parseResolution('p_3mp'), parseResolution('UXGAA'), parseResolution('')]).toEqual([
    'P_3MP',
    undefined,
    undefined,
  ])
  expect(['1', '63', '0', '64', '-1', '1.5', '1e1', '012', ''].map(parseQuality)).toEqual([
    1,
    63,
    ...Array(7).fill(undefined),
  ])
})

it.each([
  ['ACK: start', 'ack', 'start'],
  ['ACK: 已启动采集', 'ack', 'start'],
  ['ack: 停止', 'ack', 'stop'],
  ['ACK: capture stopped', 'ack', 'stop'],
  ['ACK: status', 'ack', undefined],
  ['ACK: start or stop', 'ack', undefined],
  ['ERROR: 相机失败', 'error', undefined],
  ['STATUS: started', 'status', 'start'],
  ['STATUS: 采集中，分辨率 VGA', 'status', undefined],
  ['STATUS: 未采集，分辨率 VGA', 'idle', undefined],
  ['status：未采集', 'idle', undefined],
  ['STATUS: not capturing', 'idle', undefined],
  ['STATUS: idle', 'idle', undefined],
  ['STATUS: 采集中, SD 卡未插入', 'status', undefined],
  ['STATUS: capturing, card not there', 'status', undefined],
  ['STATUSES', 'other', undefined],
  ['ACKNOWLEDGE', 'other', undefined],
])('%j is read as %s about %s', (text, kind, about) => {
  expect(readBoardWords(text)).toEqual({ kind, about })
})
