/** Where the certificate of the second port comes from, and the files of one that was given. */

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { RequestError } from '../../errors.ts'
import type { Pair } from './make-certificate.ts'

export interface CertificateSource {
  /** Certificate of the authority that Rollcall made, PEM: what devices are to trust. None beside one that was given. */
  readonly authority: string | undefined
  /** Reads the certificate, or makes it. */
  open(): Promise<Pair>
  /** Another one that counts from now on; undefined while nothing has changed. */
  renewed(): Promise<Pair | undefined>
}

/** `--tls-cert` and `--tls-key`: whoever made them renews them, in place. */
export class GivenCertificate implements CertificateSource {
  /** Whoever gave the certificate knows who vouches for it. */
  readonly authority = undefined
  readonly #certFile: string
  readonly #keyFile: string
  #stamp = ''

  constructor(certFile: string, keyFile: string) {
    this.#certFile = certFile
    this.#keyFile = keyFile
  }

  /** @throws {RequestError} `TLS_FAILED` naming the file. */
  async open(): Promise<Pair> {
    const stamp = await this.#readStamp()
    const [cert, key] = [await read(this.#certFile), await read(this.#keyFile)]
    // Before it is looked at: what cannot be used is told once, and read again when it has changed again.
    this.#stamp = stamp
    let fits: boolean
    try {
      fits = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
    } catch (cause) {
      throw tlsFailed(
        `${this.#certFile} and ${this.#keyFile} must hold a certificate and its key without password, as PEM`,
        cause,
      )
    }
    if (!fits) throw tlsFailed(`the key in ${this.#keyFile} is not that of ${this.#certFile}`)
    return { cert, key }
  }

  /** @throws {RequestError} `TLS_FAILED` once for each change that cannot be used: the one before then counts on. */
  async renewed(): Promise<Pair | undefined> {
    return (await this.#readStamp()) === this.#stamp ? undefined : this.open()
  }

  async #readStamp(): Promise<string> {
    const files = [this.#certFile, this.#keyFile].map((path) => stat(path).catch(() => undefined))
    return (await Promise.all(files)).map((file) => `${file?.ino} ${file?.mtimeMs} ${file?.size}`).join()
  }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw tlsFailed(`${path} cannot be read: ${(cause as Error).message}`, cause)
  }
}

function tlsFailed(message: string, cause?: unknown): RequestError {
  return new RequestError('TLS_FAILED', message, { cause })
}
