import { describe, expect, it, onTestFinished } from 'vitest'
import { type ConnectedBoard, startBoardServer } from '../../test/support/board-server.ts'
import { until } from '../../test/support/until.ts'
import { systemClock } from '../time.ts'
import { accountLines, type SimulatorAccount } from './account.ts'
import { Board } from './board.ts'
import { builtInJpegs } from './built-in-jpegs.ts'
import type { SimulatorOptions } from './options.ts'
import { runSimulator } from './simulate.ts'

const PICTURES = builtInJpegs().map((bytes) => Buffer.from(bytes))

/** A bare server, and boards with the built-in pictures that connect to it. */
async function simulated(options: Partial<SimulatorOptions> & { path?: string } = {}) {
  const { url, boards, board } = await startBoardServer()
  const aborted = new AbortController()
  const run = runSimulator({
    kind: 'esp',
    url: `${url}${options.path ?? '/esp'}`,
    ...{ cameras: 1, jitterMs: 0, lossShare: 0, clockOffsetMs: 0, clockDriftPpm: 0, seed: 1 },
    autoStart: false,
    fps: 100,
    reconnectMs: 20,
    ffmpeg: 'there-is-no-such-program',
    ...options,
    signal: aborted.signal,
  })
  run.catch(() => {})
  const end = (): Promise<SimulatorAccount> => {
    aborted.abort()
    return run
  }
  onTestFinished(async () => void (await end()))
  return { boards, board, run, end }
}

