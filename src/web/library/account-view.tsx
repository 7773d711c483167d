/** The integrity account of a recording, in words; what has a place in the film can be clicked. */

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RecordingSummary } from '../../wire/api/recordings.ts'
import { api } from '../api/client.ts'
import { Button } from '../components/button.tsx'
import { Icon, type IconName } from '../components/icon.tsx'
import { countText } from '../format.ts'
import { type Account, headline, type Sentence, sentencesOf, type Weight } from './account-words.ts'
import { pathOf } from './library-store.ts'
import { t } from './library-texts.ts'
import type { Playback } from './playback.ts'

/** So many sentences are shown before one asks for all. */
const FEW = 6
const ICONS: Record<Weight, IconName> = { good: 'check', note: 'info', bad: 'alert' }

export function AccountView({ recording, playback }: { recording: RecordingSummary; playback: Playback }) {
  const { id, state, missing, gapCount } = recording
  const account = useSignal<Account | undefined>(undefined)
  const showsAll = useSignal(false)
  useEffect(() => {
    // The rest is told in its place when it cannot be had: the headline needs no more than the list knows.
    api<Account>('GET', `${pathOf(id)}/recording.json`).then(
      (found) => {
        account.value = found
      },
      () => {},
    )
  }, [id, state, missing, gapCount])
  const first = headline(recording)
  const sentences = account.value ? sentencesOf(account.value) : []
  const shown = showsAll.value ? sentences : sentences.slice(0, FEW)
  return (
    <section class="account" aria-label={t().account}>
      <p class={`headline ${first.weight}`}>
        <Icon name={ICONS[first.weight]} />
        <span>{first.text}</span>
      </p>
      {shown.length > 0 && (
        <ul>
          {shown.map((sentence, i) => (
            <SentenceView key={i} sentence={sentence} playback={playback} />
          ))}
        </ul>
      )}
      {shown.length < sentences.length && (
        <Button kind="quiet" onClick={() => (showsAll.value = true)}>
          {t().allPlaces(countText(sentences.length))}
        </Button>
      )}
    </section>
  )
}

function SentenceView({
  sentence: { weight, text, moment },
  playback,
}: {
  sentence: Sentence
  playback: Playback
}) {
  return (
    <li class={weight}>
      {moment && moment.part > 0 ? (
        <button type="button" onClick={() => playback.seek(moment)} title={t().watch}>
          <span>{text}</span>
          <Icon name="play" size={14} />
        </button>
      ) : (
        <span>{text}</span>
      )}
    </li>
  )
}
