/** Resolution and quality of boards: what is left out stays as it is. */

import { useState } from 'preact/hooks'
import {
  type BoardSettings,
  MAX_QUALITY,
  MIN_QUALITY,
  parseQuality,
  RESOLUTIONS,
  type Resolution,
} from '../../wire/board.ts'
import { SelectField, TextField } from '../components/field.tsx'
import { t } from './control-texts.ts'

export function BoardFields({
  settings,
  onChange,
  onWrong,
}: {
  settings: BoardSettings
  onChange: (changed: BoardSettings) => void
  /** A field is wrong now, and `settings` are what they were; or no longer. */
  onWrong?: (isWrong: boolean) => void
}) {
  const { resolution, quality } = settings
  const [typed, setTyped] = useState(quality === undefined ? '' : String(quality))
  const isGood = isQuality(typed)
  return (
    <div class="board-fields">
      <SelectField<Resolution | ''>
        label={t().resolution}
        value={resolution ?? ''}
        onChange={(chosen) => onChange({ ...settings, resolution: chosen || undefined })}
        options={[
          { value: '', text: t().asBoard },
          ...RESOLUTIONS.map((value) => ({ value, text: value.replace('_', ' ') })),
        ]}
      />
      <TextField
        label={t().quality}
        type="number"
        min={MIN_QUALITY}
        max={MAX_QUALITY}
        step={1}
        value={typed}
        placeholder={t().asBoard}
        problem={isGood ? undefined : t().badQuality}
        onInput={(value) => {
          setTyped(value)
          onWrong?.(!isQuality(value))
          if (isQuality(value)) onChange({ ...settings, quality: parseQuality(value) })
        }}
      />
    </div>
  )
}

/** Or nothing: then it stays as the board has it. */
function isQuality(typed: string): boolean {
  return typed === '' || parseQuality(typed) !== undefined
}
