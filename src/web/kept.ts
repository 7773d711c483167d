/** What this browser remembers of its viewer: language, theme, choices. Lost without harm. */

export interface Kept {
  read: () => string | null
  write: (value: string) => void
}

/** A value of its own in local storage; where there is none, it lasts as long as the page. */
export function kept(name: string): Kept {
  const key = `rollcall.${name}`
  let value: string | null = null
  return {
    read: () => {
      try {
        return localStorage.getItem(key)
      } catch {
        return value
      }
    },
    write: (next) => {
      value = next
      try {
        localStorage.setItem(key, next)
      } catch {
        // Private windows and full stores refuse.
      }
    },
  }
}
