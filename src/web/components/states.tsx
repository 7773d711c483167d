/** What a view shows when it has nothing, waits, or failed: the same in every view. */

import type { ComponentChildren } from 'preact'
import { problemOf } from '../api/client.ts'
import { shared } from '../shared-texts.ts'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'

/** Nothing is here yet; says what would be, and how it comes here. `children`: what to do, buttons. */
export function Empty({
  icon,
  title,
  text,
  children,
}: {
  icon: IconName
  title: string
  text: string
  children?: ComponentChildren
}) {
  return (
    <div class="state">
      <div class="sign">
        <Icon name={icon} size={32} />
      </div>
      <h2>{title}</h2>
      <p>{text}</p>
      {children && <div class="actions">{children}</div>}
    </div>
  )
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
    <div class="state failing" role="alert">
      <div class="sign">
        <Icon name="alert" size={32} />
      </div>
      <h2>{shared().failed}</h2>
      <p>{problemOf(error)}</p>
      {onRetry && (
        <div class="actions">
          <Button icon="turning" onClick={onRetry}>
            {shared().retry}
          </Button>
        </div>
      )}
    </div>
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
