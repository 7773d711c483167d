/** What is looked for, and how the list is put: search, filters, grouping, order. */

import { signal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { Button } from '../components/button.tsx'
import { Choice, SelectField } from '../components/field.tsx'
import { Icon } from '../components/icon.tsx'
import { cameraNames, grouping, narrowed, query, search, setGrouping } from './library-store.ts'
import { t } from './library-texts.ts'
import { EVERYTHING, type Grouping, type Query, type Sort } from './listing.ts'

const isOpen = signal(false)
const DAY_MS = 86_400_000

export function Toolbar() {
  const { text, star } = query.value
  const id = useId()
  return (
    <search class="toolbar">
      <div class="find">
        <Icon name="search" size={18} />
        <input
          class="input"
          type="search"
          aria-label={t().search}
          placeholder={t().searchHint}
          value={text}
          maxLength={200}
          onInput={({ currentTarget }) => search({ text: currentTarget.value })}
        />
      </div>
      <Button
        icon="star"
        class="star"
        label={t().onlyStarred}
        pressed={star}
        onClick={() => search({ star: !star })}
      />
      <Button
        icon="more"
        class="filters-button"
        pressed={isOpen.value}
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        {t().filters}
      </Button>
      <Choice<Grouping>
        label={t().group}
        hideLabel
        value={grouping.value}
        onChange={setGrouping}
        options={[
          { value: 'take', text: t().byTake },
          { value: 'day', text: t().byDay },
        ]}
      />
      {isOpen.value && <Filters id={id} />}
    </search>
  )
}

function Filters({ id }: { id: string }) {
  const { state, camera, from, to, sort } = query.value
  const orNone = (value: string) => (value === '' ? undefined : value)
  return (
    <div class="filters" id={id}>
      <SelectField<Sort>
        label={t().sort}
        value={sort}
        onChange={(value) => search({ sort: value })}
        options={(['newest', 'oldest', 'longest', 'largest'] as const).map((value) => ({
          value,
          text: t()[value],
        }))}
      />
      <SelectField
        label={t().camera}
        value={camera ?? ''}
        onChange={(value) => search({ camera: orNone(value) })}
        options={[{ value: '', text: t().allCameras }, ...cameraOptions(camera)]}
      />
      <SelectField
        label={t().state}
        value={state ?? ''}
        onChange={(value) => search({ state: orNone(value) as Query['state'] })}
        options={[
          { value: '', text: t().allStates },
          ...(['recording', 'closed', 'recovered', 'failed'] as const).map((value) => ({
            value: value as string,
            text: t()[value],
          })),
        ]}
      />
      <DayField label={t().from} value={from} onChange={(value) => search({ from: value })} />
      <DayField
        label={t().to}
        value={to === undefined ? undefined : to - DAY_MS / 2}
        onChange={(value) => search({ to: value === undefined ? undefined : nextDay(value) })}
      />
      <Button
        kind="quiet"
        icon="close"
        disabled={!narrowed.value}
        onClick={() => search({ ...EVERYTHING, sort })}
      >
        {t().clear}
      </Button>
    </div>
  )
}

/** A local day; its first moment in ms since 1970. */
function DayField({
  label,
  value,
  onChange,
}: {
  label: string
  value: number | undefined
  onChange: (value: number | undefined) => void
}) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="input"
        type="date"
        value={value === undefined ? '' : dayOf(value)}
        onChange={({ currentTarget }) => {
          const [year, month, day] = currentTarget.value.split('-').map(Number)
          onChange(year && month && day ? new Date(year, month - 1, day).getTime() : undefined)
        }}
      />
    </div>
  )
}

/** `2026-11-25`, as fields of days hold it. */
function dayOf(atMs: number): string {
  const date = new Date(atMs)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** Days last 23 to 25 hours. */
function nextDay(startMs: number): number {
  const date = new Date(startMs)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime()
}

/** One entry for all recordings that are of one camera, as far as its name, or its kind and address, tell. */
function cameraOptions(chosen: string | undefined): { value: string; text: string }[] {
  const names = new Set(cameraNames.value)
  if (chosen !== undefined) names.add(chosen)
  return [...names]
    .sort((a, b) => a.localeCompare(b, undefined, { numeric: true }))
    .map((name) => ({ value: name, text: name }))
}
