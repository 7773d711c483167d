/** The files of a recording, to be saved. The server gives them names for people. */

import type { RecordingSummary } from '../../wire/api/recordings.ts'
import { LinkButton } from '../components/button.tsx'
import { pathOf } from './library-store.ts'
import { t } from './library-texts.ts'
import { fileOfPart, PLAYABLE } from './playback.ts'

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

/**
 * The film, each of its parts; none when it has no picture. Of JPEG pictures first the one that is made for browsers.
 * `isShort`: signs, and the numbers of parts where there are several.
 */
export function FilmLinks({
  recording: { id, partsAtMs, pictures, format, playable },
  isShort = false,
}: {
  recording: RecordingSummary
  isShort?: boolean
}) {
  const isJpeg = format === 'jpeg'
  const count = pictures === 0 ? 0 : Math.max(1, partsAtMs.length)
  const films = Array.from({ length: count }, (_, i) => {
    const one = isJpeg ? t().asItCame : t().film
    const part = isJpeg ? t().asItCamePart : t().filmPart
    return {
      file: fileOfPart(i + 1),
      words: count > 1 ? part(i + 1) : one,
      sign: count > 1 ? i + 1 : undefined,
    }
  })
  if (isJpeg && playable.state === 'ready')
    films.splice(0, isShort ? count : 0, { file: PLAYABLE, words: t().filmH264, sign: undefined })
  return films.map(({ file, words, sign }, i) => (
    <LinkButton
      key={file}
      kind={i === 0 && !isShort ? 'primary' : 'quiet'}
      icon="download"
      {...(isShort && { label: words })}
      href={download(id, file)}
      download=""
    >
      {isShort ? sign : words}
    </LinkButton>
  ))
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
