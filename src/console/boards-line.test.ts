import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { busy, idle, openPipe, openTty } from '../../test/support/terminal.ts'
import { boardsLine, type CameraRow } from './room.ts'

const board: CameraRow = { ...busy, id: 'esp-1', isBoard: true, fps: 14.96, pictures: 1204 }
const other: CameraRow = { ...board, id: 'esp-2', name: 'Bench\x1b', fps: 9, pictures: 12 }
const SECOND_MS = 1000

it('names each board with its pictures a second and its total, no phone and nobody who sends nothing', () => {
  const rows = [busy, board, { ...board, fps: undefined }, other]
  expect(boardsLine(rows, 80)).toBe('fps (pictures): esp-1 15.0 (1204)  Bench\\x1b 9.0 (12)')
  expect(boardsLine([idle, busy], 80)).toBeUndefined()
})

it('sums up boards that the width does not hold, and names the slowest', () => {
  const rows = Array.from({ length: 8 }, (_, i) => ({ ...board, id: `esp-${i + 1}`, fps: 20 - i }))
  expect(boardsLine(rows, Number.POSITIVE_INFINITY)).toMatch(/esp-1 20\.0 \(1204\) .* esp-8 13\.0 \(1204\)$/)
  expect(boardsLine(rows, 80)).toBe('fps (pictures): 8 boards 132.0 (9632), slowest esp-8 13.0')
  expect(boardsLine(rows, 31)).toBe('fps (pictures): 8 boards 132.0')
  // The figure stands behind a name that is cut.
  const long = rows.with(7, { ...rows[7]!, name: 'by the window of the second room' })
  expect(boardsLine(long, 69)).toBe('fps (pictures): 8 boards 132.0 (9632), slowest by the window o… 13.0')
  // Of two columns each, in the second plane too.
  const wide = { ...board, name: '台𠮷𠮷' }
  expect([35, 34, 33, 32].map((columns) => boardsLine([wide], columns))).toEqual([
    'fps (pictures): 台𠮷𠮷 15.0 (1204)',
    'fps (pictures): 台𠮷… 15.0 (1204)',
    'fps (pictures): 台… 15.0 (1204)',
    'fps (pictures): 1 boards 15.0 (',
  ])
})

describe('once a second', () => {
  beforeEach(() => {
    vi.stubEnv('TERM', 'xterm')
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllEnvs()
  })

  it('writes a line into a pipe while boards send', () => {
    const { room, text, terminal } = openPipe()
    vi.advanceTimersByTime(SECOND_MS)
    room.rows = [board]
    vi.advanceTimersByTime(2 * SECOND_MS)
    room.rows = [{ ...board, fps: undefined }]
    vi.advanceTimersByTime(SECOND_MS)
    const line = 'fps (pictures): esp-1 15.0 (1204)\n'
    expect(text()).toBe(line + line)
    terminal.close()
  })

  it('renews the line above the prompt in its place, below other lines, and leaves what is typed alone', async () => {
    const { room, screen, terminal, type, paste } = openTty()
    room.rows = [board]
    await type('start UXGAX')
    await paste('\x1b[D')
    vi.advanceTimersByTime(SECOND_MS)
    room.rows = [{ ...board, fps: 14, pictures: 1218 }]
    vi.advanceTimersByTime(SECOND_MS)
    terminal.write('one')
    terminal.write('two')
    const rates = 'fps (pictures): esp-1 14.0 (1218)'
    expect(screen.lines).toEqual(['one', 'two', rates, 'rollcall> start UXGAX'])
    expect(screen.cursor).toEqual([3, 20])
    room.rows = []
    vi.advanceTimersByTime(SECOND_MS)
    expect(screen.lines).toEqual(['one', 'two', 'rollcall> start UXGAX'])
  })

  it('goes from above a line that is entered, wrapped or not, and from a terminal that is given back', async () => {
    for (const text of ['stop', 'no such command as this one']) {
      const { room, screen, terminal, type } = openTty(36)
      room.rows = [board]
      await type(text)
      vi.advanceTimersByTime(SECOND_MS)
      await type('\r')
      const before = screen.lines
      expect(before.join('')).toContain(`rollcall> ${text}`)
      expect(before.join('\n')).not.toContain('fps')
      vi.advanceTimersByTime(SECOND_MS)
      expect(screen.lines.slice(0, -2)).toEqual(before.slice(0, -1))
      expect(screen.lines.slice(-2)).toEqual(['fps (pictures): esp-1 15.0 (1204)', 'rollcall>'])
      terminal.close()
      expect(screen.lines.join('\n')).not.toContain('fps')
    }
  })

  it('is left out alone of what nobody reads', () => {
    const { room, screen, terminal } = openTty()
    const writableLength = vi.spyOn(screen, 'writableLength', 'get').mockReturnValue(2 * 1024 * 1024)
    room.rows = [board]
    vi.advanceTimersByTime(5 * SECOND_MS)
    terminal.write('lost')
    writableLength.mockRestore()
    terminal.write('one')
    expect(screen.lines.filter((line) => line !== '' && !line.startsWith('rollcall>'))).toEqual([
      '(1 lines were left out: nobody read them)',
      'one',
    ])
    vi.advanceTimersByTime(SECOND_MS)
    expect(screen.lines.at(-2)).toBe('fps (pictures): esp-1 15.0 (1204)')
  })

  it('stays away from a list that tab shows', async () => {
    const { room, screen, type } = openTty()
    room.rows = [board]
    vi.advanceTimersByTime(SECOND_MS)
    await type('st\t\t')
    vi.advanceTimersByTime(SECOND_MS)
    const lines = screen.lines
    expect(lines.join('\n')).toMatch(/start +stop +status/)
    expect(lines.slice(-2)).toEqual(['fps (pictures): esp-1 15.0 (1204)', 'rollcall> st'])
  })
})
