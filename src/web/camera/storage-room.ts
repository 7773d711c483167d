/** How much room the browser still gives, and whether it may take it back. */

/** Less than this part of the quota is left: it is said. */
const LEFT = 0.1

/** @param bytes - What is kept: where nothing waits, others' use of the store is no news. */
export async function isNearlyFull(bytes: number): Promise<boolean> {
  if (bytes < 1024 * 1024) return false
  const { usage = 0, quota = 0 } = await navigator.storage.estimate().catch(() => ({}) as StorageEstimate)
  return quota > 0 && usage > quota * (1 - LEFT)
}

/**
 * Asks that the browser clears nothing of this site by itself when the device runs short (Storage, `persist()`).
 *
 * It decides alone, but Firefox asks the person. Workers cannot ask.
 */
export async function askToKeep(): Promise<void> {
  try {
    if (!(await navigator.storage.persisted())) await navigator.storage.persist()
  } catch {
    // One that has no such thing.
  }
}
