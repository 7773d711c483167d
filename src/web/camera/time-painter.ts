/** Burns the time into pictures: two lines, white on black, top left. */

import type { FrameShape } from './frame-shape.ts'

/** Height of the letters, in parts of the picture's shorter side; and the least, in pixels, that is read by machines too. */
const LETTERS = 1 / 16
const LEAST_LETTERS = 16
/** Height of the letters of the second line, in parts of the first. */
const SECOND_LINE = 2 / 3

export class TimePainter {
  #canvas: OffscreenCanvas | undefined

  /**
   * A picture in the shape, with the time; the frame stays the caller's.
   *
   * @param lines - Null: none; the frame is only cropped, turned and scaled.
   */
  paint(frame: VideoFrame, shape: FrameShape, lines: [string, string] | null, timestamp: number): VideoFrame {
    const { rect, width, height } = shape
    this.#canvas ??= new OffscreenCanvas(width, height)
    // Setting a size clears the canvas, and costs time.
    if (this.#canvas.width !== width || this.#canvas.height !== height)
      [this.#canvas.width, this.#canvas.height] = [width, height]
    const context = this.#canvas.getContext('2d', { alpha: false })!
    context.drawImage(frame, rect.x, rect.y, rect.width, rect.height, 0, 0, width, height)
    const letters = Math.max(LEAST_LETTERS, Math.round(Math.min(width, height) * LETTERS))
    if (lines) write(context, lines, letters)
    return new VideoFrame(this.#canvas, { timestamp, alpha: 'discard' })
  }
}

/** The second line is smaller than the first, which is what is looked for. */
function write(context: OffscreenCanvasRenderingContext2D, lines: [string, string], letters: number): void {
  const small = Math.max(LEAST_LETTERS, Math.round(letters * SECOND_LINE))
  const margin = Math.round(letters / 2)
  const rows = [
    { text: lines[0], font: fontOf(letters), y: margin },
    { text: lines[1], font: fontOf(small), y: margin + letters + Math.round(small / 3) },
  ]
  const widths = rows.map(({ text, font }) => {
    context.font = font
    return context.measureText(text).width
  })
  context.textBaseline = 'top'
  context.fillStyle = '#000'
  context.fillRect(0, 0, Math.ceil(Math.max(...widths)) + 2 * margin, rows[1]!.y + small + margin)
  context.fillStyle = '#fff'
  for (const { text, font, y } of rows) {
    context.font = font
    context.fillText(text, margin, y)
  }
}

function fontOf(letters: number): string {
  return `bold ${letters}px monospace`
}
