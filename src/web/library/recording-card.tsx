/** A recording in the list: its first picture, what it is called, and whether anything is missing. */

import type { RecordingSummary } from '../../wire/api/recordings.ts'
import { camera } from '../api/room.ts'
import { maySteer } from '../api/settings.ts'
import { Button } from '../components/button.tsx'
import { Icon } from '../components/icon.tsx'
import { bytesText, countText, durationText } from '../format.ts'
import { href } from '../router.ts'
import { change, deviceOf, nameOf, pathOf } from './library-store.ts'
import { t } from './library-texts.ts'
import { dayName, shortTime } from './when.ts'

/**
 * @param props.isOpen - It is shown beside the list.
 * @param props.when - What no heading above it says: the time, or the day too.
 */
export function RecordingCard({
  recording,
  isOpen,
  when,
}: {
  recording: RecordingSummary
  isOpen: boolean
  when?: 'time' | 'day' | undefined
}) {
  const { id, startedAtMs, bytes, star } = recording
  const name = nameOf(recording)
  const day = when === 'day' ? `${dayName(startedAtMs, Date.now())} ` : ''
  const time = when && `${day}${shortTime(startedAtMs)}`
  return (
    <article class={`card ${isOpen ? 'open' : ''}`} data-id={id}>
      <a class="picture" href={href('library', id)} aria-current={isOpen ? 'true' : undefined}>
        <span class="for-readers">{t().play(name)}</span>
        <Thumbnail recording={recording} />
        <Length recording={recording} />
      </a>
      <div class="about">
        <h3 title={name}>{name}</h3>
        <p class="soft figures">
          {[deviceOf(recording), time, bytesText(bytes)].filter(Boolean).join(' · ')}
        </p>
        <Marks recording={recording} />
      </div>
      {(maySteer.value || star) && (
        <Button
          kind="quiet"
          icon="star"
          class={`star ${star ? 'set' : ''}`}
          label={star ? t().unstar : t().star}
          pressed={star}
          disabled={!maySteer.value}
          onClick={() => void change(recording, { star: !star })}
        />
      )}
    </article>
  )
}

/** Its first picture; a camera's sign where there is none. */
export function Thumbnail({ recording }: { recording: RecordingSummary }) {
  const { id, hasThumbnail } = recording
  if (!hasThumbnail) return <Icon name="camera" size={32} class="no-picture" />
  return <img src={`${pathOf(id)}/thumbnail.jpg`} alt="" loading="lazy" decoding="async" />
}

/** While it is recorded, its camera tells how long it has become. */
export function Length({
  recording: { id, camera: cameraId, state, durationMs },
}: {
  recording: RecordingSummary
}) {
  if (state !== 'recording') return <span class="length figures">{durationText(durationMs)}</span>
  const live = camera(cameraId)?.value
  return (
    <span class="length figures running">
      <span class="dot" />
      <span class="for-readers">{t().recording}</span>
      {durationText(live?.recording === id ? live.durationMs : durationMs)}
    </span>
  )
}

/** What is worth a look, in a word each; nothing for a recording that is whole. */
export function Marks({ recording: { state, missing, gapCount } }: { recording: RecordingSummary }) {
  const pauses = missing === 0 && gapCount > 0
  if (missing === 0 && !pauses && state !== 'failed' && state !== 'recovered') return null
  return (
    <p class="marks">
      {missing > 0 && <span class="badge red">{t().missing(countText(missing))}</span>}
      {pauses && <span class="badge amber">{t().pauses(countText(gapCount), gapCount)}</span>}
      {state === 'failed' && <span class="badge red">{t().failed}</span>}
      {state === 'recovered' && <span class="badge">{t().recovered}</span>}
    </p>
  )
}
