/** A take: all its recordings side by side, played in step, and fetched as one. */

import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { RecordingSummary, TakeView as Take } from '../../wire/api/recordings.ts'
import { camerasOf } from '../../wire/take-cameras.ts'
import { lengthOf } from '../../wire/take-length.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Empty, Failing, Loading } from '../components/states.tsx'
import { bytesText, countText, durationText, timeText } from '../format.ts'
import { go, href } from '../router.ts'
import { headline } from './account-words.ts'
import { FilmLinks, TakeDownload } from './downloads.tsx'
import { useTake } from './followed.ts'
import { nameOf, pathOf } from './library-store.ts'
import { t } from './library-texts.ts'
import { inTakeOrder } from './listing.ts'
import { fileOfPart, PLAYABLE } from './playback.ts'
import { makingText } from './player.tsx'
import { Length, Thumbnail } from './recording-card.tsx'
import { TakePlayback } from './take-playback.ts'
import { dayName, placeText } from './when.ts'

/** Cameras of a take begin and end a little apart: that is not worth a word, in ms. */
const NEAR_MS = 500

export function TakeView({ id }: { id: string }) {
  const state = useTake(id)
  if (state.kind === 'loading') return <Loading />
  if (state.kind === 'failed') return <Failing error={state.error} onRetry={state.retry} />
  if (state.kind === 'gone')
    return (
      <Empty icon="library" title={t().takeGoneTitle} text={t().takeGoneText}>
        <LinkButton href={href('library')}>{t().back}</LinkButton>
      </Empty>
    )
  if (state.it.recordings.length === 0)
    return (
      <Empty icon="library" title={t().takeEmptyTitle} text={t().takeEmptyText}>
        <LinkButton href={href('library')}>{t().back}</LinkButton>
      </Empty>
    )
  return <Detail take={state.it} />
}

function Detail({ take }: { take: Take }) {
  const { id, bytes } = take
  const recordings = inTakeOrder(take.recordings)
  const cameras = camerasOf(recordings)
  const playback = useMemo(() => new TakePlayback(), [id])
  const beganAtMs = Math.min(...recordings.map(({ startedAtMs }) => startedAtMs))
  const lengthMs = lengthOf(recordings)
  useEffect(() => () => playback.close(), [playback])
  useEffect(() => {
    playback.lengthMs.value = lengthMs
  }, [playback, lengthMs])
  return (
    <article class="detail">
      <header class="detail-head">
        <Button kind="quiet" icon="back" label={t().back} onClick={() => go('library')} />
        <div class="naming">
          <h1>{t().take(`${dayName(beganAtMs, Date.now())} ${timeText(beganAtMs)}`)}</h1>
          <p class="soft figures">
            {[t().takeCameras(countText(cameras), cameras), durationText(lengthMs), bytesText(bytes)].join(
              ' · ',
            )}
            {recordings.some(({ state }) => state === 'recording') && (
              <span class="badge red">{t().recording}</span>
            )}
          </p>
        </div>
        <TakeDownload take={id} kind="primary" />
      </header>
      <Transport playback={playback} />
      <ul class="films">
        {recordings.map((one) => (
          <Film key={one.id} recording={one} playback={playback} beganAtMs={beganAtMs} />
        ))}
      </ul>
    </article>
  )
}

function Transport({ playback }: { playback: TakePlayback }) {
  const { isPlaying, positionMs, lengthMs } = playback
  const plays = isPlaying.value
  return (
    <div class="transport panel">
      <Button
        kind="primary"
        icon={plays ? 'pause' : 'play'}
        onClick={() => (plays ? playback.pause() : playback.play())}
      >
        {plays ? t().pauseAll : t().playAll}
      </Button>
      <input
        type="range"
        min={0}
        max={Math.ceil(lengthMs.value)}
        step={100}
        value={positionMs.value}
        aria-label={t().position}
        aria-valuetext={placeText(positionMs.value)}
        onInput={({ currentTarget }) => playback.seek(Number(currentTarget.value))}
      />
      <span class="figures soft">
        {placeText(positionMs.value)} / {placeText(lengthMs.value)}
      </span>
    </div>
  )
}

function Film({
  recording,
  playback,
  beganAtMs,
}: {
  recording: RecordingSummary
  playback: TakePlayback
  beganAtMs: number
}) {
  const { id, pictures, startedAtMs, state, partsAtMs, hasThumbnail, format, playable } = recording
  const video = useRef<HTMLVideoElement>(null)
  const isOneFile = format === 'jpeg'
  const isReady = pictures > 0 && playable.state === 'ready'
  const begins = (isOneFile ? [0] : partsAtMs).map((atMs) => startedAtMs - beganAtMs + atMs).join()
  useEffect(() => {
    if (!video.current) return undefined
    const file = (part: number) => `${pathOf(id)}/${isOneFile ? PLAYABLE : fileOfPart(part)}`
    return playback.attach({
      video: video.current,
      beginsMs: begins.split(',').map(Number),
      srcOf: (part) => (state === 'recording' ? `${file(part)}?v=growing` : file(part)),
    })
    // A recording that was closed is other files.
  }, [playback, id, state, begins, isReady])
  const name = nameOf(recording)
  const { weight, text } = headline(recording)
  return (
    <li class="film">
      <a class="picture" href={href('library', id)} aria-label={t().play(name)}>
        {!isReady ? (
          <Thumbnail recording={recording} />
        ) : (
          <video
            ref={video}
            poster={hasThumbnail ? `${pathOf(id)}/thumbnail.jpg` : undefined}
            muted
            playsInline
            preload="auto"
            tabIndex={-1}
          />
        )}
        {playable.state === 'making' ? (
          <span class="outside">{makingText(playable.progress)}</span>
        ) : (
          <Outside recording={recording} playback={playback} beganAtMs={beganAtMs} />
        )}
        {state === 'recording' && <Length recording={recording} />}
      </a>
      <div class="about">
        <h2 title={name}>{name}</h2>
        <p class={`said ${weight}`}>{text}</p>
      </div>
      <div class="files">
        <FilmLinks recording={recording} isShort />
      </div>
    </li>
  )
}

/** Why a film stands still: its camera recorded at other moments of the take. */
function Outside({
  recording: { startedAtMs, durationMs, state },
  playback,
  beganAtMs,
}: {
  recording: RecordingSummary
  playback: TakePlayback
  beganAtMs: number
}) {
  const atMs = beganAtMs + playback.positionMs.value
  if (atMs < startedAtMs - NEAR_MS) return <span class="outside">{t().notYet}</span>
  const isOver = state !== 'recording' && atMs > startedAtMs + durationMs + NEAR_MS
  return isOver ? <span class="outside">{t().over}</span> : null
}
