/** Sentences over the picture's lower edge, or below what stands in its place: what the holder should know, the gravest first. */

import { Icon } from '../components/icon.tsx'
import { isAwake } from './awake.ts'
import { t } from './camera-texts.ts'
import { awaySinceMs, deviceNowMs } from './device-now.ts'
import { camera } from './page-worker.ts'
import { battery, isStrained } from './phone-health.ts'
import { type Saying, sayingsOf } from './sayings.ts'
import { source } from './source.ts'

/** More would cover the picture's middle; held across the first alone is shown, and the others are counted. */
const MAX_SHOWN = 2

export function Sayings() {
  const { state } = source.value
  const isOut = camera.value.link === 'replaced' || state === 'asking'
  const awayMs = awaySinceMs.value === null ? 0 : Math.max(0, deviceNowMs.value - awaySinceMs.value)
  const list = sayingsOf({
    camera: camera.value,
    battery: battery.value,
    isStrained: isStrained.value,
    isAwake: isAwake.value,
    isOpen: state === 'open',
    awayMs,
  })
  return (
    <div class="sayings" role="status">
      {(isOut ? [] : list.slice(0, MAX_SHOWN)).map((one, i) => (
        <p key={one.key} class={`saying ${one.level}`}>
          <Icon name={one.level === 'plain' ? 'info' : 'alert'} size={18} />
          <span>
            {textOf(one)}
            {i === 0 && list.length > 1 && <b class="more"> {t().more(list.length - 1)}</b>}
          </span>
        </p>
      ))}
    </div>
  )
}

function textOf(saying: Saying): string {
  switch (saying.key) {
    case 'away':
    case 'catchingUp':
    case 'shutOut':
    case 'waits':
      return t()[saying.key](saying.seconds)
    case 'left':
    case 'dropped':
      return t()[saying.key](saying.count)
    case 'batteryLow':
      return t().batteryLow(saying.percent)
    default:
      return t()[saying.key]
  }
}
