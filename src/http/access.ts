/** Puts together who may do what: keys, guard, and the pages where people sign in. */

import type { FastifyPluginCallback } from 'fastify'
import type { Log } from '../log.ts'
import type { Clock } from '../time.ts'
import type { CameraAccessMode } from './camera-access.ts'
import { FailureLimiter } from './failure-limiter.ts'
import { Guard } from './guard.ts'
import { AllowedHosts } from './hosts.ts'
import { loginRoutes } from './login-routes.ts'
import { Proxies } from './peer.ts'
import { type Renewable, Secrets } from './secrets.ts'
import { SignIn } from './sign-in.ts'
import { tokenRoutes } from './token-routes.ts'

/** A camera that is turned away tries again and again: one line an address in this time, in ms. */
const REFUSALS_MS = 60_000
/** How many addresses of refused cameras are remembered. */
const MAX_REFUSED = 1000

/** What `rollcall token` makes anew, and what follows, for the log. */
const RENEWED_TEXT: Record<Renewable, string> = {
  accessToken:
    'the access token (links printed before open nothing now; `rollcall token` prints the new one)',
  watchToken: 'the watch token',
  cameraKey: 'the camera key',
}

export interface AccessOptions {
  dataDir: string
  /** `ROLLCALL_TOKEN`; empty: the token that was made. */
  token: string
  cameraAccess: CameraAccessMode
  trustProxy: string
  allowedHosts: string
  /** Tokens were made anew: who was let in by an old one must go. */
  onRotated?: () => Promise<void>
  clock: Clock
  log: Log
}

export class Access {
  readonly secrets: Secrets
  readonly guard: Guard
  readonly routes: readonly FastifyPluginCallback[]

  /** @throws {RequestError} `CONFIG_INVALID` when an entry of `trustProxy` is no address, or one of `allowedHosts` no name. */
  constructor(options: AccessOptions) {
    const { dataDir, token, cameraAccess, trustProxy, allowedHosts, clock, log } = options
    this.secrets = new Secrets({
      dataDir,
      accessToken: token,
      onProblem: (message) => log.warn(message),
      onRenewed: (which) =>
        log.warn('made anew on the disk: %s', which.map((name) => RENEWED_TEXT[name]).join(', ')),
    })
    const proxies = new Proxies(trustProxy)
    const signIn = new SignIn({
      secrets: this.secrets,
      clock,
      onBlocked: (address) =>
        log.warn(
          { address, code: 'TOO_MANY_FAILURES' },
          'too many wrong tokens came from one address: it may try none for the rest of a minute',
        ),
    })
    const refused = new FailureLimiter({
      clock,
      maxFailures: 1,
      windowMs: REFUSALS_MS,
      maxAddresses: MAX_REFUSED,
    })
    this.guard = new Guard({
      secrets: this.secrets,
      signIn,
      proxies,
      hosts: new AllowedHosts(allowedHosts),
      cameraAccess,
      onRefusedCamera: ({ address, path, error }) => {
        if (refused.add(address) === 1)
          log.warn({ address, path, code: error.code }, 'a camera was refused: %s', error.message)
      },
    })
    const { guard, secrets } = this
    const { onRotated = async () => {} } = options
    this.routes = [
      loginRoutes({ guard, signIn, proxies }),
      tokenRoutes({ guard, signIn, secrets, isTokenGiven: token !== '', onRotated }),
    ]
  }
}
