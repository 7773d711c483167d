/** Where thumbs are: the button that records, and beside it lens, light, settings. */

import { Button } from '../components/button.tsx'
import { t } from './camera-texts.ts'
import { chooseLens } from './chosen.ts'
import { otherLens } from './lenses.ts'
import { camera, tell } from './page-worker.ts'
import { lenses, setTorch, setZoom, source, torch, zoom } from './source.ts'

export function Controls({ onSettings }: { onSettings: () => void }) {
  const { can, got, state } = source.value
  const other = otherLens(lenses.value, got.deviceId)
  return (
    <footer class="controls">
      {can.zoom && can.zoom.max > can.zoom.min && <ZoomSlider range={can.zoom} />}
      <div class="side">
        <Button kind="quiet" icon="settings" label={t().settings} onClick={onSettings} />
      </div>
      <RecordButton />
      <div class="side">
        {can.torch && (
          <Button
            kind="quiet"
            icon="torch"
            label={t().torch}
            pressed={torch.value}
            onClick={() => void setTorch(!torch.value)}
          />
        )}
        {other && (
          <Button
            kind="quiet"
            icon="flip"
            label={t().flip}
            disabled={state === 'asking'}
            onClick={() => chooseLens({ deviceId: other.deviceId, facing: other.facing ?? 'environment' })}
          />
        )}
      </div>
    </footer>
  )
}

function RecordButton() {
  const { capture, link } = camera.value
  const isOut = link === 'replaced' || (!capture && (link === 'refused' || source.value.state !== 'open'))
  const label = capture ? t().stop : t().start
  return (
    <button
      type="button"
      class="shutter"
      data-on={capture !== null || undefined}
      aria-label={label}
      title={label}
      disabled={isOut}
      onClick={() => tell({ type: capture ? 'stop' : 'start' })}
    >
      <span />
    </button>
  )
}

function ZoomSlider({ range: { min, max, step } }: { range: { min: number; max: number; step?: number } }) {
  return (
    <label class="zoom">
      <span class="for-readers">{t().zoom}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={step || 'any'}
        value={zoom.value ?? min}
        onInput={(event) => void setZoom(event.currentTarget.valueAsNumber)}
      />
      <span class="figures" aria-hidden="true">
        {(zoom.value ?? min).toFixed(1)}×
      </span>
    </label>
  )
}
