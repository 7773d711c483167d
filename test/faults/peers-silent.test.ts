/** Phones that fall silent without a word: they are found, and their recordings end at the last picture. */

import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { loadConfig } from '../../src/config.ts'
import type { AnyCamera } from '../../src/ingest/camera.ts'
import { CameraServer } from '../../src/ingest/camera-server.ts'
import { verifyFolder } from '../../src/library/verify.ts'
import { systemClock } from '../../src/time.ts'
import { cutProxy } from '../support/cut-proxy.ts'
import { printFigure } from '../support/figure.ts'
import { documentIn, recordingsIn, rowsIn, temporaryFolder } from '../support/folders.ts'
import { TestPhone } from '../support/phone.ts'
import { RollcallProcess, ServerProcess } from '../support/process.ts'
import { startServer } from '../support/server.ts'
import { StreamingPhone } from '../support/streaming.ts'
import { until } from '../support/until.ts'

const HEARTBEAT_MS = 500
const ARRIVAL_COLUMN = 2

const OPTIONS = ['--no-thumbnails', '--heartbeat-ms', String(HEARTBEAT_MS)]

/** A server process that pings often. */
async function server(): Promise<{ server: ServerProcess; data: string }> {
  const data = await temporaryFolder()
  return { server: await ServerProcess.start(['--data', data, ...OPTIONS]), data }
}

/** The machine with a cable to itself: a network of its own at the far end. */
const FAR = `rollcall-${process.pid}`
const CABLE = `rc${process.pid}`
const NEAR_ADDRESS = '10.213.77.1'
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' })
const hasNetworks = canMakeNetworks()
if (!hasNetworks)
  console.info('no rights to make networks: the phone behind a cable that is pulled is left out')

function canMakeNetworks(): boolean {
  try {
    ip('netns', 'add', `${FAR}-try`)
    ip('netns', 'del', `${FAR}-try`)
    return true
  } catch {
    return false
  }
}

function layCable(): void {
  ip('netns', 'add', FAR)
  onTestFinished(() => void ip('netns', 'del', FAR))
  // Both ends go at once; the network itself lives as long as its last socket.
  onTestFinished(() => void ip('link', 'del', CABLE))
  ip('link', 'add', CABLE, 'type', 'veth', 'peer', 'name', 'far', 'netns', FAR)
  ip('addr', 'add', `${NEAR_ADDRESS}/30`, 'dev', CABLE)
  ip('link', 'set', CABLE, 'up')
  ip('-n', FAR, 'addr', 'add', '10.213.77.2/30', 'dev', 'far')
  ip('-n', FAR, 'link', 'set', 'far', 'up')
}

/** The only recording is closed at the arrival of its last picture, not when its end was noticed; nothing is broken. */
async function expectEndAtLastPicture(data: string, noticedMs: number): Promise<number> {
  const [folder] = await recordingsIn(data)
  const document = await documentIn(folder!)
  expect(document).toMatchObject({ state: 'closed', errors: [], integrity: { missing: 0 } })
  const rows = await rowsIn(folder!)
  expect(rows).toHaveLength(document.pictures)
  expect(document.endedAtMs).toBe(Number(rows.at(-1)![ARRIVAL_COLUMN]))
  // Of two intervals without a sign of life, both lie behind the last picture.
  expect(noticedMs - document.endedAtMs!).toBeGreaterThan(1.9 * HEARTBEAT_MS)
  expect(await verifyFolder(folder!)).toEqual([])
  return document.pictures
}

describe('a recording is closed at its last picture when', () => {
  it('the phone stands still: its kernel takes everything, but no pong comes', async () => {
    const { server: process, data } = await server()
    const phone = new RollcallProcess([
      'simulate',
      '--cameras',
      '1',
      '--url',
      `ws://127.0.0.1:${process.port}/android-cam`,
    ])
    onTestFinished(() => void phone.child.kill('SIGCONT'))
    await process.says(/introduces itself/)
    process.type('start 4:3 2 30')
    await process.says(/recording \S+ begins/)
    await until('pictures on the disk', async () => {
      const [folder] = await recordingsIn(data)
      return (await rowsIn(folder!).catch(() => [])).length > 20
    })
    phone.child.kill('SIGSTOP')
    await process.says(/no sign of life for 1 s/)
    const noticedMs = Date.now()
    await process.says(/recording \S+ closed/)
    expect(await expectEndAtLastPicture(data, noticedMs)).toBeGreaterThan(20)
    await process.says(/disconnected/)
    const [folder] = await recordingsIn(data)
    const { pictures, endedAtMs } = await documentIn(folder!)
    const intervals = ((noticedMs - endedAtMs!) / HEARTBEAT_MS).toFixed(1)
    printFigure(
      'silence',
      `noticed ${intervals} heartbeats after the last picture; closed at it, ${pictures} pictures, none missing`,
    )
  })

  it('the way is cut and nobody is told', async () => {
    const { server: process, data } = await server()
    const way = await cutProxy(process.port)
    const phone = await StreamingPhone.connect(way.port)
    phone.start({ pictures: 40 })
    await phone.phone.acknowledged()
    way.cut()
    await process.says(/no sign of life/)
    const noticedMs = Date.now()
    phone.pause()
    await process.says(/recording \S+ closed/)
    expect(await expectEndAtLastPicture(data, noticedMs)).toBeGreaterThanOrEqual(40)
  })
})

