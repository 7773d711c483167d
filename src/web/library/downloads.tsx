/** The files of a recording, to be saved. The server gives them names for people. */

import type { RecordingSummary } from '../../wire/api/recordings.ts'
import { LinkButton } from '../components/button.tsx'
import { pathOf } from './library-store.ts'
import { t } from './library-texts.ts'
import { fileOfPart } from './playback.ts'

export function Downloads({ recording }: { recording: RecordingSummary }) {
  const { id, take, hasRaw } = recording
  return (
    <section class="downloads" aria-label={t().download}>
      <FilmLinks recording={recording} />
      {hasRaw && (
        <LinkButton icon="download" href={download(id, 'stream.h264')} download="">
          {t().raw}
        </LinkButton>
      )}
      <LinkButton icon="download" href={download(id, 'frames.csv')} download="">
        {t().csv}
      </LinkButton>
      {take !== null && <TakeDownload take={take} />}
    </section>
  )
}

/** The film, each of its parts; none when it has no picture. `isShort`: signs, and the numbers of parts where there are several. */
export function FilmLinks({
  recording: { id, partsAtMs, pictures },
  isShort = false,
}: {
  recording: RecordingSummary
  isShort?: boolean
}) {
  const parts = pictures === 0 ? 0 : Math.max(1, partsAtMs.length)
  return Array.from({ length: parts }, (_, i) => {
    const words = parts > 1 ? t().filmPart(i + 1) : t().film
    const file = fileOfPart(i + 1)
    return (
      <LinkButton
        key={file}
        kind={i === 0 && !isShort ? 'primary' : 'quiet'}
        icon="download"
        {...(isShort && { label: words })}
        href={download(id, file)}
        download=""
      >
        {!isShort ? words : parts > 1 ? i + 1 : undefined}
      </LinkButton>
    )
  })
}

function download(id: string, file: string): string {
  return `${pathOf(id)}/${file}?download`
}

export function TakeDownload({ take, kind }: { take: string; kind?: 'primary' }) {
  return (
    <LinkButton
      {...(kind && { kind })}
      icon="download"
      href={`/api/takes/${encodeURIComponent(take)}.zip`}
      download=""
    >
      {t().wholeTake}
    </LinkButton>
  )
}
