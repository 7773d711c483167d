/** How it is, large enough to be read from across the room; beside it whose camera this is, and the battery. */

import { Icon } from '../components/icon.tsx'
import { durationText } from '../format.ts'
import { isBatteryLow } from '../low-battery.ts'
import { t } from './camera-texts.ts'
import { picture } from './chosen.ts'
import { ownName } from './identity.ts'
import { camera } from './page-worker.ts'
import { battery } from './phone-health.ts'
import type { Headline } from './sayings.ts'
import { recordedSize, source } from './source.ts'

const HOUR_MS = 3_600_000

export function StateBar({ headline }: { headline: Headline }) {
  return (
    <header class="bar">
      <p class="headline" role="status">
        <span class="lamp" aria-hidden="true" />
        <Words headline={headline} />
      </p>
      <div class="about">
        <p class="name">{camera.value.serverName ?? (ownName.value || t().thisPhone)}</p>
        {headline.kind !== 'not-filming' && <Figures />}
      </div>
      <BatterySign />
    </header>
  )
}

function Words({ headline }: { headline: Headline }) {
  switch (headline.kind) {
    case 'recording': {
      const isLong = headline.forMs >= HOUR_MS
      return (
        <>
          <span class="rec">{t().rec}</span> {/* Each second would be read aloud. */}
          <span class={`figures ${isLong ? 'long' : ''}`} aria-hidden="true">
            {durationText(headline.forMs)}
          </span>
        </>
      )
    }
    case 'begins':
      return <span class="figures">{t().begins(Math.ceil(headline.inMs / 1000))}</span>
    default:
      return <span>{t()[headline.kind]}</span>
  }
}

/** What is recorded; before that, what will be; nothing while the camera is closed. No rate of data while none is sent. */
function Figures() {
  const { encoded, capture, link } = camera.value
  const { got, state } = source.value
  const isOut = encoded && capture && state === 'open'
  const size = isOut ? encoded : recordedSize()
  if (!size || state !== 'open') return null
  const { width, height } = size
  const most = picture.value.fps || Number.POSITIVE_INFINITY
  const fps = isOut ? encoded.fps : got.frameRate && Math.min(got.frameRate, most)
  return (
    <ul class="soft figures">
      <li>
        {width}×{height}
      </li>
      {fps !== undefined && <li>{t().fps(fps)}</li>}
      {isOut && link === 'open' && <li>{t().mbps(encoded.mbps)}</li>}
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
