/** How phones get in: https, the certificate for it, the name by which the network knows the server, the addresses to scan. */

import { isIP, isIPv6 } from 'node:net'
import { hostname } from 'node:os'
import type { FastifyPluginCallback } from 'fastify'
import type { Config } from './config.ts'
import type { CameraPage } from './console/camera-code.ts'
import { RequestError } from './errors.ts'
import { namesOfMachine } from './http/hosts.ts'
import type { HttpServer } from './http/http-server.ts'
import { listed } from './http/peer.ts'
import { type CertificateSource, GivenCertificate } from './http/tls/certificate-source.ts'
import { OwnCertificate } from './http/tls/own-certificate.ts'
import { SecurePort } from './http/tls/secure-port.ts'
import { trustRoutes } from './http/trust-routes.ts'
import type { Log } from './log.ts'
import { LocalName } from './mdns/local-name.ts'
import { cameraPagesOf } from './settings.ts'
import type { Clock } from './time.ts'

/** A label of a DNS name has at most 63 bytes (RFC 1035, 2.3.4); a number may follow. */
const MAX_TITLE_CHARS = 55

export class WayIn {
  readonly #config: Config
  readonly #log: Log
  readonly #clock: Clock
  readonly #certificate: CertificateSource
  #securePort: SecurePort | undefined
  #httpsPort: number | undefined
  #localName: LocalName | undefined

  /** @throws {RequestError} `CONFIG_INVALID` when only half of a certificate is given. */
  constructor(options: { config: Config; log: Log; clock: Clock }) {
    this.#config = options.config
    this.#log = options.log
    this.#clock = options.clock
    this.#certificate = this.#certificateSource()
  }

  /** The port of https and wss; undefined when there is none. */
  get httpsPort(): number | undefined {
    return this.#httpsPort
  }

  /** `rollcall.local`; undefined while the network knows no name. */
  get localName(): string | undefined {
    return this.#localName?.current
  }

  /** What explains the certificate and hands out who vouches for it. */
  get routes(): FastifyPluginCallback {
    return trustRoutes({
      httpsPort: () => this.#httpsPort,
      authority: () => this.#certificate.authority,
      localName: () => this.localName,
    })
  }

  /** Addresses of the camera page that phones reach, best first. They hold the key where it is needed. `listen` first. */
  cameraPages(cameraKey: string): CameraPage[] {
    const { httpsPort, localName } = this
    return cameraPagesOf({ config: this.#config, httpsPort, localName, cameraKey })
  }

  /** @throws {RequestError} `LISTEN_FAILED`, `TLS_FAILED`; {StorageError} when the certificate cannot be made. */
  async listen(http: HttpServer): Promise<void> {
    const { https, host, httpsPort } = this.#config
    if (!https) return
    this.#securePort = new SecurePort({ http, source: this.#certificate, log: this.#log })
    this.#httpsPort = await this.#securePort.listen(host, httpsPort)
    this.#announce()
  }

  /** May be called twice. */
  async close(): Promise<void> {
    await Promise.all([this.#localName?.close(), this.#securePort?.close()])
  }

  #certificateSource(): CertificateSource {
    const { data, tlsCert, tlsKey, allowedHosts } = this.#config
    if ((tlsCert === '') !== (tlsKey === ''))
      throw new RequestError('CONFIG_INVALID', 'tlsCert and tlsKey belong together: give both or none')
    if (tlsCert !== '') return new GivenCertificate(tlsCert, tlsKey)
    const always = [...namesOfMachine(), ...listed(allowedHosts)]
    const names = () => [...always, ...(this.localName ? [this.localName] : [])]
    return new OwnCertificate({ dataDir: data, names, clock: this.#clock })
  }

  /** Makes the server found by name where phones can be; without https they need none. */
  #announce(): void {
    const { mdns, host } = this.#config
    if (!mdns || this.#httpsPort === undefined || !isReachable(host)) return
    this.#localName = new LocalName({
      name: 'rollcall',
      title: `Rollcall on ${hostname()}`.slice(0, MAX_TITLE_CHARS),
      port: this.#httpsPort,
      addresses: host === '0.0.0.0' || host === '::' ? [] : [host],
      hasIpv6: isIPv6(host),
      onName: (name) => this.#log.info('in this network the server is called %s', name),
      onFailed: (message) => this.#log.debug('the server is not found by a name: %s', message),
    })
    this.#localName.open()
  }
}

/** Whether other machines reach a server that listens here. */
function isReachable(host: string): boolean {
  return isIP(host) !== 0 && host !== '::1' && !host.startsWith('127.')
}
