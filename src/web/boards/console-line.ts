/** Lines of the console `/dev`, as docs/esp32.md has them. */

export interface ConsoleLine {
  /** ms since 1970. */
  atMs: number
  /** `server`: of the server itself. `link`: the board's connection began or ended. */
  direction: 'to' | 'from' | 'server' | 'link'
  /** Of `link`: `connected` or `disconnected`. */
  text: string
}

/** `2026-11-24T13:49:02.120+01:00 esp-1 < ACK: start`; undefined when it is no such line. */
export function readConsoleLine(line: string): ConsoleLine | undefined {
  const [, time = '', byBoard, byServer] = /^(\S+) (?:\S+ ([<>] .*)|- (.*))$/s.exec(line) ?? []
  const atMs = Date.parse(time)
  if (Number.isNaN(atMs)) return undefined
  if (byBoard === undefined) return { atMs, direction: 'server', text: byServer! }
  const link = /^< \(((?:dis)?connected)\)$/.exec(byBoard)?.[1]
  if (link) return { atMs, direction: 'link', text: link }
  return { atMs, direction: byBoard.startsWith('>') ? 'to' : 'from', text: byBoard.slice(2) }
}
