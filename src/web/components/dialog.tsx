/** A window above the page: the browser's own <dialog>, which keeps the focus inside and closes with Escape. */

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { shared } from '../shared-texts.ts'
import { Button } from './button.tsx'

/**
 * Is open while it is there: leave it out of the tree to close it.
 *
 * @param props.onClose - Escape, the cross, or a click beside it.
 * @param props.onSubmit - Enter or the button of type `submit`. Left out: it holds no form.
 * @param props.footer - Buttons.
 */
export function Dialog({
  title,
  onClose,
  onSubmit,
  footer,
  children,
}: {
  title: string
  onClose: () => void
  onSubmit?: () => void
  footer?: ComponentChildren
  children: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const inside = (
    <>
      <header>
        <h2 id={id}>{title}</h2>
        <Button kind="quiet" icon="close" label={shared().close} onClick={onClose} />
      </header>
      {children}
      {footer && <footer>{footer}</footer>}
    </>
  )
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, the browser sees to that
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      {onSubmit ? (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            onSubmit()
          }}
        >
          {inside}
        </form>
      ) : (
        <div class="body">{inside}</div>
      )}
    </dialog>
  )
}
