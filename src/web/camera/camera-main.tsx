/** The camera page: the phone that opens it is a camera. What belongs to it stands in this folder; the engine is in camera-worker.ts. */

import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/components.css'
import './camera.css'
import './sheet.css'
import { effect, signal } from '@preact/signals'
import { render } from 'preact'
import { inabilityHere } from './ability.ts'
import { keepAwake } from './awake.ts'
import { takeKeyFromAddress } from './camera-key.ts'
import { CameraPage } from './camera-page.tsx'
import { lens, ownPicture, picture } from './chosen.ts'
import { followClock } from './device-now.ts'
import { wasCameraBefore } from './identity.ts'
import { beginWorker, camera, tell } from './page-worker.ts'
import { watchPhone } from './phone-health.ts'
import { keepShell } from './shell.ts'
import { closeSource, openSource, reopenWhenSeen, resizeSource, source } from './source.ts'
import { askToKeep } from './storage-room.ts'
import type { Trouble } from './trouble.tsx'

const inability = signal<Trouble | null>(null)

takeKeyFromAddress()
followClock()
render(<CameraPage inability={inability} />, document.getElementById('app')!)
void begin()

async function begin(): Promise<void> {
  const found = await inabilityHere()
  if (found) {
    inability.value = found
    return
  }
  // A phone that was a camera before may keep pictures that wait for the server, whether or not its camera opens.
  if (wasCameraBefore()) await beginWorker()
  reopenWhenSeen()
  followChoices()
  keepAwake()
  void watchPhone()
  await openSource()
  await keepShell()
}

/** Holds the worker and the camera to what is chosen. */
function followChoices(): void {
  effect(() => {
    if (source.value.state === 'open') void beginWorker()
  })
  let ownBefore = ownPicture.peek()
  effect(() => {
    const own = ownPicture.value
    if (own === ownBefore) return
    ownBefore = own
    tell({ type: 'settings', settings: picture.peek(), own })
  })
  let before = picture.peek()
  effect(() => {
    const settings = picture.value
    if (settings === before) return
    const isResized = JSON.stringify(sizeOf(settings)) !== JSON.stringify(sizeOf(before))
    before = settings
    if (isResized) void resizeSource(settings)
  })
  let lensBefore = lens.peek()
  effect(() => {
    if (lens.value === lensBefore) return
    lensBefore = lens.value
    void openSource()
  })
  effect(() => {
    const { capture, isMemoryOnly, waitingBytes } = camera.value
    if (capture || (isMemoryOnly && waitingBytes > 0)) addEventListener('beforeunload', ask)
    else removeEventListener('beforeunload', ask)
  })
  let hasAsked = false
  effect(() => {
    if (!camera.value.capture || hasAsked) return
    hasAsked = true
    void askToKeep()
  })
  effect(() => {
    // Another page has the camera: two cannot have it on most phones.
    if (camera.value.link === 'replaced') closeSource('taken')
  })
}

/** A page that goes away ends what it records, and loses what is in memory alone: the browser asks first (HTML, 7.4.2.4). */
function ask(event: BeforeUnloadEvent): void {
  event.preventDefault()
}

/** What the camera itself is asked for. */
function sizeOf({ ratio, shortSide, fps }: typeof picture.value) {
  return [ratio, shortSide, fps]
}
