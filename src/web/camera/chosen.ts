/** What the holder chose, kept on the phone: the lens, and how the pictures are to be. */

import { batch, signal } from '@preact/signals'
import { kept } from '../kept.ts'
import type { PictureSettings } from './worker-messages.ts'

export const RATIOS = ['4:3', '16:9', '1:1'] as const
export const SHORT_SIDES = [360, 480, 720, 1080, 1440, 2160] as const
export const RATES = [10, 15, 24, 25, 30, 50, 60, 120] as const
/** A camera's own most may be any. */
const MAX_FPS = 240
export const BITRATES = [1, 2, 4, 6, 8, 12, 16, 24] as const

/** Which lens: one by its id, while it is there, else one that looks that way. */
export interface LensChoice {
  deviceId: string | null
  facing: 'environment' | 'user'
}

const USUAL: PictureSettings = {
  ratio: { width: 16, height: 9 },
  shortSide: 720,
  fps: 30,
  bitrateMbps: 4,
  showsTime: false,
}

const pictureStore = kept('camera-picture')
const lensStore = kept('camera-lens')
const mirrorStore = kept('camera-mirror')

/** The holder's own choice. */
export const ownPicture = signal<PictureSettings>(pictureOf(pictureStore.read()))
/** What is filmed with now: the holder's choice, or in a take what the operator asked for. */
export const picture = signal<PictureSettings>(ownPicture.peek())
export const lens = signal<LensChoice>(lensOf(lensStore.read()))
/** Of the front camera's preview alone; what is recorded is never mirrored. */
export const mirrors = signal(mirrorStore.read() !== 'no')

export function choosePicture(change: Partial<PictureSettings>): void {
  batch(() => {
    picture.value = { ...picture.peek(), ...change }
    ownPicture.value = { ...ownPicture.peek(), ...change }
  })
  pictureStore.write(JSON.stringify(ownPicture.peek()))
}

export function chooseLens(choice: LensChoice): void {
  lens.value = choice
  lensStore.write(JSON.stringify(choice))
}

export function chooseMirror(isOn: boolean): void {
  mirrors.value = isOn
  mirrorStore.write(isOn ? 'yes' : 'no')
}

/**
 * What the operator asked for holds until the holder chooses that again, or the take ends; it is not kept.
 *
 * @param asked - Null: the take is over, and the holder's own choice holds again.
 */
export function takeAsked(asked: PictureSettings | null): void {
  picture.value = asked ?? ownPicture.peek()
}

/** `4:3` of a ratio. */
export function ratioText(ratio: PictureSettings['ratio']): string {
  return ratio ? `${ratio.width}:${ratio.height}` : ''
}

/** The kept choice; the usual where it is none of ours. */
export function pictureOf(text: string | null): PictureSettings {
  const { ratio, shortSide, fps, bitrateMbps, showsTime } = read(text) as Partial<PictureSettings>
  const among = <T>(values: readonly T[], value: unknown, usual: T) =>
    values.includes(value as T) ? (value as T) : usual
  const [width, height] = among(RATIOS, ratio && ratioText(ratio), '16:9')
    .split(':')
    .map(Number)
  return {
    ratio: { width: width!, height: height! },
    shortSide: among<number>(SHORT_SIDES, shortSide, USUAL.shortSide),
    fps: isRate(fps) ? fps : USUAL.fps,
    bitrateMbps: among<number>(BITRATES, bitrateMbps, USUAL.bitrateMbps),
    showsTime: showsTime === true,
  }
}

function isRate(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_FPS
}

function lensOf(text: string | null): LensChoice {
  const { deviceId, facing } = read(text) as Partial<LensChoice>
  return {
    deviceId: typeof deviceId === 'string' ? deviceId : null,
    facing: facing === 'user' ? 'user' : 'environment',
  }
}

/** An object, whatever was kept. */
function read(text: string | null): object {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
