/** A QR code as an SVG path. Pure. */

/** Modules of quiet zone that ISO/IEC 18004 (5.3.8) wants on each side. */
export const QUIET_MODULES = 4

/**
 * The dark modules as one path, a unit each, runs of a row drawn together.
 *
 * @param data - Rows of modules without a quiet zone; true is dark.
 * @returns The path, and the side of the square that it lies in, quiet zone included.
 */
export function qrPath(data: readonly (readonly boolean[])[]): { path: string; side: number } {
  const runs: string[] = []
  for (const [y, row] of data.entries()) {
    for (let x = 0; x < row.length; x += 1) {
      const start = x
      while (row[x]) x += 1
      if (x > start) runs.push(`M${start + QUIET_MODULES} ${y + QUIET_MODULES}h${x - start}v1h-${x - start}z`)
    }
  }
  return { path: runs.join(''), side: data.length + 2 * QUIET_MODULES }
}
