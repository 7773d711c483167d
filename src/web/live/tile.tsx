/** A camera on the screen: its picture, and below it a bar with lamp, name and figures, as studio monitors have. */

import type { ReadonlySignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { CameraView } from '../../wire/api/cameras.ts'
import { take } from '../api/room.ts'
import { maySteer } from '../api/settings.ts'
import { Button } from '../components/button.tsx'
import { Icon } from '../components/icon.tsx'
import { toast } from '../components/toasts.tsx'
import { isChosen, setChosen } from '../control/chosen.ts'
import { t as control } from '../control/control-texts.ts'
import { durationText, stampText } from '../format.ts'
import { nowMs } from '../now.ts'
import { go } from '../router.ts'
import { type CameraHealth, healthOf } from './camera-health.ts'
import { nameOf } from './camera-names.ts'
import type { Box } from './layout.ts'
import { t } from './live-texts.ts'
import { LivePicture, type Picture, savePicture } from './picture.tsx'
import { canPlay, streamStatus } from './player.ts'
import { TileEdit } from './tile-edit.tsx'
import { TileFigures } from './tile-figures.tsx'

/** A second click within this makes a double one of it, in ms. */
const DOUBLE_MS = 220

export function Tile({
  camera: source,
  box,
  isBig,
}: {
  camera: ReadonlySignal<CameraView>
  box: Box
  isBig: boolean
}) {
  const camera = source.value
  const health = healthOf(camera, nowMs.value)
  const [isEditing, setEditing] = useState(false)
  const tile = useRef<HTMLElement>(null)
  const picture = useRef<Picture>(null)
  const name = nameOf(camera)
  const isIn = isChosen(camera.id)
  const choose = (takesPart: boolean) => {
    setChosen(camera.id, takesPart)
    if (!takesPart && take.peek() !== null) toast({ text: control().fromNext })
  }
  return (
    <article
      ref={tile}
      class="tile"
      aria-label={name}
      data-colour={camera.colour}
      data-state={camera.state}
      data-level={health.level}
      data-big={isBig || undefined}
      data-out={!isIn || undefined}
      style={styleOf(box)}
    >
      <div class="screen">
        {canPlay && <LivePicture key={camera.id} camera={camera.id} picture={picture} />}
        <Show name={name} camera={camera.id} isBig={isBig} tile={tile} />
        <Over camera={camera} health={health} isIn={isIn} />
        <Tools camera={camera} tile={tile} picture={picture} />
        {isEditing && <TileEdit camera={camera} onDone={() => setEditing(false)} />}
      </div>
      <footer class="bar">
        <span class="lamp" />
        <div class="who">
          <h3 title={camera.id}>{name}</h3>
          <TileFigures camera={camera} health={health} />
        </div>
        {maySteer.value && (
          <div class="does">
            <Button
              kind="quiet"
              icon="edit"
              label={t().edit(name)}
              pressed={isEditing}
              onClick={() => setEditing(!isEditing)}
            />
            <label class="tick" title={t().takePart(name)}>
              <input
                type="checkbox"
                aria-label={t().takePart(name)}
                checked={isIn}
                onChange={(event) => choose(event.currentTarget.checked)}
              />
            </label>
          </div>
        )}
      </footer>
    </article>
  )
}

/** A pinned tile stands in the flow, where `sticky` works; the others are placed. */
function styleOf({ left, top, width, height, isPinned }: Box): Record<string, string> {
  const size = { width: `${width}px`, height: `${height}px` }
  if (!isPinned) return { ...size, position: 'absolute', left: `${left}px`, top: `${top}px`, margin: '0' }
  return { ...size, position: 'sticky', left: 'auto', top: `${top}px`, margin: `${top}px 0 0 ${left}px` }
}

/** The picture as a button: one click shows it big or all again, two fill the screen. */
function Show({
  name,
  camera,
  isBig,
  tile,
}: {
  name: string
  camera: string
  isBig: boolean
  tile: RefObject<HTMLElement | null>
}) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const show = () => (isBig ? go('live') : go('live', camera))
  return (
    <button
      type="button"
      class="show"
      aria-label={isBig ? t().showAll : t().showBig(name)}
      onClick={(event) => {
        clearTimeout(timer.current)
        // Keys do not count clicks.
        if (event.detail === 0) show()
        else if (event.detail === 1) timer.current = setTimeout(show, DOUBLE_MS)
        else if (event.detail === 2) toggleFullScreen(tile.current)
      }}
    />
  )
}

/** What stands on the picture: that it is recorded, or why there is none. */
function Over({ camera, health, isIn }: { camera: CameraView; health: CameraHealth; isIn: boolean }) {
  const status = streamStatus(camera.id).value
  const isCut = status !== undefined && status.state !== 'playing' && health.level === 'good'
  const saying =
    status?.state === 'undecodable' ? t().undecodable : isCut ? t().noPictureYet : sayingText(health)
  const notice = camera.phone?.notice ?? ''
  const isBlank = (status?.width ?? null) === null && health.level !== 'bad'
  const elapsed =
    camera.recordingStartedAtMs === null ? undefined : durationText(nowMs.value - camera.recordingStartedAtMs)
  return (
    <div class="over">
      <div class="top">
        {camera.state === 'recording' && elapsed !== undefined && (
          <span class="rec figures">
            <span class="dot" />
            <span aria-hidden="true">{elapsed}</span>
            <span class="for-readers">{t().recordingFor(elapsed)}</span>
          </span>
        )}
        {status?.isSlow && health.level !== 'idle' && (
          <span class="chip" title={t().slowLong}>
            <Icon name="slow" size={14} />
            <span>{t().slow}</span>
            <span class="why">{t().slowWhy}</span>
          </span>
        )}
        {!isIn && <span class="chip">{t().notInTake}</span>}
      </div>
      {isBlank ? (
        <div class="blank">
          <Icon name="camera" size={36} />
          <p>{saying}</p>
        </div>
      ) : (
        <p class={`saying ${saying === '' && notice !== '' ? 'warning' : health.level}`}>
          {saying || notice}
        </p>
      )}
    </div>
  )
}

function Tools({
  camera,
  tile,
  picture,
}: {
  camera: CameraView
  tile: RefObject<HTMLElement | null>
  picture: RefObject<Picture | null>
}) {
  const save = async () => {
    const isSaved =
      picture.current &&
      (await savePicture(picture.current, `${nameOf(camera)}_${stampText(nowMs.peek())}.png`))
    if (!isSaved) toast({ text: t().noPicture })
  }
  return (
    <div class="tools">
      {canPlay && <Button kind="quiet" icon="snapshot" label={t().snapshot} onClick={save} />}
      <Button
        kind="quiet"
        icon="expand"
        label={t().fullScreen}
        onClick={() => toggleFullScreen(tile.current)}
      />
    </div>
  )
}

function toggleFullScreen(tile: HTMLElement | null): void {
  if (document.fullscreenElement) void document.exitFullscreen()
  // Phones of some makers have none.
  else void tile?.requestFullscreen?.().catch(() => {})
}

export function sayingText({ saying, silentMs }: CameraHealth): string {
  switch (saying) {
    case 'none':
      return ''
    case 'silent':
      return t().silent(Math.floor(silentMs / 1000))
    case 'disk-full':
      return t().diskFull
    case 'disk-failed':
      return t().diskFailed
    default:
      return t()[saying]
  }
}
