/** The lenses of this phone, and what the browser is asked for. */

import type { LensChoice } from './chosen.ts'
import type { PictureSettings } from './worker-messages.ts'

export interface Lens {
  deviceId: string
  /** As the phone names it; empty before a camera was allowed. */
  label: string
  facing: 'environment' | 'user' | null
  /** Pictures a second at most, whatever it is set to; undefined where the browser does not tell. */
  maxFps?: number | undefined
}

/** What a track can do, beyond what TypeScript knows (Image Capture, 4.4). */
export interface TrackCapabilities extends MediaTrackCapabilities {
  torch?: boolean
  zoom?: { min: number; max: number; step?: number }
}

/** With `0` pictures a second the camera is asked for more than most have. */
const MOST_FPS = 60

/** Chromium tells of zoom when it is asked for; on Android whoever may film may zoom, elsewhere it is a permission of its own. */
const asksForZoom = typeof navigator !== 'undefined' && /\bAndroid\b/.test(navigator.userAgent)

/** What to ask `getUserMedia` for. But for a lens that was chosen all of it may be missed: any camera is better than none. */
export function constraintsOf(
  { deviceId, facing }: LensChoice,
  picture: PictureSettings,
): MediaTrackConstraints {
  return {
    ...(deviceId === null ? { facingMode: { ideal: facing } } : { deviceId: { exact: deviceId } }),
    ...sizeConstraints(picture),
    ...(asksForZoom ? ({ zoom: true } as object) : {}),
  }
}

/**
 * Size and rate alone, for a track that runs.
 *
 * Phones count width along the longer side however they are held. A square is cut from 4:3, which sensors have.
 */
export function sizeConstraints({ ratio, shortSide, fps }: PictureSettings): MediaTrackConstraints {
  const { width, height } = ratio ?? { width: 16, height: 9 }
  const stretch = Math.max(width, height) / Math.min(width, height)
  return {
    width: { ideal: Math.round(shortSide * (stretch === 1 ? 4 / 3 : stretch)) },
    height: { ideal: shortSide },
    frameRate: { ideal: fps || MOST_FPS },
    // As the sensor gives it: browsers that cut to the asked size cut away view.
    ...({ resizeMode: { ideal: 'none' } } as object),
  }
}

/** All that the browser names; without labels until a camera was allowed. */
export async function listLenses(): Promise<Lens[]> {
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices
    .filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '')
    .map((device) => ({
      deviceId: device.deviceId,
      label: device.label,
      facing: facingOf(device),
      maxFps: capabilitiesOf(device).frameRate?.max,
    }))
}

function capabilitiesOf(device: MediaDeviceInfo): MediaTrackCapabilities {
  return (device as Partial<InputDeviceInfo>).getCapabilities?.() ?? {}
}

function facingOf(device: MediaDeviceInfo): Lens['facing'] {
  const [told] = capabilitiesOf(device).facingMode ?? []
  if (told === 'environment' || told === 'user') return told
  if (/\b(back|rear|environment)\b|后置|後置/i.test(device.label)) return 'environment'
  return /\b(front|user|selfie|facetime)\b|前置/i.test(device.label) ? 'user' : null
}

/** The one to change to from this one: one that looks the other way, else the next. Undefined where there is one alone. */
export function otherLens(lenses: readonly Lens[], current: string | undefined): Lens | undefined {
  const at = lenses.findIndex(({ deviceId }) => deviceId === current)
  const facing = lenses[at]?.facing ?? null
  const opposite = lenses.find((one) => facing !== null && one.facing !== null && one.facing !== facing)
  if (opposite) return opposite
  return lenses.length > 1 ? lenses[(at + 1) % lenses.length] : undefined
}

/** Those of the usual values that the phone reaches; all where it does not tell. The least is always there. */
export function within(values: readonly number[], most: number | undefined): number[] {
  return values.filter((value, i) => i === 0 || most === undefined || value <= Math.round(most))
}

/**
 * Rates to choose from: the usual ones that the camera reaches, and its own most.
 *
 * @param told - What is known of its most, in pictures a second: some browsers tell of the track what is set just now.
 */
export function ratesWithin(values: readonly number[], told: readonly (number | undefined)[]): number[] {
  const known = told.filter((one) => one !== undefined && one >= 1) as number[]
  if (known.length === 0) return [...values]
  const most = Math.max(...known)
  return [...new Set([...within(values, most), Math.round(most)])].sort((a, b) => a - b)
}
