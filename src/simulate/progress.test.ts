import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Device } from './device.ts'
import { Progress } from './progress.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** What a run shows of itself. */
type Shown = {
  -readonly [Key in 'isConnected' | 'capturing' | 'queuedBytes' | 'totals' | 'maxLateMs']: Device[Key]
}

/** Two devices that have sent nothing. */
function devices(): [Shown, Shown] {
  const idle = { isConnected: true, capturing: false, queuedBytes: 0, maxLateMs: 0 }
  const nothing = { pictures: 0, bytes: 0, dropped: 0 }
  return [
    { ...idle, totals: nothing },
    { ...idle, totals: nothing },
  ]
}

/** Shows the devices of a run; `written` gives what was written since it was last asked. */
function shown(members: Shown[], output: { isTTY: boolean; columns?: number }) {
  let text = ''
  const progress = new Progress({ ...output, write: (chunk) => (text += chunk) !== '' })
  progress.start('phone', members as readonly Shown[] as readonly Device[])
  const written = () => {
    const since = text
    text = ''
    return since
  }
  return { progress, written }
}

/** As a terminal gets it: in place of the line before. */
const inPlace = (line: string) => `\r\x1b[2K${line}`

it('tells in place, each second, how many capture and what they sent in all and in this second', () => {
  const [one, other] = devices()
  const { progress, written } = shown([one, other], { isTTY: true })
  expect(written()).toBe('phones connected: 2\n')
  one.capturing = true
  one.totals = { pictures: 30, bytes: 250_000, dropped: 0 }
  vi.advanceTimersByTime(1000)
  expect(written()).toBe(inPlace('1 s  1 of 2 capture  30 pictures  30.0/s  2.0 Mbit/s'))
  other.capturing = true
  one.totals = { pictures: 45, bytes: 500_000, dropped: 3 }
  other.totals = { pictures: 10, bytes: 250_000, dropped: 1 }
  other.queuedBytes = 3 * 2 ** 19
  vi.advanceTimersByTime(1000)
  expect(written()).toBe(
    inPlace('2 s  2 of 2 capture  55 pictures  25.0/s  4.0 Mbit/s  4 dropped  1.5 MiB queued'),
  )
  other.isConnected = false
  other.capturing = false
  other.queuedBytes = 0
  vi.advanceTimersByTime(1000)
  expect(written()).toBe(
    inPlace('3 s  1 not connected  1 of 2 capture  55 pictures  0.0/s  0.0 Mbit/s  4 dropped'),
  )
  progress.close()
  progress.close()
  vi.advanceTimersByTime(5000)
  expect(written()).toBe('\n')
})

it('writes a line each five seconds into a log, and when others are connected than before', () => {
  const [one, other] = devices()
  const { written } = shown([one, other], { isTTY: false })
  written()
  vi.advanceTimersByTime(4000)
  expect(written()).toBe('')
  one.totals = { pictures: 7, bytes: 0, dropped: 0 }
  vi.advanceTimersByTime(1000)
  expect(written()).toBe('5 s  0 of 2 capture  7 pictures  1.4/s  0.0 Mbit/s\n')
  other.isConnected = false
  vi.advanceTimersByTime(1000)
  expect(written()).toBe('6 s  1 not connected  0 of 2 capture  7 pictures  0.0/s  0.0 Mbit/s\n')
})

it('shows no more than a line of the terminal, and says once that pictures are late', () => {
  const members = devices()
  const { written } = shown(members, { isTTY: true, columns: 20 })
  written()
  members[1].maxLateMs = 1001
  vi.advanceTimersByTime(1000)
  expect(written()).toBe(
    `pictures are more than a second late: fewer cameras, smaller pictures, or for phones --source FILE\n${inPlace('1 s  0 of 2 capture')}`,
  )
  vi.advanceTimersByTime(1000)
  expect(written()).toBe(inPlace('2 s  0 of 2 capture'))
})
