/** The live picture of a board: the newest JPEG image of its console, drawn on a canvas; saved as it came. */

import { effect, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { camera } from '../api/room.ts'
import { Button } from '../components/button.tsx'
import { stampText } from '../format.ts'
import { nowMs } from '../now.ts'
import type { BoardConsole } from './board-console.ts'
import { isGone } from './board-state.ts'
import { t } from './boards-texts.ts'

export function BoardPicture({ dev, id, name }: { dev: BoardConsole; id: string; name: string }) {
  const screen = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  /** What is on the canvas. */
  const drawn = useSignal<Blob | undefined>(undefined)
  useEffect(() => {
    let isGone = false
    let isDrawing = false
    // While one is decoded the next ones pass: then the newest is taken.
    const draw = async () => {
      if (isDrawing) return
      isDrawing = true
      while (!isGone && canvas.current && dev.picture.peek() !== drawn.peek()) {
        const jpeg = dev.picture.peek()!
        await drawOn(canvas.current, jpeg)
        drawn.value = jpeg
      }
      isDrawing = false
    }
    const stop = effect(() => {
      if (dev.picture.value) void draw()
    })
    return () => {
      isGone = true
      stop()
    }
  }, [dev])
  const isCapturing = !isGone(id) && camera(id)?.value.board?.isCapturing === true
  const toggle = () => {
    if (document.fullscreenElement) void document.exitFullscreen()
    // Phones of some makers have none.
    else void screen.current?.requestFullscreen?.().catch(() => {})
  }
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== 'F11') return
      event.preventDefault()
      toggle()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [])
  return (
    <div
      ref={screen}
      class="screen"
      data-blank={drawn.value === undefined || undefined}
      data-gone={isGone(id) || undefined}
    >
      <canvas ref={canvas} />
      <button
        type="button"
        class="show"
        aria-label={t().pictureOf(name)}
        // Keys do not count clicks.
        onClick={({ detail }) => detail === 0 && toggle()}
        onDblClick={toggle}
      />
      {drawn.value === undefined && <p>{isCapturing ? t().notYet : t().noPicture}</p>}
      <div class="tools">
        <Button
          kind="quiet"
          icon="download"
          label={t().download}
          disabled={drawn.value === undefined}
          onClick={() => save(drawn.peek()!, `${name}_${stampText(nowMs.peek())}.jpg`)}
        />
        <Button kind="quiet" icon="expand" label={t().fullScreen} onClick={toggle} />
      </div>
    </div>
  )
}

/** Draws it; one that the browser cannot decode leaves what was there. */
async function drawOn(canvas: HTMLCanvasElement, jpeg: Blob): Promise<void> {
  const picture = await createImageBitmap(jpeg).catch(() => undefined)
  if (!picture) return
  if (canvas.width !== picture.width || canvas.height !== picture.height) {
    canvas.width = picture.width
    canvas.height = picture.height
  }
  canvas.getContext('2d', { alpha: false })?.drawImage(picture, 0, 0)
  picture.close()
}

function save(jpeg: Blob, fileName: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([jpeg], { type: 'image/jpeg' }))
  link.download = fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
