/** The way to https for phones: the authority to trust, the page that tells how, and on which port https is. Open to all. */

import { X509Certificate } from 'node:crypto'
import type { FastifyPluginCallback, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { RequestError } from '../errors.ts'
import { type Secure, secureSchema } from '../wire/api/settings.ts'
import { languageOf } from './pages.ts'
import { mobileConfig } from './tls/mobile-config.ts'
import { TRUST_SCRIPT, TRUST_STYLE, trustPage } from './trust-page.ts'
import { type DrawnServer, SAMPLE_SERVER, warningPicture } from './warning-picture.ts'

/** Names of the machine itself. */
const LOOPBACK = /^(localhost|127\..*|\[::1\])$/

/** What is now: a certificate can be made anew while the server runs. */
export interface TrustSource {
  httpsPort: () => number | undefined
  /** Certificate of the authority, PEM; undefined beside a certificate that was given. */
  authority: () => string | undefined
  /** The name in the local network; undefined while there is none. */
  localName: () => string | undefined
}

export function trustRoutes({ httpsPort, authority, localName }: TrustSource): FastifyPluginCallback {
  /** @throws {RequestError} `NOT_FOUND` when there is none. */
  const theAuthority = () => {
    const pem = httpsPort() === undefined ? undefined : authority()
    if (pem) return pem
    const why = httpsPort() === undefined ? 'runs without https' : 'has a certificate that was given'
    throw new RequestError('NOT_FOUND', `there is no authority to trust: this server ${why}`)
  }

  return (fastify, _options, done) => {
    const app = fastify.withTypeProvider<ZodTypeProvider>()
    app.get(
      '/ca.crt',
      { schema: { summary: 'The authority to trust, DER; open to all' } },
      (_request, reply) =>
        reply.type('application/x-x509-ca-cert').send(new X509Certificate(theAuthority()).raw),
    )
    app.get(
      '/ca.mobileconfig',
      { schema: { summary: 'The same as a profile for iPhones and iPads; open to all' } },
      (_request, reply) => reply.type('application/x-apple-aspen-config').send(mobileConfig(theAuthority())),
    )
    app.get(
      '/trust',
      { schema: { summary: 'How to get past the browser’s warning; open to all' } },
      (request, reply) => {
        const port = httpsPort()
        const pem = port === undefined ? undefined : authority()
        reply.type('text/html; charset=utf-8').header('vary', 'Accept-Language')
        return reply.send(
          trustPage(languageOf(request.headers), {
            certificate: port === undefined ? 'none' : pem ? 'made' : 'given',
            fingerprint: pem && new X509Certificate(pem).fingerprint256,
            host: drawnServer(request, port).host,
            cameraUrl: cameraUrlFor(request, port),
          }),
        )
      },
    )
    app.get('/trust.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(TRUST_STYLE))
    app.get('/trust.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(TRUST_SCRIPT))
    for (const language of ['en', 'zh'] as const)
      app.get(`/warning-${language}.svg`, (request, reply) =>
        reply.type('image/svg+xml').send(warningPicture(language, drawnServer(request, httpsPort()))),
      )
    app.get(
      '/api/secure',
      {
        schema: {
          summary: 'Where https is, for pages that came by plain http; open to all',
          response: { 200: secureSchema },
        },
      },
      (): Secure => {
        const port = httpsPort() ?? null
        const name = localName() ?? null
        return { httpsPort: port, hasAuthority: port !== null && authority() !== undefined, localName: name }
      },
    )
    done()
  }
}

/** The camera page by the name that this request called the server; from https it is beside this one. */
function cameraUrlFor({ protocol, headers }: FastifyRequest, port: number | undefined): string | undefined {
  // A proxy says so; who makes it up has a link that leads nowhere, and only he.
  if (protocol === 'https' || String(headers['x-forwarded-proto']).endsWith('https')) return '/camera'
  const hostname = hostnameOf(headers.host)
  if (hostname === undefined) return undefined
  if (LOOPBACK.test(hostname)) return '/camera'
  return port === undefined ? undefined : `https://${hostname}:${port}/camera`
}

/** This server as the request called it; a sample on its own machine, whose name no phone can use. */
function drawnServer({ headers }: FastifyRequest, port: number | undefined): DrawnServer {
  const host = hostnameOf(headers.host)
  if (host === undefined || LOOPBACK.test(host)) return SAMPLE_SERVER
  return { host, port: port ?? SAMPLE_SERVER.port }
}

function hostnameOf(host: string | undefined): string | undefined {
  const url = `http://${host}`
  return URL.canParse(url) ? new URL(url).hostname : undefined
}
