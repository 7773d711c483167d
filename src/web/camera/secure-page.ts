/** The same page over https, for who came by plain http: browsers give the camera to secure pages alone. */

import { keyHash } from './camera-key.ts'

/** @returns Undefined when the server has no https, or does not answer. */
export async function securePage(): Promise<string | undefined> {
  try {
    const response = await fetch('/api/secure')
    if (!response.ok) return undefined
    const { httpsPort } = (await response.json()) as { httpsPort: number | null }
    return httpsPort === null ? undefined : `https://${location.hostname}:${httpsPort}/camera${keyHash()}`
  } catch {
    return undefined
  }
}
