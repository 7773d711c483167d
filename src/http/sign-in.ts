/** Who a request speaks for: tokens, and the cookie that a browser gets for one. */

import { createHmac } from 'node:crypto'
import { RequestError } from '../errors.ts'
import type { Clock } from '../time.ts'
import { FailureLimiter } from './failure-limiter.ts'
import { isSameSecret, type Secrets, type SecretsContent } from './secrets.ts'

/** `full` may do all; `watch` only look. */
export type Role = 'full' | 'watch'

/** Guesses of one address in a minute. A person mistypes less often. */
const MAX_FAILURES = 10
const FAILURE_WINDOW_MS = 60_000
/** A few hundred bytes each. */
const MAX_FAILING_ADDRESSES = 10_000
/** How long a browser stays signed in. */
export const COOKIE_SECONDS = 30 * 24 * 3600

export class SignIn {
  readonly #secrets: Secrets
  readonly #clock: Clock
  readonly #limiter: FailureLimiter
  readonly #onBlocked: (address: string) => void

  /** @param options.onBlocked - Told once of each address that has failed too often, a minute each. */
  constructor(options: { secrets: Secrets; clock: Clock; onBlocked?: (address: string) => void }) {
    this.#secrets = options.secrets
    this.#onBlocked = options.onBlocked ?? (() => {})
    this.#clock = options.clock
    this.#limiter = new FailureLimiter({
      clock: options.clock,
      maxFailures: MAX_FAILURES,
      windowMs: FAILURE_WINDOW_MS,
      maxAddresses: MAX_FAILING_ADDRESSES,
    })
  }

  /** Whole seconds for which an address may try no token; 0 when it may. Cookies are not guessed, so they go on to work. */
  blockedForSeconds(address: string): number {
    return this.#limiter.blockedForSeconds(address)
  }

  /**
   * The role of a token that was typed or sent by a script.
   *
   * @throws {RequestError} `UNAUTHORIZED` when it is none of ours, `TOO_MANY_FAILURES` without a look at it when the address has
   *   failed too often.
   */
  async roleOfToken(token: string, address: string): Promise<Role> {
    this.#refuseIfBlocked(address)
    const role = await this.roleNow(token)
    // Others that came at the same moment may have failed meanwhile.
    this.#refuseIfBlocked(address)
    if (role) return role
    if (this.#limiter.add(address) === MAX_FAILURES) this.#onBlocked(address)
    throw new RequestError('UNAUTHORIZED', 'the token is wrong; `rollcall token` prints the right one')
  }

  /** The role of a token that was good before: a wrong one is no guess. */
  async roleNow(token: string): Promise<Role | undefined> {
    const { accessToken, watchToken } = await this.#secrets.current()
    // Both, whichever fits: the time tells nothing.
    const [isFull, isWatch] = [isSameSecret(token, accessToken), isSameSecret(token, watchToken)]
    if (isFull) return 'full'
    return isWatch ? 'watch' : undefined
  }

  #refuseIfBlocked(address: string): void {
    const seconds = this.blockedForSeconds(address)
    if (seconds === 0) return
    throw new RequestError('TOO_MANY_FAILURES', `too many wrong tokens; try again in ${seconds} s`)
  }

  /** What a cookie holds in place of the token; it ends with it, and after `COOKIE_SECONDS`. */
  async cookieValue(role: Role): Promise<string> {
    const endsAtS = Math.floor(this.#clock.wallMs() / 1000) + COOKIE_SECONDS
    return `${role}.${endsAtS}.${signature(await this.#secrets.current(), role, endsAtS)}`
  }

  /** The role that a cookie stands for; undefined when it is no longer good. */
  async roleOfCookie(value: string): Promise<Role | undefined> {
    const match = /^(full|watch)\.(\d{1,12})\.([\w-]{43})$/.exec(value)
    if (!match) return undefined
    const [role, endsAtS, mac] = [match[1] as Role, Number(match[2]), match[3]!]
    if (endsAtS * 1000 <= this.#clock.wallMs()) return undefined
    return isSameSecret(mac, signature(await this.#secrets.current(), role, endsAtS)) ? role : undefined
  }
}

/** One cookie of a Cookie header (RFC 6265, 5.4). */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=')
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

/** The token of an Authorization header (RFC 6750, 2.1). */
export function bearerIn(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1]
}

function signature(secrets: SecretsContent, role: Role, endsAtS: number): string {
  const token = role === 'full' ? secrets.accessToken : secrets.watchToken
  return createHmac('sha256', secrets.cookieKey).update(`${role}.${endsAtS}.${token}`).digest('base64url')
}
