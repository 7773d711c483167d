/** The roll call: each camera by name, and whether it obeyed. */

import { Button, LinkButton } from '../components/button.tsx'
import { Icon } from '../components/icon.tsx'
import { Notice } from '../components/states.tsx'
import { href } from '../router.ts'
import { shared } from '../shared-texts.ts'
import { closeRollCall, commandProblem, endedTake, rollCall } from './command.ts'
import { t } from './control-texts.ts'
import { type Called, obeyedCount, type RollCall } from './roll-call.ts'

export function RollCallStrip() {
  const close = <Button kind="quiet" icon="close" label={shared().close} onClick={closeRollCall} />
  const problem = commandProblem.value
  if (problem !== undefined)
    return (
      <div class="roll-call-place">
        <Notice kind="red" action={close}>
          {problem}
        </Notice>
      </div>
    )
  const now = rollCall.value
  const ended = now?.command === 'stop' && now.isDone ? endedTake.value : undefined
  return (
    <div class="roll-call-place">
      <div class="roll-call" data-open={now !== undefined || undefined}>
        {/* Only the sum is read out; names would come too often. */}
        <p role="status">{now && summaryOf(now)}</p>
        {now && (
          <>
            <ul>
              {now.called.map((one) => (
                <Chip key={one.camera} called={one} command={now.command} />
              ))}
            </ul>
            {ended !== undefined && (
              <LinkButton icon="play" href={href('library', 'take', ended)}>
                {t().watchTake}
              </LinkButton>
            )}
            {now.isDone && close}
          </>
        )}
      </div>
    </div>
  )
}

function summaryOf(now: RollCall): string {
  const all = now.called.length
  if (all === 0) return now.command === 'start' ? t().nobody : t().nobodyStops
  return now.command === 'start' ? t().calling(obeyedCount(now), all) : t().stopping(obeyedCount(now), all)
}

function Chip({ called, command }: { called: Called; command: RollCall['command'] }) {
  const { name, result, message } = called
  const obeyed = result === 'confirmed' || result === 'already'
  const said = wordsOf(result, command) + (message ? `: ${message}` : '')
  return (
    <li class="called" data-result={result} title={said}>
      {obeyed && <Icon name="check" size={16} />}
      {!obeyed && (result === 'waiting' ? <span class="dot" /> : <Icon name="alert" size={16} />)}
      <span class="name">{name}</span>
      <span class={obeyed || result === 'waiting' ? 'for-readers' : 'why'}>{said}</span>
    </li>
  )
}

function wordsOf(result: Called['result'], command: RollCall['command']): string {
  if (result === 'confirmed') return command === 'start' ? t().confirmedStart : t().confirmedStop
  if (result === 'already') return command === 'start' ? t().alreadyStart : t().alreadyStop
  return t()[result]
}
