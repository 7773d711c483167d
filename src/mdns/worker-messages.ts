/** What the server and the worker that answers for its name say to each other. */

/** Given to the worker at its beginning. */
export interface NameRequest {
  /** The name without `.local`, such as `rollcall`. Where it is taken a number follows: `rollcall-2`. */
  name: string
  /** What people see in lists of services. */
  title: string
  /** Of https. */
  port: number
  /** Addresses of this machine to answer with; of all its interfaces when it is empty. */
  addresses: readonly string[]
  /** Whether the server listens on IPv6 too. */
  hasIpv6: boolean
}

export type FromNameWorker =
  /** It answers for this name now, `rollcall.local`. */
  | { type: 'name'; name: string }
  /** It answers for nothing: the network takes none of it. */
  | { type: 'failed'; message: string }
  /** Everything that it said is taken back. */
  | { type: 'closed' }

/** Says goodbye and ends. */
export type ToNameWorker = 'close'
