/** The aspect ratios that may be asked for: one rule for the terminal and the API. Pure. */

/** No side may be more times as long as the other: beyond this it is no camera's picture. */
const MAX_RATIO = 4

/** What is allowed, for people. */
export const ASPECT_RATIO_ALLOWED =
  'W:H, such as 16:9, each from 1 to 99 and neither over four times the other'

/** Reads `16:9`; undefined when it is no ratio that may be asked for. */
export function parseAspectRatio(text: string): { width: number; height: number } | undefined {
  const match = /^([1-9]\d?):([1-9]\d?)$/.exec(text)
  if (!match) return undefined
  const [width, height] = [Number(match[1]), Number(match[2])]
  return Math.max(width / height, height / width) <= MAX_RATIO ? { width, height } : undefined
}
