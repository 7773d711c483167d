/** What a fault test measured, in the form that `npm run test:faults` gathers into docs/reliability.md. */

/** Whether the tests run in the long form: `FAULTS=long`, as `npm run test:faults` sets it. */
export const isLongForm = process.env.FAULTS === 'long'

/**
 * Prints `[figure] PROMISE: TEXT`, on a line of its own.
 *
 * @param promise - Its name in docs/reliability.md: small letters and hyphens.
 * @param text - One line.
 */
export function printFigure(promise: string, text: string): void {
  process.stdout.write(`\n[figure] ${promise}: ${text}\n`)
}
