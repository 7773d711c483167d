/** The way of the camera's frames to the worker: as a stream where the browser has one, else one by one from the preview. */

import { tell } from './page-worker.ts'

/** MediaStreamTrack Insertable Streams; in the window it is Chromium's, so TypeScript does not know it. */
declare class MediaStreamTrackProcessor {
  constructor(init: { track: MediaStreamTrack })
  readonly readable: ReadableStream<VideoFrame>
}

const hasStreams = typeof MediaStreamTrackProcessor !== 'undefined'

/** Sends a track's frames from now on, in place of those before; null: there are none. */
export function sendFrames(track: MediaStreamTrack | null): void {
  if (track === null) tell({ type: 'frames', frames: null })
  if (track === null || !hasStreams) return
  const { readable } = new MediaStreamTrackProcessor({ track })
  tell({ type: 'frames', frames: readable }, [readable])
}

/**
 * Sends the frames that a <video> shows, where there are no streams of them.
 *
 * @returns Ends it.
 */
export function followFrames(video: HTMLVideoElement): () => void {
  if (hasStreams || !video.requestVideoFrameCallback) return () => {}
  let handle = 0
  const next = () => {
    handle = video.requestVideoFrameCallback(send)
  }
  const send: VideoFrameRequestCallback = (_now, { captureTime, mediaTime }) => {
    next()
    // When the camera took it, where that is told: it does not hang on the page's being busy.
    const timestamp = Math.round(captureTime === undefined ? mediaTime * 1e6 : captureTime * 1000)
    const frame = frameOf(video, timestamp)
    if (frame) tell({ type: 'frame', frame }, [frame])
  }
  next()
  return () => video.cancelVideoFrameCallback(handle)
}

/** What it shows; undefined where it has let go of it, as on a busy phone. @param timestamp - In µs. */
function frameOf(video: HTMLVideoElement, timestamp: number): VideoFrame | undefined {
  try {
    return new VideoFrame(video, { timestamp })
  } catch {
    return undefined
  }
}
