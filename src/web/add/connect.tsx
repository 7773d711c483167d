/** What to do on the phone: the code to scan, the steps, and the addresses to choose from. */

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import type { Settings } from '../../wire/api/settings.ts'
import { CopyButton } from '../components/copy-button.tsx'
import { Notice } from '../components/states.tsx'
import { Url } from '../components/url.tsx'
import { language } from '../texts.ts'
import { t } from './add-texts.ts'
import { type CameraAddress, keyBehindHash, withKey } from './addresses.ts'
import { QrCode } from './qr-code.tsx'

interface Props {
  settings: Settings
  /** undefined where none is needed or it may not be seen. */
  cameraKey: string | undefined
}

/** A phone's browser opens the camera page. */
export function PhoneSteps({ settings, cameraKey }: Props) {
  if (settings.cameraPages.length === 0) return <Notice kind="amber">{t().noHttps}</Notice>
  const isOwn = settings.options.some(({ key, value }) => key === 'tlsCert' && value === '')
  return (
    <Connect
      addresses={settings.cameraPages}
      cameraKey={cameraKey}
      addKey={keyBehindHash}
      step={t().scan}
      last={
        <>
          {isOwn && (
            <li>
              {t().warning}{' '}
              <a href={keyBehindHash('/trust', settings.needsKey ? cameraKey : undefined)}>{t().trust}</a>
              <img
                class="warning"
                src={`/warning-${language.value}.svg`}
                alt={t().warningPicture}
                width={680}
                height={470}
              />
            </li>
          )}
          <li>{t().allow}</li>
        </>
      }
    />
  )
}

/** The Android app is given the address of the WebSocket. */
export function AppSteps({ settings, cameraKey }: Props) {
  return (
    <Connect
      addresses={settings.cameraUrls}
      cameraKey={cameraKey}
      addKey={withKey}
      step={t().step2}
      last={<li>{t().step3}</li>}
    />
  )
}

/** A board's firmware is given the address. */
export function BoardSteps({ settings, cameraKey }: Props) {
  const addresses = settings.cameraUrls.map((address) => ({
    ...address,
    url: address.url.replace(/\/android-cam$/, '/esp'),
  }))
  return (
    <Connect
      addresses={addresses}
      cameraKey={cameraKey}
      addKey={withKey}
      first={t().boardStep1}
      step={t().boardStep2}
      last={<li>{t().boardStep3}</li>}
      hasCode={false}
    />
  )
}

function Connect({
  addresses,
  cameraKey,
  addKey,
  first = t().step1,
  step,
  last,
  hasCode = true,
}: Pick<Props, 'cameraKey'> & {
  addresses: readonly CameraAddress[]
  addKey: (url: string, key: string | undefined) => string
  first?: string
  step: string
  last: ComponentChildren
  /** The address as a QR code: boards read none. */
  hasCode?: boolean
}) {
  const chosen = useSignal(0)
  const address = addresses[chosen.value] ?? addresses[0]
  if (!address) return <Notice kind="amber">{t().noneText}</Notice>
  const key = address.needsKey ? cameraKey : undefined
  const url = addKey(address.url, key)
  return (
    <>
      <section class={`connect panel ${hasCode ? '' : 'plain'}`}>
        {hasCode && <QrCode text={url} label={t().code(address.url)} />}
        <div class="how">
          <ol>
            <li>{first}</li>
            <li>
              {step}
              <div class="address">
                <code data-address={url}>
                  <Url url={url} />
                </code>
                <CopyButton text={url} label={t().address} />
              </div>
              {key !== undefined && <p class="soft">{t().keyInside}</p>}
              {address.needsKey && key === undefined && <Notice kind="amber">{t().keyMissing}</Notice>}
            </li>
            {last}
          </ol>
        </div>
      </section>
      <Addresses
        addresses={addresses}
        chosen={address}
        onChoose={(index) => {
          chosen.value = index
        }}
      />
    </>
  )
}

const WHO = { lan: 'lan', internet: 'internet', unlikely: 'unlikely', 'this machine': 'machine' } as const

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
