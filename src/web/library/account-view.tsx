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

/** The account as the server last wrote it; undefined until it is there, or when it cannot be had. */
export function useAccount({ id, state, missing, gapCount }: RecordingSummary): Account | undefined {
  const account = useSignal<Account | undefined>(undefined)
  useEffect(() => {
    // Without it the headline is told all the same, from what the list knows.
    api<Account>('GET', `${pathOf(id)}/recording.json`).then(
      (found) => {
        account.value = found
      },
      () => {},
    )
  }, [id, state, missing, gapCount])
  return account.value
}

export function AccountView({
  recording,
  account,
  playback,
}: {
  recording: RecordingSummary
  account: Account | undefined
  playback: Playback
}) {
  const showsAll = useSignal(false)
  const first = headline(recording)
  const sentences = account ? sentencesOf(account) : []
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
