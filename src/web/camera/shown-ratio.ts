/** The shape of what is recorded. Pure. */

import type { PictureSettings } from './worker-messages.ts'

/**
 * Width to height of what is recorded of a frame.
 *
 * @param ratio - As it is chosen; it lies or stands as the frame does.
 * @param frame - Pixels; zero before the first one.
 */
export function shownRatio(
  ratio: PictureSettings['ratio'],
  { width, height }: { width: number; height: number },
): number {
  if (width === 0 || height === 0) return 16 / 9
  if (ratio === null) return width / height
  const long = Math.max(ratio.width, ratio.height) / Math.min(ratio.width, ratio.height)
  return width >= height ? long : 1 / long
}
