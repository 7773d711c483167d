/** Name, colour and place of a camera, changed where it stands. */

import { useEffect, useRef, useState } from 'preact/hooks'
import type { CameraColour, CameraView } from '../../wire/api/cameras.ts'
import { Button } from '../components/button.tsx'
import { shared } from '../shared-texts.ts'
import { changeCamera, moveCamera, nameOf } from './camera-names.ts'
import { t } from './live-texts.ts'

/** All of the API; the type sees that none is forgotten. */
const COLOURS: Record<CameraColour, true> = {
  blue: true,
  green: true,
  orange: true,
  purple: true,
  red: true,
  teal: true,
  pink: true,
  yellow: true,
}

export function TileEdit({ camera, onDone }: { camera: CameraView; onDone: () => void }) {
  const [name, setName] = useState(camera.name ?? '')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])
  // A button that was clicked keeps no focus: Escape is heard wherever it is.
  useEffect(() => {
    const leave = ({ key }: KeyboardEvent) => key === 'Escape' && onDone()
    addEventListener('keydown', leave)
    return () => removeEventListener('keydown', leave)
  }, [])
  const save = () => {
    const given = name.trim() === '' ? null : name.trim()
    if (given !== camera.name) void changeCamera(camera.id, { name: given })
    onDone()
  }
  return (
    <form
      class="tile-edit"
      aria-label={t().edit(nameOf(camera))}
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onDone()
      }}
    >
      <input
        ref={field}
        class="input"
        aria-label={t().name}
        placeholder={camera.ownName ?? camera.model ?? camera.id}
        maxLength={60}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <fieldset class="swatches">
        <legend class="for-readers">{t().colour}</legend>
        {(Object.keys(COLOURS) as CameraColour[]).map((colour) => (
          <label key={colour} title={t()[colour]}>
            <input
              type="radio"
              name={`colour-${camera.id}`}
              aria-label={t()[colour]}
              checked={camera.colour === colour}
              onChange={() => changeCamera(camera.id, { colour })}
            />
            <span data-colour={colour} />
          </label>
        ))}
      </fieldset>
      <div class="row">
        <Button kind="quiet" icon="back" label={t().earlier} onClick={() => moveCamera(camera.id, -1)} />
        <Button kind="quiet" icon="forward" label={t().later} onClick={() => moveCamera(camera.id, 1)} />
        <Button kind="primary" type="submit">
          {shared().save}
        </Button>
      </div>
    </form>
  )
}
