/** Copies a text, and says so. */

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { shared } from '../shared-texts.ts'
import { Button } from './button.tsx'

/** How long it says so, in ms. */
const SAID_MS = 2000

/** @param props.label - What is copied, for screen readers: several of these may stand on one page. */
export function CopyButton({ text, label, children }: { text: string; label: string; children?: string }) {
  const isCopied = useSignal(false)
  useEffect(() => {
    if (!isCopied.value) return undefined
    const timer = setTimeout(() => {
      isCopied.value = false
    }, SAID_MS)
    return () => clearTimeout(timer)
  }, [isCopied.value])
  const words = isCopied.value ? shared().copied : (children ?? shared().copy)
  return (
    <Button
      icon={isCopied.value ? 'check' : 'copy'}
      label={`${words}: ${label}`}
      onClick={() =>
        copy(text).then((done) => {
          isCopied.value = done
        })
      }
    >
      {words}
    </Button>
  )
}

/** Pages that came over plain http have no clipboard: there the old command does. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.createElement('textarea')
    field.value = text
    // Inside an open dialog nothing outside of it can be selected.
    ;(document.activeElement?.parentElement ?? document.body).append(field)
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    return done
  }
}
