/** The list of recordings in groups; the next page comes before its end is reached. */

import { computed } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { camerasOf } from '../../wire/take-cameras.ts'
import { lengthOf } from '../../wire/take-length.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Empty, Failing, Loading, Notice } from '../components/states.tsx'
import { bytesText, countText, durationText, timeText } from '../format.ts'
import { href } from '../router.ts'
import { shared } from '../shared-texts.ts'
import {
  groups,
  hasMore,
  listState,
  load,
  loadMore,
  moreFailed,
  narrowed,
  recordings,
  search,
  takeCameras,
  total,
} from './library-store.ts'
import { t } from './library-texts.ts'
import { EVERYTHING, type Group } from './listing.ts'
import { RecordingCard } from './recording-card.tsx'
import { Toolbar } from './toolbar.tsx'
import { dayName } from './when.ts'

/** How far before the end the next page is fetched, in CSS pixels. */
const AHEAD = '1600px'
/** Groups or recordings that are laid out together: full rows of 2, 3, 4, 6 and 8. */
const SLICE = 24
const count = computed(() => recordings.value.length)

/** @param props.open - Id of the recording or take that is open beside the list. */
export function RecordingList({
  scroller,
  open,
}: {
  scroller: RefObject<HTMLElement | null>
  open: string | undefined
}) {
  return (
    <div class="library-page">
      <header class="library-head">
        <h1>{t().library}</h1>
        {listState.value.kind === 'ready' && (
          <span class="soft figures" role="status">
            {t().count(countText(total.value), total.value)}
          </span>
        )}
      </header>
      <Toolbar />
      <Content open={open} />
      {listState.value.kind === 'ready' && <More scroller={scroller} />}
    </div>
  )
}

function Content({ open }: { open: string | undefined }) {
  const state = listState.value
  if (state.kind === 'loading') return <Loading />
  if (state.kind === 'failed') return <Failing error={state.error} onRetry={load} />
  if (count.value === 0) return narrowed.value ? <NothingFits /> : <NothingYet />
  if (!groups.value)
    return (
      <div>
        {slices(recordings.value).map((slice) => (
          <div key={slice[0]!.id} class="slice cards">
            {slice.map((recording) => (
              <RecordingCard
                key={recording.id}
                recording={recording}
                isOpen={open === recording.id}
                when="day"
              />
            ))}
          </div>
        ))}
      </div>
    )
  return (
    <div>
      {slices(groups.value).map((slice) => (
        <div key={slice[0]!.key} class="slice groups">
          {slice.map((group) => (
            <GroupView key={group.key} group={group} open={open} />
          ))}
        </div>
      ))}
    </div>
  )
}

/** Browsers lay out what is in sight alone, but only as a whole: slices are such wholes. */
function slices<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / SLICE)
  return Array.from({ length: count }, (_, i) => all.slice(i * SLICE, (i + 1) * SLICE))
}

function NothingYet() {
  return (
    <Empty icon="library" title={t().emptyTitle} text={t().emptyText}>
      <LinkButton kind="primary" icon="live" href={href('live')}>
        {t().toLive}
      </LinkButton>
    </Empty>
  )
}

function NothingFits() {
  return (
    <Empty icon="search" title={t().nothingTitle} text={t().nothingText}>
      <Button icon="close" onClick={() => search({ ...EVERYTHING })}>
        {t().clear}
      </Button>
    </Empty>
  )
}

function GroupView({ group, open }: { group: Group; open: string | undefined }) {
  const { key, take, recordings: members, kind, startedAtMs } = group
  const id = `group-${key}`
  const seen = camerasOf(members)
  const all = Math.max(seen, takeCameras.value[take ?? ''] ?? 0)
  const bytes = members.reduce((sum, one) => sum + one.bytes, 0)
  const about =
    kind === 'day'
      ? [t().count(countText(members.length), members.length), bytesText(bytes)]
      : take === undefined
        ? [members.some(({ format }) => format === 'jpeg') ? t().singleOfBoard : t().single]
        : [
            all > seen ? t().someCameras(seen, all) : t().takeCameras(countText(seen), seen),
            durationText(lengthOf(members)),
            bytesText(bytes),
          ]
  const day = dayName(startedAtMs, Date.now())
  return (
    <section
      class={`group ${kind} ${take !== undefined && take === open ? 'open' : ''}`}
      aria-labelledby={id}
      style={{ '--members': members.length }}
    >
      <header>
        <div>
          <h2 id={id}>{kind === 'day' ? day : `${day} ${timeText(startedAtMs)}`}</h2>
          <p class="soft figures">{about.join(' · ')}</p>
        </div>
        {take !== undefined && (
          <LinkButton kind="quiet" icon="forward" href={href('library', 'take', take)} label={t().openTake} />
        )}
      </header>
      <div class="cards">
        {members.map((recording) => (
          <RecordingCard
            key={recording.id}
            recording={recording}
            isOpen={open === recording.id}
            when={kind === 'day' ? 'time' : undefined}
          />
        ))}
      </div>
    </section>
  )
}

/** Comes into sight before the end of the list does. */
function More({ scroller }: { scroller: RefObject<HTMLElement | null> }) {
  const mark = useRef<HTMLDivElement>(null)
  const loaded = count.value
  // Looks anew after each page: the mark may still be in sight.
  useEffect(() => {
    if (!mark.current) return undefined
    const observer = new IntersectionObserver(
      ([entry]) => entry?.isIntersecting && !moreFailed.peek() && void loadMore(),
      { root: scroller.current, rootMargin: AHEAD },
    )
    observer.observe(mark.current)
    return () => observer.disconnect()
  }, [loaded])
  if (!hasMore()) return null
  return (
    <div ref={mark} class="more">
      {moreFailed.value ? (
        <Notice kind="amber" action={<Button onClick={loadMore}>{shared().retry}</Button>}>
          {t().moreFailed}
        </Notice>
      ) : (
        <p class="soft">{t().more}</p>
      )}
    </div>
  )
}
