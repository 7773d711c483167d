/** Add a camera: any phone by its browser, or the Android app; who can reach it, and the cameras as they come. */

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Settings, Tokens } from '../../wire/api/settings.ts'
import { api } from '../api/client.ts'
import { connection, serverStartedAtMs } from '../api/room.ts'
import { loadSettings } from '../api/settings.ts'
import { Choice } from '../components/field.tsx'
import { Failing, Loading, Notice } from '../components/states.tsx'
import { route } from '../router.ts'
import './add.css'
import { t } from './add-texts.ts'
import { isOutOfReach } from './addresses.ts'
import { Arrivals } from './arrivals.tsx'
import { AppSteps, BoardSteps, PhoneSteps } from './connect.tsx'

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
        if (state.peek().kind !== 'there') state.value = { kind: 'failed', error }
      },
    )
  // Another run of the server may have other addresses.
  useEffect(() => void load(), [serverStartedAtMs.value, connection.value === 'live'])
  const now = state.value
  return (
    <div class="page add">
      <header>
        <h1>{t().title}</h1>
        <p class="soft">{t().lead}</p>
      </header>
      {now.kind === 'loading' && <Loading />}
      {now.kind === 'failed' && <Failing error={now.error} onRetry={load} />}
      {now.kind === 'there' && <Ways settings={now.settings} cameraKey={now.key} />}
      <Arrivals />
    </div>
  )
}

/** The key is asked for only where an address needs it, and only when it may be seen. */
async function fetchWhatIsNeeded(): Promise<{ settings: Settings; key: string | undefined }> {
  const settings = await loadSettings()
  const isNeeded = settings.cameraUrls.some(({ needsKey }) => needsKey)
  if (!isNeeded || settings.role === 'watch') return { settings, key: undefined }
  const { cameraKey } = await api<Tokens>('GET', '/api/tokens')
  return { settings, key: cameraKey }
}

/** Behind `#/add/`: boards are what is to be added. */
const BOARD = 'board'
type Way = 'phone' | 'app' | typeof BOARD
const STEPS = { phone: PhoneSteps, app: AppSteps, [BOARD]: BoardSteps }

function Ways({ settings, cameraKey }: { settings: Settings; cameraKey: string | undefined }) {
  const way = useSignal<Way>(
    route.value.rest[0] === BOARD ? BOARD : settings.cameraPages.length > 0 ? 'phone' : 'app',
  )
  const Steps = STEPS[way.value]
  return (
    <>
      {isOutOfReach(settings.cameraUrls) && (
        <Notice kind="amber">
          <strong>{t().noneTitle}.</strong>{' '}
          {settings.cameraUrls.some(({ reach }) => reach === 'unlikely') ? t().unlikelyText : t().noneText}
        </Notice>
      )}
      <Choice<Way>
        label={t().way}
        value={way.value}
        onChange={(chosen) => {
          way.value = chosen
        }}
        options={[
          { value: 'phone', text: t().anyPhone },
          { value: 'app', text: t().androidApp },
          { value: BOARD, text: t().board },
        ]}
      />
      <Steps settings={settings} cameraKey={cameraKey} />
    </>
  )
}