describe.skipIf(!hasNetworks)('a recording is closed at its last picture, in a network where', () => {
  it('the cable to the phone is pulled', async () => {
    layCable()
    const data = await temporaryFolder()
    const args = ['serve', '--host', NEAR_ADDRESS, '--port', '0', '--data', data, ...OPTIONS]
    const server = new RollcallProcess(args)
    const [url] = await server.says(/ws:\/\/10\S+/)
    const phone = new RollcallProcess(['simulate', '--cameras', '1', '--url', url], {
      prefix: ['ip', 'netns', 'exec', FAR],
    })
    await server.says(/introduces itself/)
    server.type('start 4:3 2 30')
    await until('pictures on the disk', async () => {
      const [folder] = await recordingsIn(data)
      return folder && (await rowsIn(folder).catch(() => [])).length > 20
    })
    ip('link', 'set', CABLE, 'down')
    await server.says(/no sign of life/)
    const noticedMs = Date.now()
    await server.says(/recording \S+ closed/)
    expect(await expectEndAtLastPicture(data, noticedMs)).toBeGreaterThan(20)
    await phone.end('SIGKILL')
  })
})

describe('a connection goes on when', () => {
  it('its phone says nothing, but answers pings', async () => {
    const { port, server } = await startServer({ heartbeatMs: 100, helloMs: 200 })
    const phone = await TestPhone.connect(port)
    let pings = 0
    phone.socket.on('ping', () => {
      pings += 1
    })
    await until('six pings', () => pings >= 6)
    expect(server.cameras()).toHaveLength(1)
  })

  it('its phone answers no ping, but sends', async () => {
    const { port, server } = await startServer({ heartbeatMs: 200 })
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { autoPong: false })
    let pings = 0
    socket.on('ping', () => {
      pings += 1
    })
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send('{"status":"ready"}')
    // One message that takes its time: no message ends meanwhile.
    const send = setInterval(() => socket.send(Buffer.alloc(1), { fin: false }), 20)
    onTestFinished(() => clearInterval(send))
    await until('six pings', () => pings >= 6)
    expect(server.cameras()).toHaveLength(1)
    socket.terminate()
  })

  it('the server itself has stopped reading from it', async () => {
    const { port, cameras } = await cameraServer({ heartbeatMs: 100 })
    const phone = await TestPhone.connect(port)
    const camera = await until('the camera', () => cameras[0])
    await until('its first words', () => camera.model)
    const heard: string[] = []
    camera.on('fault', ({ message }) => heard.push(message))
    camera.on('text', (text) => heard.push(text))
    camera.pause()
    let pings = 0
    phone.socket.on('ping', () => {
      pings += 1
    })
    phone.text('said while nobody read')
    await until('six pings', () => pings >= 6)
    expect(heard).toEqual([])
    camera.resume()
    await until('what was said', () => heard.length > 0)
    expect(heard).toEqual(['said while nobody read'])
  })

  it('it is a board on /esp that waits to be spoken to', async () => {
    const { port, server } = await startServer({ helloMs: 100 })
    const board = new WebSocket(`ws://127.0.0.1:${port}/esp`)
    const other = new WebSocket(`ws://127.0.0.1:${port}/android-cam`)
    const code = await new Promise<number>((resolve) => other.once('close', resolve))
    expect(code).toBe(4408)
    await until('one camera', () => server.cameras().length === 1)
    expect(board.readyState).toBe(WebSocket.OPEN)
    board.terminate()
  })
})

/** Cameras on a port, and nothing behind them. */
async function cameraServer(options: { heartbeatMs: number }) {
  const cameras: AnyCamera[] = []
  const config = { ...loadConfig({ flags: {}, env: {} }), ...options }
  const cameraServer = new CameraServer({
    ...config,
    clock: systemClock,
    onCamera: (camera) => cameras.push(camera),
    isReading: () => false,
    onDevice: () => () => {},
    tell: () => {},
  })
  const http = createServer().on('upgrade', (...upgrade) => cameraServer.upgrade(...upgrade))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await cameraServer.close()
    http.close()
  })
  return { port: (http.address() as AddressInfo).port, cameras }
}
