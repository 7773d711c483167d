/** Settings: how the server is, what it runs with, who gets in, and what it says. */

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useId } from 'preact/hooks'
import type { Settings } from '../../wire/api/settings.ts'
import { connection, serverStartedAtMs } from '../api/room.ts'
import { loadSettings, settings } from '../api/settings.ts'
import { DisplayChoices } from '../components/display-choices.tsx'
import { Failing, Loading } from '../components/states.tsx'
import { Access } from './access.tsx'
import { LogTail } from './log-tail.tsx'
import { Options } from './options.tsx'
import { ServerState } from './server-state.tsx'
import './settings.css'
import { t } from './settings-texts.ts'

export function SettingsView() {
  const error = useSignal<unknown>(undefined)
  const load = () => {
    error.value = undefined
    loadSettings().catch((reason) => {
      error.value = reason
    })
  }
  // Another run of the server may have other options.
  useEffect(load, [serverStartedAtMs.value, connection.value === 'live'])
  const found = settings.value
  return (
    <div class="page settings">
      <h1>{t().title}</h1>
      {found ? (
        <Sections settings={found} />
      ) : error.value ? (
        <Failing error={error.value} onRetry={load} />
      ) : (
        <Loading />
      )}
    </div>
  )
}

function Sections({ settings: found }: { settings: Settings }) {
  return (
    <>
      <Section title={t().server}>
        <ServerState settings={found} />
      </Section>
      <Section title={t().display}>
        <div class="panel display">
          <DisplayChoices />
        </div>
      </Section>
      <Section title={t().access} lead={t().accessLead}>
        <Access role={found.role} />
      </Section>
      <Section title={t().options} lead={t().optionsLead}>
        <Options options={found.options} />
      </Section>
      <Section title={t().log} lead={t().logLead}>
        <LogTail />
      </Section>
    </>
  )
}

function Section({ title, lead, children }: { title: string; lead?: string; children: ComponentChildren }) {
  const id = useId()
  return (
    <section aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {lead && <p class="soft">{lead}</p>}
      </header>
      {children}
    </section>
  )
}
