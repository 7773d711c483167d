/** Short words about what just happened, below the header, where nothing is pressed; some can be undone. */

import { signal } from '@preact/signals'
import { shared } from '../shared-texts.ts'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'

/** How long they stay, in ms; those that can be undone stay longer. They wait while the pointer or the focus is on them. */
const STAY_MS = 5000
const UNDO_MS = 10_000
/** More than these at once hide the page. */
const MAX_SHOWN = 4

export interface Toast {
  text: string
  kind?: 'plain' | 'green' | 'red'
  /** Called when it is undone. */
  onUndo?: () => void
  /** Called when it is gone and was not undone. */
  onDone?: () => void
}

interface Shown extends Toast {
  id: number
}

const shown = signal<readonly Shown[]>([])
let last = 0

/** Says it. */
export function toast(one: Toast): void {
  last += 1
  const [surplus] = shown.peek().length >= MAX_SHOWN ? shown.peek() : []
  if (surplus) end(surplus)
  const added = { ...one, id: last }
  shown.value = [...shown.peek(), added]
  wait(added)
}

const timers = new Map<number, ReturnType<typeof setTimeout>>()

function wait(one: Shown): void {
  clearTimeout(timers.get(one.id))
  timers.set(
    one.id,
    setTimeout(() => end(one), one.onUndo ? UNDO_MS : STAY_MS),
  )
}

function end(one: Shown, isUndone = false): void {
  clearTimeout(timers.get(one.id))
  timers.delete(one.id)
  if (!shown.peek().includes(one)) return
  shown.value = shown.peek().filter((other) => other !== one)
  if (isUndone) one.onUndo?.()
  else one.onDone?.()
}

const ICONS: Record<string, IconName> = { green: 'check', red: 'alert' }

/** Where they are shown: once, in the shell. */
export function Toasts() {
  return (
    <div class="toasts" role="status">
      {shown.value.map((one) => {
        const icon = ICONS[one.kind ?? 'plain']
        const hold = () => clearTimeout(timers.get(one.id))
        const release = () => wait(one)
        return (
          <div
            key={one.id}
            class={`toast ${one.kind ?? 'plain'}`}
            onPointerEnter={hold}
            onPointerLeave={release}
            onFocusIn={hold}
            onFocusOut={release}
          >
            {icon && <Icon name={icon} />}
            <p>{one.text}</p>
            {one.onUndo && (
              <Button kind="quiet" icon="undo" class="undo" onClick={() => end(one, true)}>
                {shared().undo}
              </Button>
            )}
            <Button kind="quiet" icon="close" label={shared().close} onClick={() => end(one)} />
          </div>
        )
      })}
    </div>
  )
}
