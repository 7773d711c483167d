/** Which part of a camera's frame is recorded, and in which size. Pure. */

/** Smaller pictures no encoder takes, in pixels. */
const LEAST = 16

export interface FrameShape {
  /** In pixels of the frame; even numbers, as 4:2:0 needs them. */
  rect: { x: number; y: number; width: number; height: number }
  /** Of the encoded picture; even. */
  width: number
  height: number
}

/**
 * The middle of the frame, as large as the ratio lets it be.
 *
 * @param ratio - Of the longer to the shorter side: an upright phone records 16:9 upright. Null: the whole frame.
 * @param shortSide - Most pixels of the shorter side of the encoded picture. It is never made larger than the frame.
 */
export function shapeOf(
  frame: { width: number; height: number },
  ratio: { width: number; height: number } | null,
  shortSide: number,
): FrameShape {
  let { width, height } = frame
  if (ratio) {
    const asked = Math.max(ratio.width, ratio.height) / Math.min(ratio.width, ratio.height)
    const wanted = width >= height ? asked : 1 / asked
    if (width > height * wanted) width = height * wanted
    else height = width / wanted
  }
  width = Math.min(even(width), evenBelow(frame.width))
  height = Math.min(even(height), evenBelow(frame.height))
  const x = evenBelow((frame.width - width) / 2)
  const y = evenBelow((frame.height - height) / 2)
  const scale = Math.min(1, shortSide / Math.min(width, height))
  return {
    rect: { x, y, width, height },
    width: Math.max(LEAST, even(width * scale)),
    height: Math.max(LEAST, even(height * scale)),
  }
}

/** Of what a frame shows: phones tell of some frames how they are to be turned (WebCodecs, 9.4). */
export function sizeOf(frame: VideoFrame): { width: number; height: number } {
  if (isTurned(frame)) return { width: frame.displayWidth, height: frame.displayHeight }
  return { width: frame.visibleRect!.width, height: frame.visibleRect!.height }
}

export function isTurned(frame: VideoFrame): boolean {
  return ((frame as { rotation?: number }).rotation ?? 0) !== 0
}

function even(pixels: number): number {
  return 2 * Math.round(pixels / 2)
}

function evenBelow(pixels: number): number {
  return 2 * Math.floor(pixels / 2)
}
