import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openTty } from '../../test/support/terminal.ts'

beforeEach(() => void vi.stubEnv('TERM', 'xterm'))
afterEach(() => vi.unstubAllEnvs())

describe('at a prompt', () => {
  it('writes lines above what is being typed', async () => {
    const { screen, terminal, type } = openTty()
    await type('start 16')
    terminal.write('one')
    terminal.write('two')
    await type(':9')
    expect(screen.lines).toEqual(['one', 'two', 'rollcall> start 16:9'])
    expect(screen.cursor).toEqual([2, 20])
  })

  it('keeps the cursor where it was in the typed text', async () => {
    const { screen, terminal, type, paste } = openTty()
    await type('stat')
    await paste('\x1b[D')
    await paste('\x1b[D')
    terminal.write('one')
    expect(screen.cursor).toEqual([1, 12])
    await type('r')
    expect(screen.lines).toEqual(['one', 'rollcall> strat'])
  })

  const lengths = Array.from({ length: 45 }, (_, length) => length)
  it.each(['typed', 'pasted'])('tears nothing when %s text of any length wraps', async (how) => {
    for (const length of lengths) {
      for (const back of [0, 1, 11, 20].filter((count) => count <= length)) {
        const { screen, terminal, type, paste } = openTty(20)
        const text = 'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz'.slice(0, length)
        await (how === 'typed' ? type(text) : paste(text))
        for (let step = 0; step < back; step++) await paste('\x1b[D')
        terminal.write('one')
        terminal.write('a line that is longer than the row')
        const expected = [
          'one',
          'a line that is longe',
          'r than the row',
          ...(`rollcall> ${text}`.match(/.{1,20}/g) ?? []).map((row) => row.trimEnd()),
        ]
        const at = 10 + length - back
        expect(
          screen.lines.filter((line, i) => line || i < expected.length),
          `${length}-${back}`,
        ).toEqual(expected)
        expect(screen.cursor, `${length}-${back}`).toEqual([3 + Math.floor(at / 20), at % 20])
        terminal.close()
      }
    }
  })

  it('obeys a line and prompts again', async () => {
    const { screen, type } = openTty()
    await type('stop\r')
    expect(screen.lines).toEqual([
      'rollcall> stop',
      'stop: no camera is connected, nothing is stopped',
      'rollcall>',
    ])
  })

  it('completes with tab and brings lines back with the arrow', async () => {
    const { screen, type, paste } = openTty()
    await type('stat\t')
    expect(screen.lines).toEqual(['rollcall> status'])
    await type('\r')
    await paste('\x1b[A')
    expect(screen.lines.at(-1)).toBe('rollcall> status')
  })

  it('quits on ^C, each time', async () => {
    const { onQuit, paste } = openTty()
    await paste('\x03')
    await paste('\x03')
    expect(onQuit).toHaveBeenCalledTimes(2)
  })

  it('does not end on ^D: it says how to, prompts again and keeps its history', async () => {
    const { screen, onQuit, type, paste } = openTty()
    await type('stop\r')
    await paste('\x04')
    expect(onQuit).not.toHaveBeenCalled()
    expect(screen.lines.slice(-2)).toEqual(['Rollcall goes on; type quit to end it.', 'rollcall>'])
    await paste('\x1b[A')
    expect(screen.lines.at(-1)).toBe('rollcall> stop')
    await type('\r')
    expect(screen.lines.at(-2)).toMatch(/^stop: /)
  })

  it('gives the terminal back when closed and still writes', async () => {
    const { screen, terminal } = openTty()
    terminal.close()
    terminal.close()
    terminal.write('last words')
    expect(screen.lines).toEqual(['rollcall>', 'last words', ''])
  })
})
