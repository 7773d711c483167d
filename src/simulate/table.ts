/** Rows for people's eyes. Pure. */

/** A number, a word, or nothing. */
export type Cell = number | string | null

/** The lines of a table with a head: columns of numbers stand to the right, nothing is `-`. */
export function tableLines(columns: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const texts = [columns, ...rows.map((row) => row.map((cell) => String(cell ?? '-')))]
  const widths = columns.map((_, column) => Math.max(...texts.map((row) => row[column]!.length)))
  const ofNumbers = columns.map((_, column) => rows.every((row) => typeof row[column] !== 'string'))
  const aligned = (text: string, column: number) =>
    ofNumbers[column] ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)
  return texts.map((row) => row.map(aligned).join('  ').trimEnd())
}

/** What devices sent, or did not, in all. */
export interface Totals {
  pictures: number
  bytes: number
  dropped: number
}

/** Sums over captures. */
export function sumOf(captures: readonly Totals[]): Totals {
  const sum = { pictures: 0, bytes: 0, dropped: 0 }
  for (const { pictures, bytes, dropped } of captures) {
    sum.pictures += pictures
    sum.bytes += bytes
    sum.dropped += dropped
  }
  return sum
}

/** The last line of a table of captures. */
export function sumLine({ pictures, bytes, dropped }: Totals): string {
  return `${pictures} pictures, ${bytes} bytes sent; ${dropped} pictures dropped before sending`
}
