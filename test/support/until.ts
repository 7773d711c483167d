/** Waiting for what can be seen, instead of for a time. */

/** How often it is looked again, in ms. */
const AGAIN_MS = 10
/** Below vitest's own limit, so that the failure says what never came. */
const LIMIT_MS = 50_000

/**
 * Looks again and again until there is something, and gives it.
 *
 * @param what - Named when it never comes.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
): Promise<Exclude<T, undefined | null | false>> {
  const lastMs = performance.now() + LIMIT_MS
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== null && seen !== false)
      return seen as Exclude<T, undefined | null | false>
    if (performance.now() > lastMs) throw new Error(`never came: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
}