describe('a simulated ESP32 camera', () => {
  it('says nothing until it is asked, and obeys in its own words', async () => {
    const { board, end } = await simulated()
    const esp = await board(0)
    for (const text of ['status', 'zoom', 'start 8K', 'stop', 'start UXGA 15']) esp.socket.send(text)
    await until('pictures', () => esp.pictures.length > PICTURES.length)
    esp.socket.send('status')
    await until('its status', () => esp.texts.length === 6)
    esp.socket.send('stop')
    await until('its stop', () => esp.texts.length === 7)
    const { length } = esp.pictures
    expect(esp.texts).toEqual([
      'STATUS: 未采集，分辨率 VGA，质量 12，已发送 0 帧',
      'ERROR: 未知命令：zoom',
      'ERROR: 未知分辨率：8K',
      'ACK: 停止采集',
      'ACK: 开始采集，分辨率 UXGA，质量 15',
      expect.stringMatching(/^STATUS: 采集中，分辨率 UXGA，质量 15，已发送 \d+ 帧$/),
      'ACK: 停止采集',
    ])
    for (const [i, picture] of esp.pictures.entries())
      expect(picture.equals(PICTURES[i % PICTURES.length]!)).toBe(true)
    const account = await end()
    expect(esp.closeCode).toBe(1000)
    expect(esp.pictures).toHaveLength(length)
    expect(account.boards).toEqual([
      {
        name: 'Board 1',
        id: null,
        connections: 1,
        captures: [
          expect.objectContaining({
            source: 'built-in',
            resolution: 'UXGA',
            quality: 15,
            pictures: length,
            bytes: esp.pictures.reduce((sum, picture) => sum + picture.length, 0),
            ended: 'stopped',
          }),
        ],
      },
    ])
    expect(account).toMatchObject({ kind: 'esp', phones: [], numbers: [] })
    expect(accountLines(account)).toHaveLength(3)
    expect(accountLines(account)[1]).toMatch(/^Board 1 +127\.0\.0\.1_\d+ +UXGA +15 .* stopped$/)
  })

  it('begins anew when it is started while it captures, and keeps what it is not told', async () => {
    const { board, end } = await simulated()
    const esp = await board(0)
    for (const text of ['start HD', 'start 20', 'start QVGA', 'start']) esp.socket.send(text)
    await until('its answers', () => esp.texts.length === 4)
    await until('pictures', () => esp.pictures.length > 0)
    const [{ captures }] = (await end()).boards as [SimulatorAccount['boards'][number]]
    expect(captures.map(({ resolution, quality, ended }) => [resolution, quality, ended])).toEqual([
      ['HD', 12, 'stopped'],
      ['HD', 20, 'stopped'],
      ['QVGA', 20, 'stopped'],
      ['QVGA', 20, 'stopped'],
    ])
  })

  it('comes back after every cut, from an address of its own', async () => {
    const { boards, end } = await simulated({ cameras: 2, path: '/esp?id=bench-{n}', dropEveryMs: 150 })
    const paths = ['/esp?id=bench-1', '/esp?id=bench-2']
    const told = new Set<ConnectedBoard>()
    await until('both to be cut while they send, and to be back', () => {
      for (const board of boards.filter((one) => !told.has(one))) {
        told.add(board)
        board.socket.send('start')
      }
      const cutAndBack = (path: string) => {
        const own = boards.filter((board) => board.path === path)
        return own.slice(0, -1).some(({ closeCode, pictures }) => closeCode === 1006 && pictures.length > 0)
      }
      return paths.every(cutAndBack)
    })
    const last = boards.at(-1)!
    last.socket.close(1013)
    await until('it to be back', () =>
      boards.slice(boards.indexOf(last) + 1).some(({ path }) => path === last.path),
    )
    expect(new Set(boards.map(({ path }) => path))).toEqual(new Set(paths))
    const account = await end()
    for (const { connections, captures } of account.boards) {
      expect(connections).toBeGreaterThanOrEqual(2)
      expect(captures.some(({ ended, pictures }) => ended === 'cut' && pictures > 0)).toBe(true)
    }
    expect(accountLines(account)[1]).toMatch(/^bench-1 /)
  })

  it('keeps an account of what it lost, and holds back what it is told to', async () => {
    const { board, end } = await simulated({ lossShare: 0.5, jitterMs: 30 })
    const esp = await board(0)
    esp.socket.send('start')
    await until('pictures', () => esp.pictures.length >= 10)
    const [capture] = (await end()).boards[0]!.captures
    expect(capture).toMatchObject({ pictures: esp.pictures.length, skipped: 0, ended: 'stopped' })
    expect(capture!.dropped).toBeGreaterThan(0)
  })

  it('leaves pictures out when nobody reads them', async () => {
    const { url, board } = await startBoardServer()
    const picture = new Uint8Array(1024 * 1024)
    const esp = new Board({
      ...{ name: 'Board 1', url, fps: 240, jitterMs: 0, lossShare: 0, seed: 1, connectPatienceMs: 5000 },
      makePictures: async () => ({ source: 'ffmpeg', pictures: [picture], width: 2048, height: 1536 }),
      clock: systemClock,
    })
    await esp.connect()
    const { socket, pictures } = await board(0)
    socket.send('start QXGA 1')
    await until('a capture', () => esp.capturing)
    socket.pause()
    await until('pictures left out', () => esp.account.captures[0]!.skipped >= 3)
    expect(esp.queuedBytes).toBeLessThan(3 * 1024 * 1024)
    socket.resume()
    await esp.stop()
    await esp.gone
    expect(pictures).toHaveLength(esp.account.captures[0]!.pictures)
  })
})

describe('a simulated board that sends numbers', () => {
  it('sends whole numbers from 0 to 100, and goes on after a cut', async () => {
    const { boards, board, end } = await simulated({ kind: 'number', path: '/', intervalMs: 5 })
    const first = await board(0)
    await until('numbers', () => first.texts.length >= 20)
    first.socket.terminate()
    const second = await board(1)
    await until('numbers', () => second.texts.length >= 5)
    const account = await end()
    const texts = boards.flatMap((connection) => connection.texts)
    for (const text of texts) expect(text).toMatch(/^(\d{1,2}|100)$/)
    const [numbers] = account.numbers
    expect(numbers).toMatchObject({ name: 'Board 1', connections: 2, last: Number(texts.at(-1)) })
    // The end of what was on its way when it was cut is lost.
    expect(numbers!.numbers).toBeGreaterThanOrEqual(texts.length)
    expect(accountLines(account)).toHaveLength(2)
  })
})
