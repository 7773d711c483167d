/** Burns the time into pictures: "Time: hh:mm:ss", white on black, top left. */

import type { FrameShape } from './frame-shape.ts'

/** Height of the letters, in parts of the picture's shorter side; and the least, in pixels, that is read by machines too. */
const LETTERS = 1 / 16
const LEAST_LETTERS = 16

export class TimePainter {
  #canvas: OffscreenCanvas | undefined

  /**
   * A picture in the shape, with the text; the frame stays the caller's.
   *
   * @param text - Null: none; the frame is only cropped, turned and scaled.
   */
  paint(frame: VideoFrame, shape: FrameShape, text: string | null, timestamp: number): VideoFrame {
    const { rect, width, height } = shape
    this.#canvas ??= new OffscreenCanvas(width, height)
    // Setting a size clears the canvas, and costs time.
    if (this.#canvas.width !== width || this.#canvas.height !== height)
      [this.#canvas.width, this.#canvas.height] = [width, height]
    const context = this.#canvas.getContext('2d', { alpha: false })!
    context.drawImage(frame, rect.x, rect.y, rect.width, rect.height, 0, 0, width, height)
    if (text !== null) write(context, text, Math.max(LEAST_LETTERS, Math.min(width, height) * LETTERS))
    return new VideoFrame(this.#canvas, { timestamp, alpha: 'discard' })
  }
}

/** The text of a time, by the clock on the wall where the phone is. */
export function timeText(ms: number): string {
  const time = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  return `Time: ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
}

function write(context: OffscreenCanvasRenderingContext2D, text: string, letters: number): void {
  context.font = `bold ${Math.round(letters)}px monospace`
  context.textBaseline = 'top'
  const margin = Math.round(letters / 2)
  context.fillStyle = '#000'
  context.fillRect(
    0,
    0,
    Math.ceil(context.measureText(text).width) + 2 * margin,
    Math.round(letters) + 2 * margin,
  )
  context.fillStyle = '#fff'
  context.fillText(text, margin, margin)
}
