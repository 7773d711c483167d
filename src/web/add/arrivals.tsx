/** The cameras as they connect: those that came since the view was opened stand out. */

import { useComputed, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { CameraView } from '../../wire/api/cameras.ts'
import { cameras, connection } from '../api/room.ts'
import { LinkButton } from '../components/button.tsx'
import { Icon } from '../components/icon.tsx'
import { nameOf } from '../live/camera-names.ts'
import { href } from '../router.ts'
import { t } from './add-texts.ts'

export function Arrivals() {
  const known = useSignal<ReadonlySet<string> | undefined>(undefined)
  const here = useComputed(() => cameras.value.filter(({ state }) => state !== 'gone'))
  const isConnected = connection.value === 'live'
  useEffect(() => {
    if (isConnected && known.peek() === undefined)
      known.value = new Set(cameras.peek().map(({ profile }) => profile))
  }, [isConnected])
  const isNew = ({ profile }: CameraView) => known.value !== undefined && !known.value.has(profile)
  const fresh = here.value.filter(isNew)
  return (
    <section class="arrivals" aria-labelledby="arrivals">
      <h2 id="arrivals">{t().connected}</h2>
      {here.value.length > 0 && (
        <ul>
          {here.value.map((camera) => (
            <li key={camera.id} class={`panel ${isNew(camera) ? 'new' : ''}`} data-camera={camera.id}>
              <span class="sign" style={{ color: `var(--camera-${camera.colour})` }}>
                <Icon name="camera" />
              </span>
              <span class="who">
                <strong>{nameOf(camera)}</strong>
                <span class="soft">
                  {camera.address} · {t()[camera.state]}
                </span>
              </span>
              {isNew(camera) && <span class="badge accent">{t().isNew}</span>}
            </li>
          ))}
        </ul>
      )}
      <p class="waiting soft">
        <Icon name="turning" size={16} class="turning" />
        {here.value.length === 0 ? t().none : t().waiting}
      </p>
      <div role="status" class="for-readers">
        {fresh.map((camera) => t().arrived(nameOf(camera))).join(' ')}
      </div>
      {fresh.length > 0 && (
        <div>
          <LinkButton kind="primary" icon="live" href={href('live')}>
            {t().toLive}
          </LinkButton>
        </div>
      )}
    </section>
  )
}
