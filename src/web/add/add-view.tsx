/** Add a camera: the address to type or scan, who can reach it, and the cameras as they come. */

import { useSignal } from '@preact/signals'
import { useEffect, useId } from 'preact/hooks'
import type { Settings, Tokens } from '../../wire/api/settings.ts'
import { api } from '../api/client.ts'
import { loadSettings } from '../api/settings.ts'
import { CopyButton } from '../components/copy-button.tsx'
import { Failing, Loading, Notice } from '../components/states.tsx'
import { Url } from '../components/url.tsx'
import './add.css'
import { t } from './add-texts.ts'
import { type CameraAddress, needsKey, withKey } from './addresses.ts'
import { Arrivals } from './arrivals.tsx'
import { QrCode } from './qr-code.tsx'

type State =
  | { kind: 'loading' }
  | { kind: 'there'; settings: Settings; key: string | undefined }
  | { kind: 'failed'; error: unknown }

export function AddView() {
  const state = useSignal<State>({ kind: 'loading' })
  const load = () =>
    fetchWhatIsNeeded().then(
      ({ settings, key }) => {
        state.value = { kind: 'there', settings, key }
      },
      (error) => {
        state.value = { kind: 'failed', error }
      },
    )
  useEffect(() => void load(), [])
  const now = state.value
  return (
    <div class="page add">
      <header>
        <h1>{t().title}</h1>
        <p class="soft">{t().lead}</p>
      </header>
      {now.kind === 'loading' && <Loading />}
      {now.kind === 'failed' && <Failing error={now.error} onRetry={load} />}
      {now.kind === 'there' && <Connect settings={now.settings} cameraKey={now.key} />}
      <Arrivals />
    </div>
  )
}

/** The key is asked for only where an address needs it, and only when it may be seen. */
async function fetchWhatIsNeeded(): Promise<{ settings: Settings; key: string | undefined }> {
  const settings = await loadSettings()
  const isNeeded = settings.cameraUrls.some((address) => needsKey(address, settings))
  if (!isNeeded || settings.role === 'watch') return { settings, key: undefined }
  const { cameraKey } = await api<Tokens>('GET', '/api/tokens')
  return { settings, key: cameraKey }
}

function Connect({ settings, cameraKey }: { settings: Settings; cameraKey: string | undefined }) {
  const { cameraUrls } = settings
  const chosen = useSignal(0)
  const address = cameraUrls[chosen.value] ?? cameraUrls[0]
  if (!address) return <Notice kind="amber">{t().noneText}</Notice>
  const key = needsKey(address, settings) ? cameraKey : undefined
  const isKeyMissing = needsKey(address, settings) && cameraKey === undefined
  const url = withKey(address.url, key)
  return (
    <>
      {cameraUrls.every(({ reach }) => reach === 'this machine') && (
        <Notice kind="amber">
          <strong>{t().noneTitle}.</strong> {t().noneText}
        </Notice>
      )}
      <section class="connect panel">
        <QrCode text={url} label={t().code(address.url)} />
        <div class="how">
          <ol>
            <li>{t().step1}</li>
            <li>
              {t().step2}
              <div class="address">
                <code data-address={url}>
                  <Url url={url} />
                </code>
                <CopyButton text={url} label={t().address} />
              </div>
              {key !== undefined && <p class="soft">{t().keyInside}</p>}
              {isKeyMissing && <Notice kind="amber">{t().keyMissing}</Notice>}
            </li>
            <li>{t().step3}</li>
          </ol>
        </div>
      </section>
      <Addresses
        addresses={cameraUrls}
        chosen={address}
        onChoose={(index) => {
          chosen.value = index
        }}
      />
    </>
  )
}

const WHO = { lan: 'lan', internet: 'internet', 'this machine': 'machine' } as const

function Addresses({
  addresses,
  chosen,
  onChoose,
}: {
  addresses: readonly CameraAddress[]
  chosen: CameraAddress
  onChoose: (index: number) => void
}) {
  const name = useId()
  return (
    <fieldset class="addresses">
      <legend>
        <h2>{t().addresses}</h2>
      </legend>
      {addresses.map((address, index) => (
        <label key={address.url} class="panel">
          <input type="radio" name={name} checked={address === chosen} onChange={() => onChoose(index)} />
          <span class="what">
            <code>
              <Url url={address.url} />
            </code>
            <span class={`reach ${WHO[address.reach]}`}>
              <span class="dot" />
              {t()[WHO[address.reach]]}
              {address.network !== '' && <span class="soft"> · {t().network(address.network)}</span>}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
