/** In place of the picture: why there is none, and what to do. */

import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button, LinkButton } from '../components/button.tsx'
import type { IconName } from '../components/icon.tsx'
import { State } from '../components/states.tsx'
import type { Inability } from './ability.ts'
import { keyHash } from './camera-key.ts'
import { securePage } from './secure-page.ts'
import type { SourceState } from './source.ts'
import { t } from './trouble-texts.ts'

/** What this browser lacks. `codecs`: what it could encode instead. */
export interface Trouble {
  reason: Inability | 'broken'
  codecs: string[]
}

export function Unable({ reason, codecs }: Trouble) {
  const text = reason === 'other-codecs-only' ? t()[reason](codecs.join(', ')) : t()[reason]
  return (
    <Words icon="alert" title={reason === 'not-secure' ? t().cannot : t().cannotBrowser} text={text} isFault>
      {reason === 'not-secure' && <ToSecurePage />}
      {reason === 'broken' && <Again text={t().reload} onClick={() => location.reload()} />}
    </Words>
  )
}

/** Where it can film, and what the browser will warn of there. */
function ToSecurePage() {
  const [url, setUrl] = useState<string | undefined>(undefined)
  useEffect(() => void securePage().then(setUrl), [])
  if (!url) return null
  return (
    <>
      <LinkButton kind="primary" href={url}>
        {t().openSecure}
      </LinkButton>
      <LinkButton href={`/trust${keyHash()}`}>{t().warning}</LinkButton>
    </>
  )
}

export function NoPicture({ state, onRetry }: { state: Exclude<SourceState, 'open'>; onRetry: () => void }) {
  if (state === 'asking') return <Words icon="camera" title={t().askingTitle} text={t().asking} />
  return (
    <Words icon="alert" title={t()[`${state}Title`]} text={t()[state]} isFault>
      <Again text={t().retry} onClick={onRetry} />
    </Words>
  )
}

export function Replaced() {
  return (
    <Words icon="info" title={t().replacedTitle} text={t().replaced}>
      <Again text={t().useThis} onClick={() => location.reload()} />
    </Words>
  )
}

export function Refused() {
  return (
    <Words icon="alert" title={t().refusedTitle} text={keyHash() ? t().refused : t().refusedKeyless} isFault>
      <Again text={t().retry} onClick={() => location.reload()} />
    </Words>
  )
}

function Again({ text, onClick }: { text: string; onClick: () => void }) {
  return (
    <Button kind="primary" onClick={onClick}>
      {text}
    </Button>
  )
}

function Words(props: {
  icon: IconName
  title: string
  text: string
  isFault?: boolean
  children?: ComponentChildren
}) {
  return <State {...props} role={props.isFault ? 'alert' : 'status'} />
}
