/** The camera of this phone while the page is open: opened, changed, opened anew after it was taken away. */

import { batch, signal } from '@preact/signals'
import { type LensChoice, lens, picture } from './chosen.ts'
import { shapeOf } from './frame-shape.ts'
import { sendFrames } from './frames.ts'
import { constraintsOf, type Lens, listLenses, sizeConstraints, type TrackCapabilities } from './lenses.ts'
import type { PictureSettings } from './worker-messages.ts'

/** `denied`: the person or the system said no. `taken`: something else has the camera. `none`: there is none. */
export type SourceState = 'asking' | 'open' | 'denied' | 'taken' | 'none' | 'failed'

export interface Source {
  state: SourceState
  stream: MediaStream | null
  /** What the camera gives, after what was asked. */
  got: MediaTrackSettings
  can: TrackCapabilities
}

const CLOSED = { stream: null, got: {}, can: {} }

export const source = signal<Source>({ state: 'asking', ...CLOSED })
export const lenses = signal<readonly Lens[]>([])
/** Of the track that is open; both begin anew with each. */
export const torch = signal(false)
export const zoom = signal<number | null>(null)

let opening = 0

/** Opens the lens that is chosen; what was open is closed first, because phones open one at a time. */
export async function openSource(): Promise<void> {
  opening += 1
  const mine = opening
  closeSource('asking')
  try {
    const stream = await getCamera(lens.peek(), picture.peek())
    if (mine !== opening) return stopAll(stream)
    const [track] = stream.getVideoTracks()
    track!.addEventListener('ended', () => track === trackNow() && closeSource('taken'))
    batch(() => {
      torch.value = false
      source.value = {
        state: 'open',
        stream,
        got: track!.getSettings(),
        can: track!.getCapabilities?.() ?? {},
      }
      zoom.value = (source.value.got as { zoom?: number }).zoom ?? null
    })
    sendFrames(track!)
    lenses.value = await listLenses()
  } catch (error) {
    if (mine === opening) closeSource(stateOf(error))
  }
}

/** Lets the camera go: its light goes out. */
export function closeSource(state: SourceState): void {
  const { stream } = source.peek()
  if (stream) {
    sendFrames(null)
    stopAll(stream)
  }
  source.value = { state, ...CLOSED }
}

/** Asks the open camera for another size and rate; where it refuses, it is opened anew. */
export async function resizeSource(settings: PictureSettings): Promise<void> {
  const track = trackNow()
  if (!track) return
  try {
    await track.applyConstraints(sizeConstraints(settings))
    if (track === trackNow()) refreshSource()
  } catch {
    if (track === trackNow()) await openSource()
  }
}

/** Reads again what the camera gives: it changes when the phone is turned. */
export function refreshSource(): void {
  const track = trackNow()
  if (track) source.value = { ...source.peek(), got: track.getSettings() }
}

/** Where the camera refuses, the light is shown as it was. */
export async function setTorch(isOn: boolean): Promise<void> {
  const track = trackNow()
  if (track && (await isApplied(track, { torch: isOn })) && track === trackNow()) torch.value = isOn
}

/** Shown at once, so that the slider stays under the finger; where the camera refuses, what it has is shown. */
export async function setZoom(value: number): Promise<void> {
  const track = trackNow()
  if (!track) return
  zoom.value = value
  if ((await isApplied(track, { zoom: value })) || track !== trackNow()) return
  zoom.value = (track.getSettings() as { zoom?: number }).zoom ?? null
}

/** Media Capture and Streams, 4.3.4: a camera may refuse, as one does that is being taken away. */
function isApplied(
  track: MediaStreamTrack,
  setting: { torch: boolean } | { zoom: number },
): Promise<boolean> {
  return track.applyConstraints({ advanced: [setting as object] }).then(
    () => true,
    () => false,
  )
}

/** Size in pixels of what is recorded of what the camera gives now, as it is chosen; undefined while it is closed. */
export function recordedSize(): { width: number; height: number } | undefined {
  const { width, height } = source.value.got
  if (!width || !height) return undefined
  return shapeOf({ width, height }, picture.value.ratio, picture.value.shortSide)
}

/** Whether the open camera looks at who holds the phone. */
export function isFront({ got }: Source, known: readonly Lens[]): boolean {
  const facing = got.facingMode ?? known.find(({ deviceId }) => deviceId === got.deviceId)?.facing
  return facing === 'user'
}

/** A phone that wakes may have lost its camera. */
export function reopenWhenSeen(): void {
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && source.peek().state === 'taken') void openSource()
  })
  navigator.mediaDevices.addEventListener('devicechange', async () => {
    lenses.value = await listLenses()
  })
}

function trackNow(): MediaStreamTrack | undefined {
  return source.peek().stream?.getVideoTracks()[0]
}

async function getCamera(choice: LensChoice, settings: PictureSettings): Promise<MediaStream> {
  const ask = (video: MediaTrackConstraints) => navigator.mediaDevices.getUserMedia({ video, audio: false })
  try {
    return await ask(constraintsOf(choice, settings))
  } catch (error) {
    // A lens that was there last time.
    if (choice.deviceId === null || stateOf(error) !== 'none') throw error
    return ask(constraintsOf({ ...choice, deviceId: null }, settings))
  }
}

function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

/** Names of the exceptions: Media Capture and Streams, 10.2. */
function stateOf(error: unknown): SourceState {
  switch ((error as Partial<DOMException>).name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied'
    case 'NotReadableError':
    case 'AbortError':
      return 'taken'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'none'
    default:
      return 'failed'
  }
}
