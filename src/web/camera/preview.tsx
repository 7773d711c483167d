/** The picture as it is recorded: the same crop, and the time where it is written in. Only mirrored it may be. */

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { burntTime } from './burnt-time.ts'
import { t } from './camera-texts.ts'
import { mirrors, picture } from './chosen.ts'
import { deviceNowMs } from './device-now.ts'
import { shapeOf } from './frame-shape.ts'
import { followFrames } from './frames.ts'
import { camera } from './page-worker.ts'
import { isFront, lenses, refreshSource, source } from './source.ts'

export function Preview({ stream }: { stream: MediaStream }) {
  const video = useRef<HTMLVideoElement>(null)
  const [size, setSize] = useState({ width: 0, height: 0 })
  useLayoutEffect(() => {
    const element = video.current!
    element.srcObject = stream
    // Where it may not begin by itself the first touch begins it.
    const play = () => void element.play().catch(() => {})
    play()
    document.addEventListener('pointerup', play)
    return () => {
      document.removeEventListener('pointerup', play)
      element.srcObject = null
    }
  }, [stream])
  useEffect(() => followFrames(video.current!), [stream])
  // A phone that is turned gives pictures of another size.
  const measure = () => {
    const { videoWidth: width, videoHeight: height } = video.current!
    setSize({ width, height })
    refreshSource()
  }
  const ratio = size.width === 0 ? 16 / 9 : ratioOf(size)
  const isMirrored = mirrors.value && isFront(source.value, lenses.value)
  return (
    <div class="picture" style={{ '--ratio': String(ratio) }} data-there={size.width > 0 || undefined}>
      <video
        ref={video}
        class={isMirrored ? 'mirrored' : ''}
        aria-label={t().preview}
        muted
        autoplay
        playsInline
        disablePictureInPicture
        onLoadedMetadata={measure}
        onResize={measure}
      />
      {picture.value.showsTime && <BurntTime />}
    </div>
  )
}

/** Width to height of what the worker records of a frame. */
function ratioOf(frame: { width: number; height: number }): number {
  const { rect } = shapeOf(frame, picture.value.ratio, picture.value.shortSide)
  return rect.width / rect.height
}

/** Where the worker writes it into the recorded picture. */
function BurntTime() {
  const atMs = deviceNowMs.value + (camera.value.aheadMs ?? 0)
  const [time, day] = burntTime(atMs)
  return (
    <p class="burnt figures" aria-hidden="true">
      <span>{time}</span>
      <span class="day">{day}</span>
    </p>
  )
}
