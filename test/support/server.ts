/** A real Rollcall in this process. */

import { onTestFinished } from 'vitest'
import { type Config, loadConfig } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import { RollcallServer } from '../../src/server.ts'
import { temporaryFolder } from './folders.ts'

/** Starts a server in this process, on a free port, in a folder of its own. */
export async function startServer(
  options: Partial<Config> = {},
): Promise<{ server: RollcallServer; port: number; data: string; lines: string[] }> {
  const data = options.data ?? (await temporaryFolder())
  const lines: string[] = []
  const log = createLog({ level: 'debug', format: 'text', write: (line) => lines.push(line) })
  const config = {
    ...loadConfig({ flags: {}, env: {} }),
    port: 0,
    https: false,
    mdns: false,
    host: '127.0.0.1',
    data,
    ...options,
  }
  const server = new RollcallServer({ config, log })
  const port = await server.listen()
  onTestFinished(() => {
    // The test is over: nobody looks at last pictures any more.
    config.stopWaitMs = 0
    return server.close()
  })
  return { server, port, data, lines }
}
