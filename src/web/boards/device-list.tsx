/** Devices that send numbers: each with its newest values, and the curves of the one that is chosen. */

import { useSignal } from '@preact/signals'
import type { DeviceView } from '../../wire/api/devices.ts'
import { problemOf } from '../api/client.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Failing, Loading, Notice } from '../components/states.tsx'
import { countText, numberText, timeText } from '../format.ts'
import { t } from './boards-texts.ts'
import { useReadings } from './device-source.ts'
import { ReadingsPlot } from './readings-plot.tsx'

/** Of a device that sends more, the others stand in the curves. */
const MAX_LATEST = 4

export function DeviceList({ devices, error }: { devices: readonly DeviceView[]; error: unknown }) {
  const chosen = useSignal<string | undefined>(undefined)
  const shown = devices.find(({ id }) => id === chosen.value) ?? devices[0]
  return (
    <>
      {error !== undefined && <Notice kind="amber">{t().stale(problemOf(error))}</Notice>}
      {!shown && <p class="soft">{t().noDevice}</p>}
      <ul class="device-list">
        {devices.map((device) => (
          <Device
            key={device.id}
            device={device}
            isShown={device === shown}
            onShow={() => {
              chosen.value = device.id
            }}
          />
        ))}
      </ul>
      {shown && <Curves key={shown.id} id={shown.id} />}
    </>
  )
}

function Device({ device, isShown, onShow }: { device: DeviceView; isShown: boolean; onShow: () => void }) {
  const { id, address, isConnected, messages, leftOut, lastAtMs, latest } = device
  const values = Object.entries(latest)
  const more = values.length - MAX_LATEST
  return (
    <li class="panel device" data-shown={isShown || undefined} data-gone={!isConnected || undefined}>
      <Button kind="quiet" pressed={isShown} onClick={onShow}>
        {id}
      </Button>
      <p class="values figures">
        {values.slice(0, MAX_LATEST).map(([field, value]) => (
          <span key={field}>
            <span class="soft">{fieldText(field)}</span> <strong>{numberText(value)}</strong>
          </span>
        ))}
        {more > 0 && <span class="soft">{t().more(countText(more))}</span>}
      </p>
      <p class="facts soft">
        <span>{isConnected ? t().connected : t().gone}</span>
        {address !== id && <span>{address}</span>}
        <span>{t().lastAt(timeText(lastAtMs))}</span>
        <span>{t().messages(countText(messages), messages)}</span>
        {leftOut > 0 && <span class="warn">{t().leftOut(countText(leftOut))}</span>}
      </p>
      <LinkButton
        icon="download"
        label={t().csvOf(id)}
        href={`/api/devices/${encodeURIComponent(id)}/readings.csv`}
        download=""
      >
        {t().csv}
      </LinkButton>
    </li>
  )
}

function Curves({ id }: { id: string }) {
  const { series, error, look } = useReadings(id)
  if (!series) return error === undefined ? <Loading /> : <Failing error={error} onRetry={look} />
  if (series.length === 0 && error === undefined) return <p class="soft">{t().noNumbers}</p>
  return (
    <div class="curves">
      {error !== undefined && <Notice kind="amber">{t().stale(problemOf(error))}</Notice>}
      {series.map((one) => (
        <ReadingsPlot key={one.field} title={fieldText(one.field)} series={one} />
      ))}
    </div>
  )
}

/** A plain number is the field `value`. */
function fieldText(field: string): string {
  return field === 'value' ? t().value : field
}
