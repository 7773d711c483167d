/** The bar below the pictures: settings of the take, the record button, who takes part, how long the disk lasts. */

import { useLayoutEffect, useState } from 'preact/hooks'
import { cameras, disk, isRecording, take } from '../api/room.ts'
import { maySteer } from '../api/settings.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Icon } from '../components/icon.tsx'
import { Notice } from '../components/states.tsx'
import { bytesText, durationText } from '../format.ts'
import { nowMs } from '../now.ts'
import { href } from '../router.ts'
import { BoardFields } from './board-fields.tsx'
import { chosen, isDeserted, present } from './chosen.ts'
import { countdown, rollCall, startAnew, startOrStop, startOthers } from './command.ts'
import { t } from './control-texts.ts'
import { lastingText, minutesLeft } from './lasting.ts'
import { isIdleTake, nobodyRecords } from './nobody.ts'
import { RollCallStrip } from './roll-call-strip.tsx'
import { TakeFields } from './take-fields.tsx'
import { changeSettings, takeSettings } from './take-settings.ts'

export function Dock() {
  const [isOpen, setOpen] = useState(false)
  useSpaceBar()
  return (
    <section class="dock" aria-label={t().bar}>
      <div class="dock-notices">
        <DiskLow />
        <Deserted />
        <Nobody />
        <Others />
      </div>
      <RollCallStrip />
      <div class="dock-row">
        <div class="dock-left" data-boards={chosen.value.some((one) => one.board !== null) || undefined}>
          {maySteer.value && (
            <>
              <div class="fields-now">
                <TakeFields />
                {isRecording.value && <p class="soft">{t().whileRunning}</p>}
              </div>
              <Button
                icon="settings"
                label={t().settings}
                class="opens-fields"
                onClick={() => setOpen(true)}
              />
              <OfBoards />
            </>
          )}
        </div>
        <Record />
        <div class="dock-right">
          <Part />
          <DiskLeft />
        </div>
      </div>
      {isOpen && (
        <Dialog title={t().settings} onClose={() => setOpen(false)}>
          <TakeFields />
          {isRecording.value && <p class="soft">{t().whileRunning}</p>}
        </Dialog>
      )}
    </section>
  )
}

/** Boards have settings of their own: a button while some take part. */
function OfBoards() {
  const [isOpen, setOpen] = useState(false)
  const { board } = takeSettings.value
  if (!chosen.value.some((one) => one.board !== null)) return null
  return (
    <>
      <Button icon="board" label={t().ofBoards} onClick={() => setOpen(true)} />
      {isOpen && (
        <Dialog title={t().ofBoards} onClose={() => setOpen(false)}>
          <div class="body">
            <BoardFields settings={board} onChange={(changed) => changeSettings({ board: changed })} />
          </div>
        </Dialog>
      )}
    </>
  )
}

/** The one large button, and the time beside it. */
function Record() {
  const recording = isRecording.value
  const seconds = countdown.value
  const isCounting = seconds !== undefined
  const count = chosen.value.length
  const cannot = !maySteer.value || (!recording && !isCounting && count === 0)
  const label = isCounting ? t().cancel : recording ? t().stop : t().recordAll(count)
  const startedAtMs =
    take.value?.startedAtMs ??
    Math.min(...cameras.value.map((one) => one.recordingStartedAtMs ?? Number.POSITIVE_INFINITY))
  const isAlone = isDeserted.value || nobodyRecords.value
  const nobody = present.value.length === 0 ? t().noCamera : t().noneChosen
  const line = isCounting ? t().startsIn : recording ? runningText() : count === 0 ? nobody : t().ready
  const hint = isCounting ? t().spaceCancels : recording ? t().spaceStops : count > 0 && t().spaceStarts
  const time = isCounting
    ? String(seconds)
    : durationText(recording && Number.isFinite(startedAtMs) ? nowMs.value - startedAtMs : 0)
  return (
    <div class="record-group" data-recording={recording || undefined} data-alone={isAlone || undefined}>
      <button
        type="button"
        class="record"
        aria-label={label}
        title={maySteer.value ? label : t().watchOnly}
        aria-keyshortcuts="Space"
        disabled={cannot}
        onClick={startOrStop}
      >
        {isCounting ? <span class="count">{seconds}</span> : <span class="sign" />}
      </button>
      <div class="record-text">
        <span class="line">{line}</span>
        <span class="time figures" role="timer">
          {time}
        </span>
        {maySteer.value && hint && <span class="hint">{hint}</span>}
      </div>
    </div>
  )
}

function runningText(): string {
  if (isDeserted.value) return t().takeRuns
  return nobodyRecords.value ? t().nobodyRecords : t().recordingNow
}

function Part() {
  const here = present.value.length
  if (here === 0)
    return isDeserted.value ? (
      <span class="fact amber">
        <Icon name="alert" size={18} />
        <span>{t().noCamera}</span>
      </span>
    ) : null
  const recording = cameras.value.filter(({ state }) => state === 'recording').length
  const part = chosen.value.length
  const text = isRecording.value
    ? t().inTake(recording, here)
    : part === here
      ? t().all(here)
      : t().some(part, here)
  return (
    <span class="fact">
      <Icon name="camera" size={18} />
      <span>{text}</span>
    </span>
  )
}

function DiskLeft() {
  const now = disk.value
  if (!now) return null
  const { freeBytes, isLow } = now
  const minutes = minutesLeft.value
  return (
    <span class="fact" title={t().onDisk} data-low={isLow || undefined}>
      <Icon name="disk" size={18} />
      <span class="figures">
        {minutes === null ? t().free(bytesText(freeBytes)) : t().left(lastingText(minutes))}
      </span>
    </span>
  )
}

function DiskLow() {
  const now = disk.value
  if (!now?.isLow) return null
  return (
    <Notice kind="red" action={<LinkButton href={href('library')}>{t().toLibrary}</LinkButton>}>
      {t().diskLow(bytesText(now.freeBytes))}
    </Notice>
  )
}

/** The take goes on without anybody in it: who comes back is started again. */
function Deserted() {
  if (!isDeserted.value) return null
  return <Notice kind="amber">{t().deserted}</Notice>
}

/** The take is open and records nothing. */
function Nobody() {
  // While the roll call stands, it says why.
  if (!nobodyRecords.value || rollCall.value) return null
  const mayStart = maySteer.value && chosen.value.length > 0 && countdown.value === undefined
  return (
    <Notice kind="amber" action={mayStart && <Button onClick={startAnew}>{t().startAnew}</Button>}>
      {t().idleTake}
    </Notice>
  )
}

/** Cameras that came while a take runs, or were left out of it. */
function Others() {
  // While the roll call stands, it says the same.
  if (!take.value || !maySteer.value || rollCall.value || isIdleTake.value) return null
  const idle = chosen.value.filter(({ state }) => state === 'ready').map(({ id }) => id)
  if (idle.length === 0) return null
  return (
    <Notice action={<Button onClick={() => startOthers(idle)}>{t().startThem(idle.length)}</Button>}>
      {t().others(idle.length)}
    </Notice>
  )
}

/** Space starts and stops, unless the focus is where it means something else. */
function useSpaceBar(): void {
  // Not after the next painting, as useEffect: who sees the page may press at once.
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== ' ' || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return
      const target = event.target as Element
      // A radio button that is chosen already takes a space for nothing.
      const taker = target.closest(
        'button, a, input:not([type="radio"]:checked), select, textarea, dialog, [contenteditable], [popover]',
      )
      if (taker) return
      event.preventDefault()
      startOrStop()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [])
}
