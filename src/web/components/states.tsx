/** What a view shows when it has nothing, waits, or failed: the same in every view. */

import type { ComponentChildren } from 'preact'
import { problemOf } from '../api/client.ts'
import { shared } from '../shared-texts.ts'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'

/** A sign, what it is, why, and what to do: buttons. */
export function State({
  icon,
  title,
  text,
  role,
  isFault = false,
  children,
}: {
  icon: IconName
  title: string
  text: string
  role?: 'status' | 'alert'
  isFault?: boolean
  children?: ComponentChildren
}) {
  return (
    <div class={`state ${isFault ? 'failing' : ''}`} {...(role && { role })}>
      <div class="sign">
        <Icon name={icon} size={32} />
      </div>
      <h2>{title}</h2>
      <p>{text}</p>
      {children && <div class="actions">{children}</div>}
    </div>
  )
}

/** Nothing is here yet; says what would be, and how it comes here. `children`: what to do, buttons. */
export function Empty(props: { icon: IconName; title: string; text: string; children?: ComponentChildren }) {
  return <State {...props} />
}

export function Loading({ text }: { text?: string }) {
  return (
    <div class="state" role="status">
      <div class="sign">
        <Icon name="turning" size={32} class="turning" />
      </div>
      <p>{text ?? shared().loading}</p>
    </div>
  )
}

/** It could not be had; says why, and offers to try again. */
export function Failing({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <State icon="alert" title={shared().failed} text={problemOf(error)} role="alert" isFault>
      {onRetry && (
        <Button icon="turning" onClick={onRetry}>
          {shared().retry}
        </Button>
      )}
    </State>
  )
}

/** A sentence that stays above or within a view. */
export function Notice({
  kind = 'plain',
  children,
  action,
}: {
  kind?: 'plain' | 'amber' | 'red'
  children: ComponentChildren
  action?: ComponentChildren
}) {
  return (
    <div class={`notice ${kind}`} role={kind === 'red' ? 'alert' : 'status'}>
      <Icon name={kind === 'plain' ? 'info' : 'alert'} />
      <p>{children}</p>
      {action}
    </div>
  )
}
