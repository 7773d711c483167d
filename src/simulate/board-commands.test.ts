import { describe, expect, it } from 'vitest'
import { parseBoardCommand, SIZES, startedText, statusText } from './board-commands.ts'

describe('what the ESP32 camera understands', () => {
  it.each([
    ['start', {}],
    ['start UXGA', { resolution: 'UXGA' }],
    ['start 12', { quality: 12 }],
    ['start UXGA 12', { resolution: 'UXGA', quality: 12 }],
    [' START  240x240  63\n', { resolution: '240X240', quality: 63 }],
    ['start 1', { quality: 1 }],
  ])('%j starts', (text, settings) => {
    expect(parseBoardCommand(text)).toEqual({ kind: 'start', settings })
  })

  it.each(['stop', 'status'])('%j', (kind) => {
    expect(parseBoardCommand(kind)).toEqual({ kind })
  })

  it.each([
    ['', '未知命令：'],
    ['zoom', '未知命令：zoom'],
    ['stop now', '未知命令：stop now'],
    ['{"command":"stop_capture"}', '未知命令：{"command":"stop_capture"}'],
    ['start toString', '未知分辨率：toString'],
    ['start UXGA 0', '质量须为 1 到 63：0'],
    ['start UXGA 64', '质量须为 1 到 63：64'],
    ['start UXGA good', '质量须为 1 到 63：good'],
    ['start 12 UXGA', '参数过多：12 UXGA'],
    ['start UXGA 12 15', '参数过多：UXGA 12 15'],
  ])('%j is refused in its own words', (text, words) => {
    expect(parseBoardCommand(text)).toEqual({ kind: 'refused', answer: `ERROR: ${words}` })
  })

  it('is every resolution by its name', () => {
    for (const resolution of Object.keys(SIZES))
      expect(parseBoardCommand(`start ${resolution.toLowerCase()} 9`)).toEqual({
        kind: 'start',
        settings: { resolution, quality: 9 },
      })
  })

  it('is answered with what it captures with', () => {
    const settings = { resolution: 'UXGA', quality: 12 } as const
    expect(startedText(settings)).toBe('ACK: 开始采集，分辨率 UXGA，质量 12')
    expect(statusText(settings, false, 7)).toBe('STATUS: 未采集，分辨率 UXGA，质量 12，已发送 7 帧')
  })
})
