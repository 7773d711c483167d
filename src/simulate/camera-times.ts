/**
 * When a phone's camera takes the pictures that its app sends. Pure.
 *
 * The app throttles by leaving out camera frames: 10 fps asked of a 30 fps camera gives intervals of 100 and 133 ms.
 */

/** The camera's own rate, in frames a second. */
export const NATIVE_FPS = 30
/** A ratio of rates this near to a whole number makes the app miss a frame's turn now and then. */
const NEAR_WHOLE = 0.02
/** Pictures after which a turn is missed. */
const PICTURES_PER_MISS = 3

/** Which camera frames are sent. */
export interface Throttle {
  /** Camera frames a second; whole. */
  nativeFps: number
  /** Camera frames from a picture to the next, at least 1. */
  step: number
  /** Every third step is one frame longer. */
  misses: boolean
}

/**
 * How the app throttles.
 *
 * @param fps - Pictures a second asked for, at least 0; 0, and the camera's own rate or more, are every frame.
 * @param nativeFps - The camera's own rate; whole.
 */
export function throttleOf(fps: number, nativeFps = NATIVE_FPS): Throttle {
  if (fps <= 0 || fps >= nativeFps) return { nativeFps, step: 1, misses: false }
  const ratio = nativeFps / fps
  return {
    nativeFps,
    step: Math.ceil(ratio - NEAR_WHOLE),
    misses: Math.abs(ratio - Math.round(ratio)) < NEAR_WHOLE,
  }
}

/** ms from the first picture of a capture to picture `index` (from 0); not rounded. */
export function pictureTimeMs({ nativeFps, step, misses }: Throttle, index: number): number {
  const missed = misses ? Math.floor(index / PICTURES_PER_MISS) : 0
  return ((index * step + missed) * 1000) / nativeFps
}

/** Pictures a second on average, as a fraction. */
export function meanFps({ nativeFps, step, misses }: Throttle): { numerator: number; denominator: number } {
  if (!misses) return { numerator: nativeFps, denominator: step }
  return { numerator: nativeFps * PICTURES_PER_MISS, denominator: step * PICTURES_PER_MISS + 1 }
}

/** The same choice as an expression of ffmpeg's `select` filter, over camera frames counted by `n`. */
export function selectExpression({ step, misses }: Throttle): string {
  if (!misses) return `not(mod(n,${step}))`
  const period = step * PICTURES_PER_MISS
  return `lt(mod(n,${period + 1}),${period})*not(mod(mod(n,${period + 1}),${step}))`
}
