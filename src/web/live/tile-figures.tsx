/** The figures of a camera, in the order in which they are left out where there is little room. */

import type { CameraView } from '../../wire/api/cameras.ts'
import type { CameraHealth } from './camera-health.ts'
import { t } from './live-texts.ts'
import { streamStatus } from './player.ts'

export function TileFigures({ camera, health }: { camera: CameraView; health: CameraHealth }) {
  const status = streamStatus(camera.id).value
  const { fps, mbps, width, height, missing, state, model, name } = camera
  const isSending = health.saying === 'none' || health.saying === 'unrecorded'
  const isRecorded = state === 'recording'
  return (
    <ul class="figures">
      {isRecorded && <li class={missing > 0 ? 'amber' : 'soft'}>{t().missing(missing)}</li>}
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
      {model !== null && name !== null && model !== name && <li class="soft">{model}</li>}
      {width === null && <li class="soft">{camera.address}</li>}
    </ul>
  )
}
