/** The files of a recording, to be saved. The server gives them names for people. */

import type { RecordingSummary } from '../../wire/api/recordings.ts'
import { LinkButton } from '../components/button.tsx'
import { pathOf } from './library-store.ts'
import { t } from './library-texts.ts'
import { fileOfPart } from './playback.ts'

export function Downloads({ recording: { id, partsAtMs, take, pictures } }: { recording: RecordingSummary }) {
  const link = (file: string) => `${pathOf(id)}/${file}?download`
  return (
    <section class="downloads" aria-label={t().download}>
      {Array.from({ length: pictures === 0 ? 0 : Math.max(1, partsAtMs.length) }, (_, i) => (
        <LinkButton
          key={fileOfPart(i + 1)}
          kind={i === 0 ? 'primary' : 'quiet'}
          icon="download"
          href={link(fileOfPart(i + 1))}
          download=""
        >
          {partsAtMs.length > 1 ? t().filmPart(i + 1) : t().film}
        </LinkButton>
      ))}
      <LinkButton icon="download" href={link('stream.h264')} download="">
        {t().raw}
      </LinkButton>
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
