/** The console of one board: its live picture, what it is told, and what was said. */

import { useSignal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { BOARD_STOP_TEXT, type BoardSettings, boardStartText } from '../../wire/board.ts'
import { camera } from '../api/room.ts'
import { Button } from '../components/button.tsx'
import { TextField } from '../components/field.tsx'
import { Notice } from '../components/states.tsx'
import { toast } from '../components/toasts.tsx'
import { BoardFields } from '../control/board-fields.tsx'
import { countText } from '../format.ts'
import { BoardConsole } from './board-console.ts'
import { BoardPicture } from './board-picture.tsx'
import { isGone } from './board-state.ts'
import { t } from './boards-texts.ts'
import { ConsoleLog } from './console-log.tsx'

/** The server takes 4096 bytes, a character may have three. */
const MAX_CHARS = 1300

export function BoardPanel({ id, name }: { id: string; name: string }) {
  const [dev, setDev] = useState<BoardConsole | undefined>(undefined)
  useEffect(() => {
    const opened = new BoardConsole(id)
    setDev(opened)
    return () => opened.close()
  }, [id])
  if (!dev) return null
  return (
    <section class="board" aria-label={name}>
      <div class="seen">
        <BoardPicture dev={dev} id={id} name={name} />
        <Figures id={id} />
      </div>
      <div class="said">
        <State dev={dev} id={id} />
        <Commands dev={dev} />
        <ConsoleLog lines={dev.lines} />
      </div>
    </section>
  )
}

function State({ dev, id }: { dev: BoardConsole; id: string }) {
  if (dev.state.value === 'lost') return <Notice kind="amber">{t().lost}</Notice>
  return isGone(id) ? <Notice kind="amber">{t().away}</Notice> : null
}

function Figures({ id }: { id: string }) {
  const one = camera(id)?.value
  if (!one) return null
  const { board, width, height, fps, pictures, malformed } = one
  // Of one that is gone these are the last ones.
  const isThere = !isGone(id)
  const isCapturing = isThere && board?.isCapturing === true
  return (
    <p class="facts soft">
      <span>{id}</span>
      <span class={isCapturing ? 'now' : undefined}>
        {isCapturing ? t().capturing : isThere ? t().idle : t().gone}
      </span>
      {isThere && <span>{t().fps(countText(Math.round(fps ?? 0)))}</span>}
      <span>{t().total(countText(pictures), pictures)}</span>
      {width !== null && height !== null && <span>{`${width}×${height}`}</span>}
      {board && board.unknown > 0 && <span>{t().unknown(countText(board.unknown), board.unknown)}</span>}
      {malformed > 0 && <span class="bad">{t().malformed(countText(malformed))}</span>}
    </p>
  )
}

function Commands({ dev }: { dev: BoardConsole }) {
  const settings = useSignal<BoardSettings>({})
  const isWrong = useSignal(false)
  const text = useSignal('')
  const send = (words: string) => {
    const isSent = dev.send(words)
    if (!isSent) toast({ kind: 'red', text: t().notSent })
    return isSent
  }
  return (
    <section class="panel commands" aria-label={t().commands}>
      <BoardFields
        settings={settings.value}
        onChange={(changed) => {
          settings.value = changed
        }}
        onWrong={(wrong) => {
          isWrong.value = wrong
        }}
      />
      <div class="buttons">
        <Button
          kind="primary"
          icon="play"
          disabled={isWrong.value}
          onClick={() => send(boardStartText(settings.value))}
        >
          {t().start}
        </Button>
        <Button icon="stop" onClick={() => send(BOARD_STOP_TEXT)}>
          {t().stop}
        </Button>
        <Button icon="info" onClick={() => send('status')}>
          {t().status}
        </Button>
      </div>
      <form
        class="any"
        onSubmit={(event) => {
          event.preventDefault()
          if (text.value.trim() !== '' && send(text.value)) text.value = ''
        }}
      >
        <TextField
          label={t().text}
          value={text.value}
          maxLength={MAX_CHARS}
          onInput={(typed) => {
            text.value = typed
          }}
        />
        <Button type="submit">{t().send}</Button>
      </form>
    </section>
  )
}
