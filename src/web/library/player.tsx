/** Plays a recording in place, its parts one behind the other; one that grows plays as it stands. */

import { useEffect, useRef } from 'preact/hooks'
import type { RecordingSummary } from '../../wire/api/recordings.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Choice } from '../components/field.tsx'
import { Notice } from '../components/states.tsx'
import { nameOf, pathOf } from './library-store.ts'
import { t } from './library-texts.ts'
import type { Playback } from './playback.ts'
import { Thumbnail } from './recording-card.tsx'

export function Player({ recording, playback }: { recording: RecordingSummary; playback: Playback }) {
  const { id, state, pictures, partsAtMs, hasThumbnail, width, height, format, playable } = recording
  const video = useRef<HTMLVideoElement>(null)
  const parts = partsAtMs.length
  const isGrowing = state === 'recording'
  const isShown = pictures > 0 && playable.state === 'ready'
  useEffect(() => {
    playback.attach(video.current)
    return () => playback.attach(null)
  }, [playback, isShown])
  useEffect(() => {
    playback.partsAtMs.value = partsAtMs
  }, [playback, partsAtMs.join()])
  const wasGrowing = useRef(isGrowing)
  useEffect(() => {
    // The second it stops: the file is another now, and whole.
    if (wasGrowing.current && !isGrowing) playback.reload()
    wasGrowing.current = isGrowing
  }, [playback, isGrowing])
  if (pictures === 0)
    return (
      <div class="player">
        <div class="stage nothing">
          <p>{t().noFilm}</p>
        </div>
      </div>
    )
  const ratio = width && height ? width / height : 16 / 9
  if (!isShown)
    return (
      <div class="player">
        <div class="stage nothing" style={{ '--ratio': ratio }}>
          <Thumbnail recording={recording} />
        </div>
        <Unplayable recording={recording} />
      </div>
    )
  return (
    <div class="player">
      <div class="stage" style={{ '--ratio': ratio }}>
        {/* biome-ignore lint/a11y/useMediaCaption: cameras of this kind record no sound */}
        <video
          ref={video}
          src={playback.src.value}
          poster={hasThumbnail ? `${pathOf(id)}/thumbnail.jpg` : undefined}
          aria-label={nameOf(recording)}
          controls
          playsInline
          preload="metadata"
          onLoadedMetadata={playback.on.loadedmetadata}
          onTimeUpdate={playback.on.timeupdate}
          onSeeked={playback.on.timeupdate}
          onPlay={playback.on.play}
          onPause={playback.on.pause}
          onEnded={playback.on.ended}
          onError={playback.on.error}
        />
      </div>
      {parts > 1 && format === 'h264' && (
        <Choice
          label={t().parts}
          value={String(playback.part.value)}
          onChange={(part) => playback.seek({ part: Number(part), atMs: 0 })}
          options={Array.from({ length: parts }, (_, i) => ({
            value: String(i + 1),
            text: t().part(i + 1),
          }))}
        />
      )}
      {isGrowing ? (
        <Notice
          action={
            <Button icon="turning" onClick={() => playback.reload()}>
              {t().loadNew}
            </Button>
          }
        >
          {t().growing}
        </Notice>
      ) : (
        playback.failed.value && (
          <Notice
            kind="red"
            action={
              <LinkButton icon="download" href={`${playback.src.value.split('?')[0]}?download`} download="">
                {t().download}
              </LinkButton>
            }
          >
            {t().cannotPlay}
          </Notice>
        )
      )}
    </div>
  )
}

/** Why there is no film yet, and how far it is. */
function Unplayable({ recording: { state, playable } }: { recording: RecordingSummary }) {
  if (state === 'recording') return <Notice>{t().filmLater}</Notice>
  if (playable.state === 'none') return <Notice kind="amber">{t().filmNone}</Notice>
  const { progress } = playable
  return (
    <div class="making">
      <p class="figures">{makingText(progress)}</p>
      <progress max={1} value={progress ?? 0} aria-label={t().filmProgress} />
    </div>
  )
}

/** How far the film for browsers is; null: it waits for others. */
export function makingText(progress: number | null): string {
  return progress === null ? t().filmWaits : t().filmMaking(Math.floor(progress * 100))
}
