/** Buttons, and links that look like them. */

import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icon.tsx'

interface Look {
  /** `primary`: the one thing to do here. `quiet`: beside others. `danger`: takes something away. */
  kind?: 'primary' | 'quiet' | 'danger'
  icon?: IconName
  /** Words beside the icon; without them `label` must say what it does. */
  children?: ComponentChildren
  /** For screen readers and as a tooltip. */
  label?: string
  class?: string
}

interface ButtonProps extends Look {
  onClick?: (event: MouseEvent) => void
  disabled?: boolean
  type?: 'button' | 'submit'
  /** Pressed or not, for buttons that switch. */
  pressed?: boolean
  /** Id of the popover that it opens. */
  opens?: string
}

export function Button({ onClick, disabled, type = 'button', pressed, opens, ...look }: ButtonProps) {
  return (
    <button
      type={type}
      class={classOf(look)}
      onClick={onClick}
      disabled={disabled}
      aria-label={look.label}
      title={look.label}
      aria-pressed={pressed}
      popovertarget={opens}
    >
      {inside(look)}
    </button>
  )
}

interface LinkProps extends Look {
  href: string
  /** Name of the file that is saved; empty: the server's. */
  download?: string
  onClick?: (event: MouseEvent) => void
}

export function LinkButton({ href, download, onClick, ...look }: LinkProps) {
  return (
    <a
      class={classOf(look)}
      href={href}
      download={download}
      onClick={onClick}
      aria-label={look.label}
      title={look.label}
    >
      {inside(look)}
    </a>
  )
}

function classOf({ kind, children, class: own }: Look): string {
  return ['button', kind, children === undefined && 'icon-only', own].filter(Boolean).join(' ')
}

function inside({ icon, children }: Look) {
  return (
    <>
      {icon && <Icon name={icon} size={18} />}
      {children !== undefined && <span>{children}</span>}
    </>
  )
}
