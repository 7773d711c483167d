/** The figures of a camera, in the order in which they are left out where there is little room. */

import type { CameraView } from '../../wire/api/cameras.ts'
import { isBatteryLow } from '../low-battery.ts'
import type { CameraHealth } from './camera-health.ts'
import { t } from './live-texts.ts'
import { streamStatus } from './player.ts'

export function TileFigures({ camera, health }: { camera: CameraView; health: CameraHealth }) {
  const status = streamStatus(camera.id).value
  const { fps, mbps, width, height, missing, state, model, phone } = camera
  const called = camera.name ?? camera.ownName
  const isSending = health.saying === 'none' || health.saying === 'unrecorded'
  const isRecorded = state === 'recording'
  const level = phone?.battery ?? null
  const battery = phone && level !== null && <Battery level={level} isCharging={phone.isCharging} />
  const isLow = level !== null && isBatteryLow(level, phone?.isCharging ?? null)
  return (
    <ul class="figures">
      {isRecorded && <li class={missing > 0 ? 'amber' : 'soft'}>{t().missing(missing)}</li>}
      {phone && <PhoneTrouble phone={phone} />}
      {isLow && battery}
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
        <li class="delay">
          {Math.round(status.delayMs)} ms <span class="soft">{t().delay}</span>
        </li>
      )}
      {width !== null && height !== null && (
        <li title={t().size}>
          {width}×{height}
        </li>
      )}
      {model !== null && called !== null && model !== called && <li class="soft">{model}</li>}
      {!isLow && battery}
      {width === null && <li class="soft">{camera.address}</li>}
    </ul>
  )
}

/** Kept on the phone longer than the way and the disk usually take, in ms. */
const WAITING_MS = 3000

type Phone = NonNullable<CameraView['phone']>

/** What a camera page tells of its phone and one should know. */
function PhoneTrouble({ phone: { waitingMs, dropped } }: { phone: Phone }) {
  return (
    <>
      {dropped > 0 && <li class="amber">{t().givenUp(dropped)}</li>}
      {waitingMs >= WAITING_MS && (
        <li class="amber" title={t().waitingWhy}>
          {t().waiting(Math.floor(waitingMs / 1000))}
        </li>
      )}
    </>
  )
}

function Battery({ level, isCharging }: { level: number; isCharging: boolean | null }) {
  return (
    <li class={isBatteryLow(level, isCharging) ? 'amber' : ''}>
      {Math.round(level * 100)} % <span class="soft">{isCharging ? t().charging : t().battery}</span>
    </li>
  )
}
