/** How it is, large enough to be read from across the room; beside it whose camera this is, and the battery. */

import { Icon } from '../components/icon.tsx'
import { durationText } from '../format.ts'
import { isBatteryLow } from '../low-battery.ts'
import { t } from './camera-texts.ts'
import { ownName } from './identity.ts'
import { camera } from './page-worker.ts'
import { battery } from './phone-health.ts'
import type { Headline } from './sayings.ts'
import { source } from './source.ts'

export function StateBar({ headline }: { headline: Headline }) {
  return (
    <header class="bar">
      <p class="headline" role="status">
        <span class="lamp" aria-hidden="true" />
        <Words headline={headline} />
      </p>
      <div class="about">
        <p class="name">{camera.value.serverName ?? (ownName.value || t().thisPhone)}</p>
        <Figures />
      </div>
      <BatterySign />
    </header>
  )
}

function Words({ headline }: { headline: Headline }) {
  switch (headline.kind) {
    case 'recording':
      return (
        <>
          <span class="rec">{t().rec}</span> {/* Each second would be read aloud. */}
          <span class="figures" aria-hidden="true">
            {durationText(headline.forMs)}
          </span>
        </>
      )
    case 'begins':
      return <span class="figures">{t().begins(Math.ceil(headline.inMs / 1000))}</span>
    default:
      return <span>{t()[headline.kind]}</span>
  }
}

/** What goes out; before that, what the camera gives; nothing while it is closed. */
function Figures() {
  const { encoded, capture } = camera.value
  const { got, state } = source.value
  const isOut = encoded && capture && state === 'open'
  const { width, height } = isOut ? encoded : got
  if (!width || !height || (!isOut && state !== 'open')) return null
  const fps = isOut ? encoded.fps : got.frameRate
  return (
    <ul class="soft figures">
      <li>
        {width}×{height}
      </li>
      {fps !== undefined && <li>{t().fps(fps)}</li>}
      {isOut && <li>{t().mbps(encoded.mbps)}</li>}
    </ul>
  )
}

function BatterySign() {
  const now = battery.value
  if (!now) return null
  const percent = Math.round(now.level * 100)
  const isLow = isBatteryLow(now.level, now.isCharging)
  return (
    <p class={`battery figures ${isLow ? 'amber' : ''}`}>
      <Icon name={now.isCharging ? 'torch' : 'battery'} size={16} />
      <span class="for-readers">{t().batteryAt(percent)}</span>
      <span aria-hidden="true">{percent}%</span>
    </p>
  )
}
