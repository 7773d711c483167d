/** How the server is: health in words, version, disk. */

import type { Settings } from '../../wire/api/settings.ts'
import { disk, health } from '../api/room.ts'
import { Icon } from '../components/icon.tsx'
import { Url } from '../components/url.tsx'
import { lastingText, minutesLeft } from '../control/lasting.ts'
import { bytesText, dayText, timeText } from '../format.ts'
import { t } from './settings-texts.ts'

const REASONS = ['data-folder-not-writable', 'space-low', 'event-loop-late'] as const
type Reason = (typeof REASONS)[number]

export function ServerState({ settings }: { settings: Settings }) {
  const { level, reasons } = health.value
  const { version, serverStartedAtMs, dataFolder, secureUrl } = settings
  return (
    <div class="panel server">
      <p class={`health ${level}`}>
        <Icon name={level === 'good' ? 'check' : 'alert'} />
        <strong>{t()[level]}</strong>
      </p>
      {reasons.length > 0 && (
        <ul>
          {reasons.map((code) => (
            <li key={code}>{REASONS.includes(code as Reason) ? t()[code as Reason] : code}</li>
          ))}
        </ul>
      )}
      <dl>
        <Fact name={t().version}>{version}</Fact>
        <Fact name={t().since}>
          {dayText(serverStartedAtMs)} {timeText(serverStartedAtMs)}
        </Fact>
        <Fact name={t().folder}>
          <code>{dataFolder}</code>
        </Fact>
        {disk.value && (
          <Fact name={t().free}>
            {bytesText(disk.value.freeBytes)}
            {minutesLeft.value !== null && (
              <span class="soft">
                {' · '}
                {t().left(lastingText(minutesLeft.value))}
              </span>
            )}
          </Fact>
        )}
        {secureUrl !== null && (
          <Fact name={t().secure}>
            <a href={secureUrl}>
              <Url url={secureUrl} />
            </a>
          </Fact>
        )}
      </dl>
    </div>
  )
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="figures">{children}</dd>
    </div>
  )
}
