/** A camera whose pictures are known: squares in black and white, by chance but the same each time. */

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { temporaryFolder } from './folders.ts'

/** Pixels of a picture that is compared. */
const WIDTH = 180
const HEIGHT = 240

/**
 * Runs in the page before anything of ours: the camera gives 640×360 pixels in squares of 40, and looks at who holds the phone.
 * `turnPhone()` gives them upright, `film('noise')` what needs all the bits that there are.
 */
export function drawCamera(): void {
  // biome-ignore lint/suspicious/noExplicitAny: the types of the browser are not those of this process
  const page = globalThis as any
  const { document, MediaStreamTrack, ImageData } = page
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 })
  const noise = Object.assign(document.createElement('canvas'), { width: 960, height: 960 })
  const context = canvas.getContext('2d')
  let kind = 'squares'
  /** Not by chance: the same for each square. */
  const isWhite = (x: number, y: number) => ((x * 7919 + y * 104_729 + x * y * 31) >> 2) % 2 === 0
  const draw = () => {
    if (kind === 'noise') {
      context.drawImage(noise, -Math.random() * 300, -Math.random() * 300)
      return
    }
    for (let x = 0; x < canvas.width / 40; x += 1)
      for (let y = 0; y < canvas.height / 40; y += 1) {
        context.fillStyle = isWhite(x, y) ? '#fff' : '#000'
        context.fillRect(x * 40, y * 40, 40, 40)
      }
  }
  page.turnPhone = () => {
    const { width, height } = canvas
    Object.assign(canvas, { width: height, height: width })
    draw()
  }
  page.film = (what: string) => {
    const { width, height } = noise
    const pixels = Uint8ClampedArray.from({ length: width * height * 4 }, () => Math.random() * 256)
    noise.getContext('2d').putImageData(new ImageData(pixels, width, height), 0, 0)
    kind = what
  }
  const { getSettings } = MediaStreamTrack.prototype
  MediaStreamTrack.prototype.getSettings = function () {
    return { ...getSettings.call(this), facingMode: 'user' }
  }
  page.MediaDevices.prototype.getUserMedia = async () => {
    setInterval(draw, 33)
    return canvas.captureStream(30)
  }
}

/** Where the preview is white, as it is on the screen. */
export async function shownIn(page: Page): Promise<boolean[]> {
  const file = join(await temporaryFolder(), 'preview.png')
  await page.locator('.picture').screenshot({ path: file })
  return whiteIn(file)
}

/** Where a picture is white, or the first one of a film. */
export async function whiteIn(file: string): Promise<boolean[]> {
  const picture = join(await temporaryFolder(), 'small.gray')
  const small = ['-frames:v', '1', '-vf', `scale=${WIDTH}:${HEIGHT}`, '-f', 'rawvideo', '-pix_fmt', 'gray']
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', file, ...small, picture])
  return [...(await readFile(picture))].map((grey) => grey > 127)
}

/** As in a mirror. */
export function mirrored(picture: readonly boolean[]): boolean[] {
  return picture.map((_, i) => picture[i - (i % WIDTH) + WIDTH - 1 - (i % WIDTH)]!)
}

/** Which share of two pictures is the same, from 0 to 1. */
export function likeness(one: readonly boolean[], other: readonly boolean[]): number {
  return one.filter((isWhite, i) => isWhite === other[i]).length / one.length
}
