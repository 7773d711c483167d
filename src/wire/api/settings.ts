/** The API's settings: what the server runs with, where cameras connect, the tail of its log. The page takes the types. */

import { z } from 'zod'

/** What both kinds of addresses say beside their URL and network. */
const place = {
  reach: z
    .enum(['lan', 'this machine', 'internet', 'unlikely'])
    .describe(
      'who can reach it; unlikely: it is of a VPN, of containers or virtual machines, or this machine gave it to itself',
    ),
  needsKey: z.boolean().describe('whether cameras that come by it need the camera key'),
}

export const settingsSchema = z.object({
  version: z.string(),
  serverStartedAtMs: z.number(),
  role: z.enum(['access', 'watch']).describe('what the token of this request allows'),
  dataFolder: z.string().describe('absolute'),
  options: z.array(
    z.object({
      key: z.string(),
      value: z.string(),
      isDefault: z.boolean(),
      help: z.string(),
    }),
  ),
  /** Addresses that a phone may type, best first. */
  cameraUrls: z.array(
    z.object({
      url: z.string(),
      network: z.string().describe('name of the network interface'),
      ...place,
    }),
  ),
  /** Addresses of the camera page, best first; none without https. */
  cameraPages: z.array(
    z.object({
      url: z.string(),
      network: z.string().describe('name of the network interface; empty for the name in the local network'),
      ...place,
    }),
  ),
  needsKey: z.boolean().describe('cameras of the private network need ?key= too'),
  secureUrl: z.string().nullable().describe('https address of the control room, for browsers elsewhere'),
})

/** `GET /api/secure`: what a page must know that came by plain http, where browsers give no camera. */
export const secureSchema = z.object({
  httpsPort: z.number().nullable().describe('of https and wss; null when there is none'),
  hasAuthority: z.boolean().describe('whether `/ca.crt` is there to trust'),
  localName: z
    .string()
    .nullable()
    .describe('name of the server in the local network, such as rollcall.local'),
})

export const tokensSchema = z.object({
  accessToken: z.string(),
  watchToken: z.string(),
  cameraKey: z.string(),
})

/** `POST /api/tokens/rotate`; answers with the tokens, and a browser's cookie is renewed with them. */
export const rotateSchema = z.strictObject({
  which: z
    .array(z.enum(['accessToken', 'watchToken', 'cameraKey']))
    .min(1)
    .default(['accessToken', 'watchToken'])
    .describe('both tokens when it is left out'),
})

export const logTailSchema = z.object({
  lines: z.array(
    z.object({
      atMs: z.number(),
      level: z.enum(['debug', 'info', 'warn', 'error']),
      text: z.string(),
    }),
  ),
})

export type Settings = z.infer<typeof settingsSchema>
export type Secure = z.infer<typeof secureSchema>
export type Tokens = z.infer<typeof tokensSchema>
export type LogTail = z.infer<typeof logTailSchema>
