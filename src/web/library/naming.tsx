/** A recording's title and note, changed where they stand. */

import { useSignal } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { RecordingSummary } from '../../wire/api/recordings.ts'
import { maySteer } from '../api/settings.ts'
import { Button } from '../components/button.tsx'
import { shared } from '../shared-texts.ts'
import { change, nameOf } from './library-store.ts'
import { t } from './library-texts.ts'

const MAX_TITLE = 200
const MAX_NOTE = 5000

/** The heading; a field while it is changed. Enter keeps, Escape leaves it as it was. */
export function NameField({ recording }: { recording: RecordingSummary }) {
  const isOpen = useSignal(false)
  const field = useRef<HTMLInputElement>(null)
  const button = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isOpen.value) field.current?.select()
  }, [isOpen.value])
  const end = () => {
    isOpen.value = false
    // The field that had the focus is gone.
    requestAnimationFrame(() => button.current?.querySelector('button')?.focus())
  }
  if (!isOpen.value)
    return (
      <div class="name" ref={button}>
        <h1>{nameOf(recording)}</h1>
        {maySteer.value && (
          <Button kind="quiet" icon="edit" label={t().rename} onClick={() => (isOpen.value = true)} />
        )}
      </div>
    )
  return (
    <form
      class="name"
      onSubmit={(event) => {
        event.preventDefault()
        const title = field.current!.value.trim() || null
        if (title !== recording.title) void change(recording, { title })
        end()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        end()
      }}
    >
      <input
        ref={field}
        class="input"
        aria-label={t().title}
        defaultValue={recording.title ?? ''}
        placeholder={nameOf({ ...recording, title: null })}
        maxLength={MAX_TITLE}
      />
      <Button kind="primary" type="submit">
        {shared().save}
      </Button>
      <Button kind="quiet" icon="close" label={shared().cancel} onClick={end} />
    </form>
  )
}

/** What is worth knowing: kept when the field is left. */
export function NoteField({ recording }: { recording: RecordingSummary }) {
  const id = useId()
  /** While it is written: what comes from the server must not take it away. */
  const draft = useSignal<string | undefined>(undefined)
  if (!maySteer.value && recording.note === null) return null
  return (
    <div class="field note">
      <label for={id}>{t().note}</label>
      <textarea
        id={id}
        class="input"
        rows={3}
        maxLength={MAX_NOTE}
        placeholder={t().noteHint}
        value={draft.value ?? recording.note ?? ''}
        readOnly={!maySteer.value}
        onInput={({ currentTarget }) => {
          draft.value = currentTarget.value
        }}
        onBlur={() => {
          if (draft.value === undefined) return
          const note = draft.value.trim() || null
          draft.value = undefined
          if (note !== recording.note) void change(recording, { note })
        }}
      />
    </div>
  )
}
