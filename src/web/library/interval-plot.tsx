/** The time between pictures over the film: losses and pauses stand out, and are clicked to be watched. */

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Button } from '../components/button.tsx'
import { Icon } from '../components/icon.tsx'
import { Loading, Notice } from '../components/states.tsx'
import { useLineChart } from '../components/use-line-chart.ts'
import { countText } from '../format.ts'
import { shared } from '../shared-texts.ts'
import { type Account, beginOf } from './account-words.ts'
import { fetchFrames } from './frames-csv.ts'
import {
  filmMsOf,
  type Intervals,
  intervalsOf,
  type Mark,
  type Moment,
  marksOf,
  momentAt,
} from './intervals.ts'
import { pathOf } from './library-store.ts'
import { t } from './library-texts.ts'
import type { Playback } from './playback.ts'
import { placeText, spanText } from './when.ts'

/** More marks than these cannot be told apart: the longest are shown. */
const MAX_MARKS = 200
/** What is marked is watched from so long before it, in ms. */
const LEAD_MS = 500

type State = { kind: 'loading'; share: number } | { kind: 'there'; intervals: Intervals } | { kind: 'failed' }

/**
 * @param props.edition - Changes when frames.csv has: it is read anew.
 * @param props.account - Says where pictures are missing, and where the phone paused; undefined until it is there.
 */
export function IntervalPlot({
  id,
  edition,
  account,
  playback,
}: {
  id: string
  edition: string
  account: Account | undefined
  playback: Playback
}) {
  const state = useSignal<State>({ kind: 'loading', share: 0 })
  const attempt = useSignal(0)
  useEffect(() => {
    if (state.peek().kind === 'failed') state.value = { kind: 'loading', share: 0 }
    const abort = new AbortController()
    const tell = (share: number) => {
      if (state.peek().kind === 'loading') state.value = { kind: 'loading', share }
    }
    fetchFrames(`${pathOf(id)}/frames.csv`, abort.signal, tell).then(
      (frames) => {
        state.value = { kind: 'there', intervals: intervalsOf(frames) }
      },
      () => {
        if (!abort.signal.aborted) state.value = { kind: 'failed' }
      },
    )
    return () => abort.abort()
  }, [id, edition, attempt.value])
  const now = state.value
  if (now.kind === 'failed')
    return (
      <Notice
        kind="amber"
        action={
          <Button icon="turning" onClick={() => (attempt.value += 1)}>
            {shared().retry}
          </Button>
        }
      >
        {t().plotFailed}
      </Notice>
    )
  if (now.kind === 'loading')
    return (
      <div class="chart plot waiting">
        <Loading text={`${t().plotLoading} ${now.share > 0 ? `${Math.round(now.share * 100)} %` : ''}`} />
      </div>
    )
  if (now.intervals.filmMs.length === 0) return null
  const marks = account ? marksOf(now.intervals, account.integrity) : []
  const fail = () => {
    state.value = { kind: 'failed' }
  }
  const about = aboutOf(now.intervals, marks, account)
  return <Plot intervals={now.intervals} marks={marks} about={about} playback={playback} onFail={fail} />
}

function Plot({
  intervals,
  marks,
  about,
  playback,
  onFail,
}: {
  intervals: Intervals
  marks: readonly Mark[]
  about: string
  playback: Playback
  /** What draws could not be loaded. */
  onFail: () => void
}) {
  const { partStartsMs, filmMs } = intervals
  const hover = useSignal<{ filmMs: number; lengthMs: number } | undefined>(undefined)
  const { target } = useLineChart({
    load: async () => {
      const { drawIntervals } = await import('./interval-chart.ts')
      return (element) =>
        drawIntervals(element, intervals, (at) => {
          hover.value = at
        })
    },
    onFail,
    inputs: [intervals],
  })
  const endMs = filmMs.at(-1)!
  const share = (ms: number) => `${(100 * ms) / endMs}%`
  const watch = (moment: Moment) => playback.seek(moment)
  const shown = marks.length > MAX_MARKS ? longest(marks) : marks
  return (
    <figure class="chart plot">
      <figcaption class="figures">
        <span>{t().intervals}</span>
        <span class="soft">
          {hover.value ? t().hover(placeText(hover.value.filmMs), spanText(hover.value.lengthMs)) : about}
        </span>
      </figcaption>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the marks are buttons, and the film has its own control */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above */}
      <div
        class="canvas"
        onClick={({ currentTarget, clientX }) => {
          const area = currentTarget.querySelector('.marks-area')!.getBoundingClientRect()
          const at = Math.min(1, Math.max(0, (clientX - area.left) / area.width))
          watch(momentAt(at * endMs, partStartsMs))
        }}
      >
        <div ref={target} class="drawing" aria-hidden="true" />
        <div class="marks-area">
          {partStartsMs.slice(1).map((ms) => (
            <span key={ms} class="part-mark" style={{ left: share(ms) }} />
          ))}
          <Playhead playback={playback} intervals={intervals} />
          {shown.map((mark) => {
            const begin = beginOf(mark)
            const label = labelOf(mark, placeText(filmMsOf(begin, partStartsMs)))
            return (
              <button
                key={`${mark.part} ${mark.atMs}`}
                type="button"
                class={`mark ${mark.kind}`}
                style={{ left: share(filmMsOf(begin, partStartsMs)), width: share(mark.durationMs) }}
                aria-label={label}
                title={label}
                onClick={(event) => {
                  event.stopPropagation()
                  watch({ part: begin.part, atMs: Math.max(0, begin.atMs - LEAD_MS) })
                }}
              >
                <Icon name="alert" size={12} />
              </button>
            )
          })}
        </div>
      </div>
    </figure>
  )
}

/** By itself: it moves with every picture, the plot does not. */
function Playhead({ playback, intervals }: { playback: Playback; intervals: Intervals }) {
  const { filmMs, partStartsMs } = intervals
  const atMs = filmMsOf({ part: playback.part.value, atMs: playback.atMs.value }, partStartsMs)
  return <span class="playhead" style={{ left: `${Math.min(100, (100 * atMs) / filmMs.at(-1)!)}%` }} />
}

/** What the plot shows. Where nothing is missing every gap is a pause, and it is the number of the headline. */
function aboutOf({ typicalMs }: Intervals, marks: readonly Mark[], account: Account | undefined): string {
  const typical = t().plotTypical(spanText(typicalMs))
  if (!account) return typical
  const { missing, gapCount } = account.integrity
  const pauses = missing === 0 ? gapCount : marks.filter(({ kind }) => kind === 'pause').length
  const marked = marks.reduce((sum, { count }) => sum + count, 0)
  const lost = marked > 0 && t().plotMissing(countText(marked), marked)
  return [typical, t().plotPauses(countText(pauses), pauses), lost].filter(Boolean).join(' ')
}

function labelOf({ kind, count, durationMs }: Mark, place: string): string {
  return kind === 'loss' ? t().loss(countText(count), place) : t().pause(spanText(durationMs), place)
}

function longest(marks: readonly Mark[]): Mark[] {
  return marks
    .toSorted((a, b) => b.durationMs - a.durationMs)
    .slice(0, MAX_MARKS)
    .sort((a, b) => a.part - b.part || a.atMs - b.atMs)
}
