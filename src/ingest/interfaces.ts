/** The network interfaces of this machine. */

import { networkInterfaces } from 'node:os'

let known: ReturnType<typeof networkInterfaces> = {}

/** Those that are there, or were last, while the system does not tell: no file descriptor is left, say, or Android forbids it. */
export function interfacesOfMachine(): typeof known {
  try {
    known = networkInterfaces()
  } catch {
    // As above.
  }
  return known
}
