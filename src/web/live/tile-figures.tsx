/** The figures of a camera, in the order in which they are left out where there is little room. */

import type { CameraView } from '../../wire/api/cameras.ts'
import type { CameraHealth } from './camera-health.ts'
import { t } from './live-texts.ts'
import { streamStatus } from './player.ts'

export function TileFigures({ camera, health }: { camera: CameraView; health: CameraHealth }) {
  const status = streamStatus(camera.id).value
  const { fps, mbps, width, height, missing, state, model, name } = camera
  const isSending = health.saying === 'none' || health.saying === 'unrecorded'
  const lost = state === 'recording' ? missing : 0
  return (
    <ul class="figures">
      {lost > 0 && <li class="amber">{t().missing(lost)}</li>}
      {camera.phone && <PhoneFigures phone={camera.phone} />}
      {isSending && fps !== null && (
        <li>
          {fps.toFixed(fps < 9.95 ? 1 : 0)} <span class="soft">{t().fps}</span>
        </li>
      )}
      {isSending && mbps !== null && (
        <li>
          {mbps.toFixed(1)} <span class="soft">{t().mbps}</span>
        </li>
      )}
      {isSending && status?.delayMs != null && (
        <li>
          {Math.round(status.delayMs)} ms <span class="soft">{t().delay}</span>
        </li>
      )}
      {width !== null && height !== null && (
        <li title={t().size}>
          {width}×{height}
        </li>
      )}
      {model !== null && name !== null && model !== name && <li class="soft">{model}</li>}
      {state === 'recording' && lost === 0 && isSending && <li class="soft">{t().missing(0)}</li>}
      {width === null && <li class="soft">{camera.address}</li>}
    </ul>
  )
}

/** Kept on the phone longer than the way and the disk usually take, in ms. */
const WAITING_MS = 3000
/** Below this, and not charging, a battery is a matter of concern. */
const LOW_BATTERY = 0.15

/** What a camera page tells of its phone. */
function PhoneFigures({ phone }: { phone: NonNullable<CameraView['phone']> }) {
  const { waitingMs, dropped, battery, isCharging } = phone
  const isLow = battery !== null && battery <= LOW_BATTERY && isCharging !== true
  return (
    <>
      {dropped > 0 && <li class="amber">{t().givenUp(dropped)}</li>}
      {waitingMs >= WAITING_MS && (
        <li class="amber" title={t().waitingWhy}>
          {t().waiting(Math.floor(waitingMs / 1000))}
        </li>
      )}
      {battery !== null && (
        <li class={isLow ? 'amber' : ''} title={isCharging ? t().charging : t().battery}>
          {Math.round(battery * 100)} % <span class="soft">{isCharging ? t().charging : t().battery}</span>
        </li>
      )}
    </>
  )
}
