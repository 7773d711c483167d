/** A certificate that is made here, for the names and addresses of this machine, and kept in `<data>/.rollcall/tls/`. */

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { interfacesOfMachine } from '../../ingest/interfaces.ts'
import { readText, saveAtomically } from '../../library/atomic-file.ts'
import type { Clock } from '../../time.ts'
import { makeOwnFolder } from '../secrets.ts'
import type { CertificateSource } from './certificate-source.ts'
import type { Pair } from './make-certificate.ts'

const FILES = {
  authority: { cert: 'ca.pem', key: 'ca-key.pem' },
  server: { cert: 'server.pem', key: 'server-key.pem' },
}
const DAY_MS = 24 * 3600 * 1000
/** Renewed when it is good for less than this. */
const RENEW_BEFORE_MS = 30 * DAY_MS
const PRIVATE = 0o600
const PUBLIC = 0o644

export class OwnCertificate implements CertificateSource {
  readonly #options: {
    dataDir: string
    names: () => readonly string[]
    addresses?: () => string[]
    clock: Clock
  }
  #folder = ''
  #authority: Pair | undefined
  #server: Pair | undefined
  /** What the one in use was last found good for. */
  #goodFor = ''

  /**
   * @param options.names - DNS names that it is good for, now.
   * @param options.addresses - Those of this machine, now.
   */
  constructor(options: {
    dataDir: string
    names: () => readonly string[]
    addresses?: () => string[]
    clock: Clock
  }) {
    this.#options = options
  }

  get authority(): string | undefined {
    return this.#authority?.cert
  }

  async open(): Promise<Pair> {
    this.#folder = await makeOwnFolder(this.#options.dataDir, 'tls')
    this.#authority = await this.#read(FILES.authority)
    this.#server = await this.#read(FILES.server)
    await this.renewed()
    return this.#server!
  }

  async renewed(): Promise<Pair | undefined> {
    const { names, addresses = addressesOfMachine, clock } = this.#options
    const nowMs = clock.wallMs()
    const wanted = [...new Set([...names(), ...addresses()])]
    // Names and day: parsing certificates every second would be for nothing.
    const state = [Math.floor(nowMs / DAY_MS), ...wanted].join()
    if (state === this.#goodFor) return undefined
    const isUsable =
      this.#authority &&
      this.#server &&
      isIssued(this.#server, this.#authority) &&
      isGood(this.#server, wanted, nowMs)
    if (!isUsable) await this.#make(wanted, nowMs)
    this.#goodFor = state
    return isUsable ? undefined : this.#server
  }

  async #make(names: readonly string[], nowMs: number): Promise<void> {
    const { makeAuthority, makeServerCertificate } = await import('./make-certificate.ts')
    if (!this.#authority || !isGood(this.#authority, [], nowMs)) {
      this.#authority = await makeAuthority(`Rollcall on ${hostname()}`.slice(0, 64), nowMs)
      await this.#save(FILES.authority, this.#authority)
    }
    this.#server = await makeServerCertificate(this.#authority, names, nowMs)
    await this.#save(FILES.server, this.#server)
  }

  /** A pair that can be used; undefined when there is none: then it is made anew. */
  async #read({ cert, key }: Pair): Promise<Pair | undefined> {
    try {
      const [certificate, privateKey] = await Promise.all(
        [cert, key].map((name) => readText(join(this.#folder, name))),
      )
      const belongs = new X509Certificate(certificate!).checkPrivateKey(createPrivateKey(privateKey!))
      return belongs ? { cert: certificate!, key: privateKey! } : undefined
    } catch {
      return undefined
    }
  }

  async #save({ cert, key }: Pair, pair: Pair): Promise<void> {
    await saveAtomically(this.#folder, key, pair.key, PRIVATE)
    await saveAtomically(this.#folder, cert, pair.cert, PUBLIC)
  }
}

function isGood({ cert }: Pair, names: readonly string[], nowMs: number): boolean {
  const certificate = new X509Certificate(cert)
  if (Date.parse(certificate.validTo) - nowMs < RENEW_BEFORE_MS) return false
  return names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)))
}

function isIssued({ cert }: Pair, authority: Pair): boolean {
  const issuer = new X509Certificate(authority.cert)
  const certificate = new X509Certificate(cert)
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

/** All but link-local ones of IPv6, which no URL can name. */
function addressesOfMachine(): string[] {
  const addresses = Object.values(interfacesOfMachine()).flatMap((list) => list ?? [])
  const named = addresses.map(({ address }) => address).filter((address) => !address.startsWith('fe80'))
  return ['127.0.0.1', '::1', ...named]
}
