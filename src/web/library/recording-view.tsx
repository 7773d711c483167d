/** One recording: watch it, see what arrived, call it something, fetch it, delete it. */

import { useEffect, useMemo } from 'preact/hooks'
import type { RecordingSummary } from '../../wire/api/recordings.ts'
import { maySteer } from '../api/settings.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Empty, Failing, Loading } from '../components/states.tsx'
import { bytesText, countText, durationText, timeText } from '../format.ts'
import { go, href } from '../router.ts'
import { AccountView, useAccount } from './account-view.tsx'
import { Downloads } from './downloads.tsx'
import { useRecording, useTake } from './followed.ts'
import { IntervalPlot } from './interval-plot.tsx'
import { change, deviceOf, nameOf, remove } from './library-store.ts'
import { t } from './library-texts.ts'
import { inTakeOrder } from './listing.ts'
import { NameField, NoteField } from './naming.tsx'
import { momentAt, Playback } from './playback.ts'
import { Player } from './player.tsx'
import { Marks, Thumbnail } from './recording-card.tsx'
import { dayName } from './when.ts'

/** The moment that was watched, for another camera of the same take: ms since 1970. */
let lookedAt: { take: string; atMs: number } | undefined

export function RecordingView({ id }: { id: string }) {
  const state = useRecording(id)
  if (state.kind === 'loading') return <Loading />
  if (state.kind === 'failed') return <Failing error={state.error} onRetry={state.retry} />
  if (state.kind === 'gone')
    return (
      <Empty icon="library" title={t().goneTitle} text={t().goneText}>
        <LinkButton href={href('library')}>{t().back}</LinkButton>
      </Empty>
    )
  return <Detail recording={state.it} />
}

function Detail({ recording }: { recording: RecordingSummary }) {
  const { id, take, startedAtMs, state, star, pictures, partsAtMs } = recording
  const playback = useMemo(() => new Playback(recording), [id])
  const account = useAccount(recording)
  useEffect(() => {
    if (take === null) return undefined
    const wanted = lookedAt?.take === take ? lookedAt.atMs - startedAtMs : 0
    lookedAt = undefined
    if (wanted > 0) playback.seek(momentAt(partsAtMs, wanted))
    return () => {
      const beginsMs = partsAtMs[playback.part.peek() - 1] ?? 0
      lookedAt = { take, atMs: startedAtMs + beginsMs + playback.atMs.peek() }
    }
  }, [playback])
  return (
    <article class="detail">
      <header class="detail-head">
        <Button kind="quiet" icon="back" label={t().back} onClick={() => go('library')} />
        <div class="naming">
          <NameField recording={recording} />
          <p class="soft figures">
            {[deviceOf(recording), `${dayName(startedAtMs, Date.now())} ${timeText(startedAtMs)}`]
              .filter(Boolean)
              .join(' · ')}
          </p>
        </div>
        {maySteer.value && (
          <Button
            kind="quiet"
            icon="star"
            class={`star ${star ? 'set' : ''}`}
            label={star ? t().unstar : t().star}
            pressed={star}
            onClick={() => void change(recording, { star: !star })}
          />
        )}
        {maySteer.value && state !== 'recording' && (
          <Button
            kind="quiet"
            icon="trash"
            label={t().delete}
            onClick={() => {
              go('library')
              void remove(recording)
            }}
          />
        )}
      </header>
      <Player recording={recording} playback={playback} />
      <AccountView recording={recording} account={account} playback={playback} />
      <IntervalPlot
        id={id}
        edition={`${state} ${playback.version.value}`}
        account={account}
        playback={playback}
      />
      <Downloads recording={recording} />
      {take !== null && <Angles take={take} id={id} />}
      <NoteField recording={recording} />
      <section class="facts-list" aria-label={t().facts}>
        <dl class="figures">
          <Fact name={t().length} value={durationText(recording.durationMs)} />
          <Fact name={t().pictures} value={countText(pictures)} />
          {recording.width !== null && (
            <Fact name={t().size} value={`${recording.width} × ${recording.height}`} />
          )}
          <Fact name={t().bytes} value={bytesText(recording.bytes)} />
          <Fact name={t().camera} value={recording.camera} />
          <Fact name={t().id} value={id} />
        </dl>
      </section>
    </article>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

/** The other recordings of its take: they begin at the moment that was watched here. */
function Angles({ take, id }: { take: string; id: string }) {
  const state = useTake(take)
  if (state.kind !== 'there') return null
  const others = inTakeOrder(state.it.recordings).filter((one) => one.id !== id)
  if (others.length === 0) return null
  return (
    <section class="angles" aria-labelledby="angles">
      <header>
        <h2 id="angles">{t().angles}</h2>
        <LinkButton kind="quiet" icon="live" href={href('library', 'take', take)}>
          {t().openTake}
        </LinkButton>
      </header>
      <ul>
        {others.map((one) => (
          <li key={one.id}>
            <a href={href('library', one.id)} aria-label={t().play(nameOf(one))}>
              <span class="picture">
                <Thumbnail recording={one} />
              </span>
              <span>{nameOf(one)}</span>
            </a>
            <Marks recording={one} />
          </li>
        ))}
      </ul>
    </section>
  )
}
