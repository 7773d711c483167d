/** Where a decoded picture goes. Runs in the worker; whoever gives a picture away gives up its memory too. */

import type { Target } from './worker-messages.ts'

export interface Sink {
  /** Takes the picture and closes it. */
  show: (frame: VideoFrame) => void
  close: () => void
}

export function sinkOf(target: Target): Sink {
  return target.kind === 'track' ? trackSink(target.writable) : canvasSink(target.canvas)
}

/** The browser draws it, off this thread. */
function trackSink(writable: WritableStream<VideoFrame>): Sink {
  const writer = writable.getWriter()
  return {
    show: (frame) => {
      // What a slow display has not taken yet is old already.
      if ((writer.desiredSize ?? 0) <= 0) return frame.close()
      writer.write(frame).catch(() => frame.close())
    },
    close: () => {
      writer.close().catch(() => {})
    },
  }
}

function canvasSink(canvas: OffscreenCanvas): Sink {
  const context = canvas.getContext('2d', { alpha: false })
  return {
    show: (frame) => {
      const { displayWidth, displayHeight } = frame
      if (canvas.width !== displayWidth || canvas.height !== displayHeight) {
        canvas.width = displayWidth
        canvas.height = displayHeight
      }
      context?.drawImage(frame, 0, 0)
      frame.close()
    },
    close: () => {},
  }
}
