/** The camera page as a phone has it: opened by https, past the warning of the certificate that the server made. */

import type { Page } from 'playwright-core'
import type { PageCamera } from './bare-camera.ts'
import { filming, PORTRAIT } from './camera-page.ts'
import { cutProxy } from './cut-proxy.ts'
import { temporaryFolder } from './folders.ts'
import { openPage } from './page.ts'
import { ServerProcess } from './process.ts'
import { until } from './until.ts'

// biome-ignore lint/suspicious/noExplicitAny: what the worker says
type Said = any

export class SecureCamera implements PageCamera {
  readonly page: Page

  private constructor(page: Page) {
    this.page = page
  }

  /** Resolves when it is ready. @param port - Of https: the server's, or a way to it. */
  static async open(port: number): Promise<SecureCamera> {
    const address = `https://127.0.0.1:${port}/camera?test`
    const page = await openPage(address, { ...PORTRAIT, isPastWarning: true, before: hearWorker })
    // Who leaves in mid-recording is asked first.
    page.on('dialog', (dialog) => dialog.accept())
    const camera = new SecureCamera(page)
    await camera.isReady()
    return camera
  }

  /** The latest state; null before the first. */
  state(): Promise<Said> {
    return this.page.evaluate('cameraState')
  }

  /** How often it was welcomed since the page was loaded. */
  welcomes(): Promise<number> {
    return this.page.evaluate('welcomes')
  }

  checksumsOf(): Promise<{ capture: string; sums: string[] }> {
    return this.page.evaluate('rollcallChecksums()')
  }

  async checksums(): Promise<string[]> {
    return (await this.checksumsOf()).sums
  }

  /** At its own button. */
  async start(): Promise<void> {
    await this.page.getByRole('button', { name: 'Start recording' }).click()
    await until('it films', async () => (await this.state()).capture)
  }

  async stop(): Promise<void> {
    await this.page.getByRole('button', { name: 'Stop recording' }).click()
    await until('it has stopped', async () => (await this.state()).capture === null)
  }

  async reload(): Promise<void> {
    await this.page.reload()
    await this.isReady()
  }

  async isReady(): Promise<void> {
    await filming(this.page)
    await this.page.getByText('Ready', { exact: true }).waitFor()
  }
}

/** Keeps what the worker tells the page. */
function hearWorker(): void {
  // biome-ignore lint/suspicious/noExplicitAny: the types of the browser are not those of this process
  const page = globalThis as any
  page.cameraState = null
  page.welcomes = 0
  // Small pictures: what is looked at is that they are there.
  page.localStorage['rollcall.camera-picture'] ??= '{"shortSide":360}'
  let link = ''
  page.Worker = class extends page.Worker {
    constructor(...args: unknown[]) {
      super(...args)
      this.addEventListener('message', ({ data }: { data: Said }) => {
        if (data.type !== 'state') return
        page.cameraState = data.state
        if (data.state.link === 'open' && link !== 'open') page.welcomes += 1
        link = data.state.link
      })
    }
  }
}

/** A camera, a server in a process of its own, and between them a way that can be cut. `begin`: the server again, as it was. */
export async function onWay() {
  const data = await temporaryFolder()
  const start = (port: number, httpsPort: number) =>
    ServerProcess.start([
      ...['--data', data, '--no-thumbnails'],
      ...['--port', String(port), '--https-port', String(httpsPort)],
    ])
  const server = await start(0, 0)
  const httpsPort = await server.httpsPort()
  const way = await cutProxy(httpsPort)
  const camera = await SecureCamera.open(way.port)
  return { data, server, way, camera, begin: () => start(server.port, httpsPort) }
}
