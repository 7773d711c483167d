/** The countdown as every view shows it: how long still, and how to call it off. */

import { useLayoutEffect } from 'preact/hooks'
import { Button } from '../components/button.tsx'
import { countdown, endCountdown } from './command.ts'
import { t } from './control-texts.ts'

export function Countdown() {
  const seconds = countdown.value
  const isCounting = seconds !== undefined
  useLayoutEffect(() => {
    if (!isCounting) return undefined
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      // Before whatever else Escape would end.
      event.preventDefault()
      event.stopImmediatePropagation()
      endCountdown()
    }
    addEventListener('keydown', pressed, { capture: true })
    return () => removeEventListener('keydown', pressed, { capture: true })
  }, [isCounting])
  if (!isCounting) return null
  return (
    <div class="countdown">
      <strong class="figures" role="alert">
        {t().startsInSeconds(seconds)}
      </strong>
      <Button icon="close" label={t().cancel} onClick={endCountdown}>
        {t().callOff}
      </Button>
    </div>
  )
}
