/** The files of a recording, to be saved. The server gives them names for people. */

import type { RecordingSummary } from '../../wire/api/recordings.ts'
import { LinkButton } from '../components/button.tsx'
import { pathOf } from './library-store.ts'
import { t } from './library-texts.ts'
import { fileOfPart, PLAYABLE } from './playback.ts'

export function Downloads({ recording }: { recording: RecordingSummary }) {
  const { id, partsAtMs, take, pictures, format, playable } = recording
  const link = (file: string) => `${pathOf(id)}/${file}?download`
  const isJpeg = format === 'jpeg'
  const words = isJpeg ? { one: t().asItCame, part: t().asItCamePart } : { one: t().film, part: t().filmPart }
  return (
    <section class="downloads" aria-label={t().download}>
      {isJpeg && playable.state === 'ready' && (
        <LinkButton kind="primary" icon="download" href={link(PLAYABLE)} download="">
          {t().filmH264}
        </LinkButton>
      )}
      {Array.from({ length: pictures === 0 ? 0 : Math.max(1, partsAtMs.length) }, (_, i) => (
        <LinkButton
          key={fileOfPart(i + 1)}
          kind={i === 0 && !isJpeg ? 'primary' : 'quiet'}
          icon="download"
          href={link(fileOfPart(i + 1))}
          download=""
        >
          {partsAtMs.length > 1 ? words.part(i + 1) : words.one}
        </LinkButton>
      ))}
      {!isJpeg && (
        <LinkButton icon="download" href={link('stream.h264')} download="">
          {t().raw}
        </LinkButton>
      )}
      <LinkButton icon="download" href={link('frames.csv')} download="">
        {t().csv}
      </LinkButton>
      {take !== null && <TakeDownload take={take} />}
    </section>
  )
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
