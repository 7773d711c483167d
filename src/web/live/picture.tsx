/** The element that a camera's pictures are shown in. */

import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'
import { usesVideo, watch } from './player.ts'

export type Picture = HTMLVideoElement | HTMLCanvasElement

/** Shows a camera for as long as it is there. Give it a `key` by camera: its element serves one alone. */
export function LivePicture({ camera, picture }: { camera: string; picture: RefObject<Picture | null> }) {
  useEffect(() => watch(camera, picture.current!), [camera, picture])
  return usesVideo ? (
    <video ref={picture as RefObject<HTMLVideoElement>} autoplay muted playsInline />
  ) : (
    <canvas ref={picture as RefObject<HTMLCanvasElement>} />
  )
}

/** Saves what is shown now as a PNG; false when there is nothing yet. */
export async function savePicture(picture: Picture, fileName: string): Promise<boolean> {
  const [width, height] =
    picture instanceof HTMLVideoElement
      ? [picture.videoWidth, picture.videoHeight]
      : [picture.width, picture.height]
  if (width < 2 || height < 2) return false
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')?.drawImage(picture, 0, 0)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (!blob) return false
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
  return true
}
