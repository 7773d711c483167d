/** Keeps the screen on while the page is seen: a phone that sleeps films nothing. */

import { signal } from '@preact/signals'

/** False where the browser cannot, or the phone saves its battery: the person must see to it. */
export const isAwake = signal(false)

export function keepAwake(): void {
  const take = async () => {
    if (document.hidden || isAwake.peek()) return
    try {
      const lock = await navigator.wakeLock.request('screen')
      isAwake.value = true
      lock.addEventListener('release', () => {
        isAwake.value = false
        void take()
      })
    } catch {
      isAwake.value = false
    }
  }
  // Browsers let go of it when the page is hidden.
  document.addEventListener('visibilitychange', take)
  // Some want a touch first.
  document.addEventListener('pointerup', take)
  void take()
}
