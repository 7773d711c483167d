/** The page's side of the worker that decodes: shows cameras in elements, and tells how they do. */

import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { FromWorker, StreamStatus, Target, ToWorker } from './worker-messages.ts'

/** Chromium's way from frames to a <video>; no standard, so TypeScript does not know it. */
declare class MediaStreamTrackGenerator extends MediaStreamTrack {
  constructor(init: { kind: 'video' })
  readonly writable: WritableStream<VideoFrame>
}

/** Whether pictures can be shown here at all: browsers give their decoder to secure contexts alone. */
export const canPlay = typeof VideoDecoder !== 'undefined' && typeof Worker !== 'undefined'
/** Into a <video> where the browser can: it draws there with far less work. */
export const usesVideo = typeof MediaStreamTrackGenerator !== 'undefined'

let worker: Worker | undefined
/** Told before there is a worker, and kept for it. */
let importance: ToWorker & { type: 'importance' } = { type: 'importance', cameras: [], isHidden: false }
const statuses = new Map<string, Signal<StreamStatus | undefined>>()

/** What the worker last said of a camera. */
export function streamStatus(camera: string): ReadonlySignal<StreamStatus | undefined> {
  return statusOf(camera)
}

/**
 * Shows a camera in an element from now on. A canvas can be given once in its life.
 *
 * @returns Ends it.
 */
export function watch(camera: string, element: HTMLVideoElement | HTMLCanvasElement): () => void {
  const target = targetOf(element)
  const url = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/live/${encodeURIComponent(camera)}`
  tell({ type: 'watch', camera, url, target }, [
    target.kind === 'track' ? target.writable : target.canvas,
  ] as Transferable[])
  return () => {
    tell({ type: 'unwatch', camera })
    statusOf(camera).value = undefined
  }
}

/** Tells which cameras matter most, those first. */
export function setImportance(cameras: string[], isHidden: boolean): void {
  importance = { type: 'importance', cameras, isHidden }
  if (worker) tell(importance)
}

/** The way to the server was cut, and is there again. */
export function reconnectStreams(): void {
  if (worker) tell({ type: 'reconnect' })
}

function targetOf(element: HTMLVideoElement | HTMLCanvasElement): Target {
  if (element instanceof HTMLCanvasElement)
    return { kind: 'canvas', canvas: element.transferControlToOffscreen() }
  const track = new MediaStreamTrackGenerator({ kind: 'video' })
  element.srcObject = new MediaStream([track])
  return { kind: 'track', writable: track.writable }
}

function tell(message: ToWorker, transfer: Transferable[] = []): void {
  if (!worker) {
    worker = begin()
    worker.postMessage(importance)
  }
  worker.postMessage(message, transfer)
}

function begin(): Worker {
  const begun = new Worker(new URL('./live-worker.ts', import.meta.url), { type: 'module' })
  begun.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    for (const status of data.statuses) statusOf(status.camera).value = status
  })
  return begun
}

function statusOf(camera: string): Signal<StreamStatus | undefined> {
  let status = statuses.get(camera)
  if (!status) {
    status = signal(undefined)
    statuses.set(camera, status)
  }
  return status
}
