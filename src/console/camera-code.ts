/** The address of the camera page, for people to scan or type. Pure. */

import { renderUnicodeCompact } from 'uqr'

/** An address that a phone's browser opens. */
export interface CameraPage {
  /** As it is shown: a key is only hinted at, `#key=…`. */
  shown: string
  /** As it is scanned. */
  scanned: string
  /** Name of the network interface; empty for a name in the network. */
  network: string
}

/** Modules of quiet zone. ISO/IEC 18004 wants 4; readers make do with 2, and lines are precious. */
const QUIET_MODULES = 2
/** Exact white on exact black of the 256 colours, which themes leave alone. */
const COLOURS = '\x1b[38;5;231;48;5;16m'
const RESET = '\x1b[0m'

/** A QR code for a terminal, dark on light whatever its theme, two modules a character. Holds escape sequences. */
export function codeLines(text: string): { lines: string[]; columns: number } {
  const rows = renderUnicodeCompact(text, { ecc: 'L', border: QUIET_MODULES }).split('\n')
  return { lines: rows.map((row) => `${COLOURS}${row}${RESET}`), columns: rows[0]!.length }
}

/** What is written about the addresses: the best one in full, others below it. */
export function pageLines(pages: readonly CameraPage[]): string[] {
  return pages.map(({ shown, network }) => `  ${shown}${pages.length > 1 && network ? `  (${network})` : ''}`)
}
