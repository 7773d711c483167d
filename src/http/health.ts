/**
 * `/api/health`: whether the server lives, and whether it can record. Open to all, so it names no path and no camera.
 *
 * Live is whoever answers. Ready is who could take a recording now.
 */

import type { FastifyPluginCallback } from 'fastify'

/** An event loop that came this late to its work, in seconds, holds up every camera. */
const MAX_LOOP_DELAY_SECONDS = 1

/** What makes the server ready, and what keeps it from that. docs/metrics.md lists them. */
export type NotReady = 'data-folder-not-writable' | 'space-low' | 'event-loop-late'

export interface HealthFacts {
  /** Why the data folder takes no file. */
  dataFault: string | undefined
  freeBytes: number | undefined
  /** With less, no recording can begin. */
  leastFreeBytes: number
  /** The longest of late. */
  loopDelaySeconds: number
}

/** The answer. */
export interface Health {
  live: true
  ready: boolean
  reasons: { code: NotReady; message: string }[]
}

/** Judges what was found. Pure. */
export function healthOf(facts: HealthFacts): Health {
  const { dataFault, freeBytes, leastFreeBytes, loopDelaySeconds } = facts
  const reasons: Health['reasons'] = []
  if (dataFault !== undefined)
    reasons.push({
      code: 'data-folder-not-writable',
      message: `the data folder takes no file: ${dataFault}`,
    })
  if (freeBytes !== undefined && freeBytes < leastFreeBytes)
    reasons.push({
      code: 'space-low',
      message: `${freeBytes} bytes are free, at least ${leastFreeBytes} are needed`,
    })
  if (loopDelaySeconds > MAX_LOOP_DELAY_SECONDS)
    reasons.push({
      code: 'event-loop-late',
      message: `the server came ${loopDelaySeconds.toFixed(1)} s late to its work`,
    })
  return { live: true, ready: reasons.length === 0, reasons }
}

/**
 * The route: 200 when it is ready, else 503. With `?check=live` 200 whenever it answers, for whoever starts it anew when
 * it does not: a full disk is not healed by that.
 */
export function healthRoutes(facts: () => Promise<HealthFacts>): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get<{ Querystring: { check?: string } }>(
      '/api/health',
      { schema: { summary: 'How the server is; 503 when it could not record; open to all' } },
      async (request, reply) => {
        const health = healthOf(await facts())
        const asksLive = request.query.check === 'live'
        return reply
          .code(health.ready || asksLive ? 200 : 503)
          .header('cache-control', 'no-store')
          .send(health)
      },
    )
    done()
  }
}
