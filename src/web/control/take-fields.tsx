/** What the next start asks of the cameras. */

import { useState } from 'preact/hooks'
import { Choice, SelectField, TextField } from '../components/field.tsx'
import { t } from './control-texts.ts'
import {
  BITRATE,
  COUNTDOWNS,
  changeSettings,
  FPS,
  isBitrate,
  RATIOS,
  type TakeSettings,
  takeSettings,
} from './take-settings.ts'

export function TakeFields() {
  const { ratio, fps, countdown } = takeSettings.value
  return (
    <div class="take-fields">
      <Choice<TakeSettings['ratio']>
        label={t().ratio}
        value={ratio}
        onChange={(chosen) => changeSettings({ ratio: chosen })}
        options={RATIOS.map((value) =>
          value === 'phone'
            ? { value, text: t().asPhone, title: t().asPhoneLong }
            : { value, text: value, title: value },
        )}
      />
      <BitrateField />
      <SelectField
        label={t().fps}
        value={String(fps)}
        onChange={(chosen) => changeSettings({ fps: Number(chosen) })}
        options={FPS.map((value) => ({ value: String(value), text: value === 0 ? t().most : String(value) }))}
      />
      <SelectField
        label={t().countdown}
        value={String(countdown)}
        onChange={(chosen) => changeSettings({ countdown: Number(chosen) })}
        options={COUNTDOWNS.map((value) => ({
          value: String(value),
          text: value === 0 ? t().none : t().seconds(value),
        }))}
      />
    </div>
  )
}

/** Keeps what is allowed; says so of what is not. */
function BitrateField() {
  const [typed, setTyped] = useState(String(takeSettings.value.bitrateMbps))
  const mbps = Number(typed)
  return (
    <TextField
      label={t().bitrate}
      type="number"
      min={BITRATE.min}
      max={BITRATE.max}
      step={1}
      value={typed}
      problem={isBitrate(mbps) ? undefined : t().badBitrate}
      onInput={(value) => {
        setTyped(value)
        if (isBitrate(Number(value))) changeSettings({ bitrateMbps: Number(value) })
      }}
    />
  )
}
