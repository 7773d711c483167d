/** What can be chosen, over a part of the page: the picture stays in sight. */

import { useState } from 'preact/hooks'
import { Dialog } from '../components/dialog.tsx'
import { DisplayChoices } from '../components/display-choices.tsx'
import { Check, Choice, SelectField, TextField } from '../components/field.tsx'
import {
  BITRATES,
  chooseLens,
  chooseMirror,
  choosePicture,
  mirrors,
  ownPicture,
  picture,
  RATES,
  RATIOS,
  ratioText,
  SHORT_SIDES,
} from './chosen.ts'
import { lastingId, MAX_NAME, ownName, setOwnName } from './identity.ts'
import { lensNames } from './lens-names.ts'
import { ratesWithin, within } from './lenses.ts'
import { camera, tell } from './page-worker.ts'
import { t } from './settings-texts.ts'
import { isFront, lenses, recordedSize, source } from './source.ts'

export function SettingsSheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t().title} onClose={onClose}>
      <Name />
      <LensChoices />
      <PictureChoices />
      <Check checked={picture.value.showsTime} onChange={(showsTime) => choosePicture({ showsTime })}>
        {t().showsTime}
      </Check>
      {isFront(source.value, lenses.value) && (
        <Check checked={mirrors.value} onChange={chooseMirror}>
          {t().mirror}
        </Check>
      )}
      <DisplayChoices hasTheme={false} />
      <p class="hint figures">{lastingId()}</p>
    </Dialog>
  )
}

function Name() {
  const [text, setText] = useState(ownName.value)
  const { serverName } = camera.value
  const keep = (name: string) => {
    setOwnName(name)
    tell({ type: 'name', name: ownName.peek() || null })
  }
  return (
    <TextField
      label={t().name}
      hint={serverName === null ? t().nameHint : t().namedThere(serverName)}
      value={text}
      maxLength={MAX_NAME}
      onInput={setText}
      onChange={keep}
    />
  )
}

function LensChoices() {
  const known = lenses.value
  const current = source.value.got.deviceId
  if (known.length === 0) return null
  const names = lensNames(known, {
    back: t().back,
    front: t().front,
    unnamed: t().unnamed,
    numbered: t().numbered,
  })
  return (
    <SelectField
      label={t().lens}
      value={current ?? ''}
      options={known.map(({ deviceId }, i) => ({ value: deviceId, text: names[i]! }))}
      onChange={(deviceId) => {
        const facing = known.find((one) => one.deviceId === deviceId)?.facing
        chooseLens({ deviceId, facing: facing ?? 'environment' })
      }}
    />
  )
}

function PictureChoices() {
  const { ratio, shortSide, fps, bitrateMbps } = picture.value
  const { can, got } = source.value
  const { maxFps } = lenses.value.find(({ deviceId }) => deviceId === got.deviceId) ?? {}
  const rates = ratesWithin(RATES, [can.frameRate?.max, maxFps, got.frameRate])
  const most = can.width?.max && can.height?.max ? Math.min(can.width.max, can.height.max) : undefined
  const numbers = (values: readonly number[], chosen: number, text: (value: number) => string) =>
    [...new Set([...values, chosen])]
      .sort((a, b) => a - b)
      .map((value) => ({ value: String(value), text: text(value) }))
  return (
    <>
      <Choice
        label={t().ratio}
        value={ratioText(ratio)}
        options={RATIOS.map((value) => ({ value: value as string, text: value }))}
        onChange={(text) => {
          const [width, height] = text.split(':').map(Number)
          choosePicture({ ratio: { width: width!, height: height! } })
        }}
      />
      <div class="row">
        <SelectField
          label={t().size}
          value={String(shortSide)}
          options={numbers(within(SHORT_SIDES, most), shortSide, (value) => `${value}p`)}
          onChange={(value) => choosePicture({ shortSide: Number(value) })}
        />
        <SelectField
          label={t().rate}
          value={String(fps)}
          options={numbers([0, ...rates, ownPicture.value.fps], fps, (value) =>
            value === 0 ? t().asMany : String(value),
          )}
          onChange={(value) => choosePicture({ fps: Number(value) })}
        />
        <SelectField
          label={t().bitrate}
          value={String(bitrateMbps)}
          options={numbers(BITRATES, bitrateMbps, (value) => `${value} Mbit/s`)}
          onChange={(value) => choosePicture({ bitrateMbps: Number(value) })}
        />
      </div>
      <Given />
    </>
  )
}

/** What really comes of it. */
function Given() {
  const { got, state } = source.value
  const { shortSide, fps } = picture.value
  if (state !== 'open' || !got.width || !got.height) return null
  const rate = got.frameRate ?? 0
  const isLess = Math.min(got.width, got.height) < shortSide || rate < fps * 0.95
  const size = `${got.width}×${got.height}`
  const { encoded, capture } = camera.value
  const sizeText = (of: { width: number; height: number }) => `${of.width}×${of.height}`
  return (
    <p class={`given figures ${isLess ? 'amber' : ''}`} role="status">
      {isLess ? t().lessGiven(size, rate.toFixed(0)) : t().given(size, rate.toFixed(0))}
      {capture && encoded ? t().recorded(sizeText(encoded)) : t().records(sizeText(recordedSize()!))}
    </p>
  )
}
