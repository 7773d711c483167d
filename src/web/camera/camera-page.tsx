/** The whole page: state, picture, controls. In portrait one below the other, in landscape beside each other (camera.css). */

import type { ReadonlySignal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { languageTag } from '../texts.ts'
import { t } from './camera-texts.ts'
import { Controls } from './controls.tsx'
import { deviceNowMs } from './device-now.ts'
import { camera, workerInability } from './page-worker.ts'
import { Preview } from './preview.tsx'
import { headlineOf } from './sayings.ts'
import { SettingsSheet } from './settings-sheet.tsx'
import { openSource, source } from './source.ts'
import { StateBar } from './state-bar.tsx'
import { NoPicture, Refused, Replaced, type Trouble, Unable } from './trouble.tsx'
import { Sayings } from './warnings.tsx'

export function CameraPage({ inability }: { inability: ReadonlySignal<Trouble | null> }) {
  const tag = languageTag()
  const title = t().page
  const [isOpen, setOpen] = useState(false)
  const headline = headlineOf(source.value.state, camera.value, deviceNowMs.value)
  const isRecording = headline.kind === 'recording'
  useEffect(() => {
    document.documentElement.lang = tag
    document.title = `${isRecording ? '● ' : ''}${title} · Rollcall`
  }, [tag, title, isRecording])
  const fault = inability.value ?? workerInability.value
  if (fault)
    return (
      <main class="camera alone" aria-label={title}>
        <Unable {...fault} />
      </main>
    )
  return (
    <main class="camera" aria-label={title} data-state={headline.kind}>
      <h1 class="for-readers">{title}</h1>
      <StateBar headline={headline} />
      <section class="stage">
        <Stage />
        <Sayings />
      </section>
      <Controls onSettings={() => setOpen(true)} />
      {isOpen && <SettingsSheet onClose={() => setOpen(false)} />}
    </main>
  )
}

function Stage() {
  const { state, stream } = source.value
  const { link, capture } = camera.value
  if (link === 'replaced') return <Replaced />
  // What runs goes on: some browsers film what the preview shows.
  if (link === 'refused' && !capture) return <Refused />
  if (state !== 'open' || !stream) return <NoPicture state={state as 'asking'} onRetry={openSource} />
  return <Preview stream={stream} />
}
