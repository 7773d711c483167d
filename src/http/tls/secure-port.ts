/** The second port: the same as the first, over TLS. */

import { RequestError, StorageError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { HttpServer } from '../http-server.ts'
import type { CertificateSource } from './certificate-source.ts'

/** The port that is tried when nobody chose one. */
export const DEFAULT_HTTPS_PORT = 50443
/** How often it is looked whether the certificate has changed, or must, in ms. */
const LOOK_MS = 2000

export class SecurePort {
  readonly #options: { http: HttpServer; source: CertificateSource; log: Log; lookMs?: number }
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()

  constructor(options: { http: HttpServer; source: CertificateSource; log: Log; lookMs?: number }) {
    this.#options = options
  }

  /**
   * Begins to listen; `HttpServer.listen` first.
   *
   * @returns The port; undefined when the default one is taken: cameras and people do without, and the log says so.
   * @throws {RequestError} `LISTEN_FAILED` for a port that was chosen, `TLS_FAILED`.
   * @throws {StorageError} when no certificate can be made.
   */
  async listen(host: string, port: number): Promise<number | undefined> {
    const { http, source, log, lookMs = LOOK_MS } = this.#options
    const pair = await source.open().catch((cause: Error) => {
      if (cause instanceof RequestError) throw cause
      const message = `the certificate for https cannot be made: ${cause.message}`
      throw new StorageError('STORAGE_FAILED', message, { cause })
    })
    try {
      const address = await http.listenSecurely(host, port, pair)
      this.#timer = setInterval(() => this.#look(), lookMs)
      this.#timer.unref()
      return address.port
    } catch (error) {
      if (!(error instanceof RequestError) || port !== DEFAULT_HTTPS_PORT) throw error
      log.warn({ code: error.code }, 'no https: port %d is taken; choose another --https-port', port)
      return undefined
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  #look(): void {
    const { http, source, log } = this.#options
    this.#looking = source
      .renewed()
      .then((pair) => {
        if (!pair) return
        // Throws for what the source cannot see, such as a chain that is half written.
        http.setSecureContext(pair)
        log.info('the certificate for https is another now')
      })
      .catch((error: Error) => log.warn({ err: error }, 'the certificate for https stays as it is'))
  }
}
