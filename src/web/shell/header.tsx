/** The line above every view: where one is, how the server is, language and theme. */

import { api } from '../api/client.ts'
import { connection, health, isRecording } from '../api/room.ts'
import { Button } from '../components/button.tsx'
import { DisplayChoices } from '../components/display-choices.tsx'
import { Icon, type IconName } from '../components/icon.tsx'
import { isDeserted } from '../control/chosen.ts'
import { Countdown } from '../control/countdown.tsx'
import { nobodyRecords } from '../control/nobody.ts'
import { href, route, type View } from '../router.ts'
import { hasBoards } from './has-boards.ts'
import { t } from './shell-texts.ts'

const MENU = 'display-menu'

export function Header() {
  const recording = isRecording.value && !isDeserted.value && !nobodyRecords.value
  return (
    <header class="header">
      <a class={`brand ${recording ? 'recording' : ''}`} href={href('live')}>
        <span class="lamp" />
        <span>Rollcall</span>
        {recording && <span class="for-readers">{t().recording}</span>}
      </a>
      <Navigation />
      <div class="right">
        <Countdown />
        <Health />
        <Button kind="quiet" icon="globe" label={t().display} opens={MENU} />
        <DisplayMenu />
      </div>
    </header>
  )
}

type Entry = [View, IconName, text: string, short?: string]

function Navigation() {
  const entries: Entry[] = [
    ['live', 'live', t().live],
    ['library', 'library', t().library],
    ...(hasBoards.value || route.value.view === 'boards' ? [['boards', 'board', t().boards] as Entry] : []),
    ['add', 'add', t().add, t().addShort],
    ['settings', 'settings', t().settings],
  ]
  return (
    <nav class="nav" aria-label={t().views}>
      {entries.map(([view, icon, text, short]) => (
        <a key={view} href={href(view)} aria-current={route.value.view === view ? 'page' : undefined}>
          <Icon name={icon} size={18} />
          <span class={short && 'long'}>{text}</span>
          {short && (
            <span class="short" aria-hidden="true">
              {short}
            </span>
          )}
        </a>
      ))}
    </nav>
  )
}

/** How the server is, in one dot; words only when there is something to say. */
function Health() {
  if (connection.value !== 'live') return null
  const { level, reasons } = health.value
  if (level === 'good')
    return (
      <span class="pill green" title={t().connected}>
        <span class="dot" />
        <span class="for-readers">{t().connected}</span>
      </span>
    )
  return (
    <a class={`pill ${level === 'bad' ? 'red' : 'amber'}`} href={href('settings')}>
      <Icon name="alert" size={16} />
      <span>{reasons.map(reasonText).join(' · ') || t().otherHealth}</span>
    </a>
  )
}

/** Of the codes that the API has; of one that is newer than this page, the code. */
function reasonText(code: string): string {
  const words = t()
  switch (code) {
    case 'data-folder-not-writable':
    case 'space-low':
    case 'event-loop-late':
      return words[code]
    default:
      return code
  }
}

function DisplayMenu() {
  const signOut = () => api('POST', '/api/logout').finally(() => location.replace('/login'))
  return (
    <div id={MENU} class="popover display-menu" popover="auto">
      <div>
        <DisplayChoices />
        <Button icon="out" onClick={signOut}>
          {t().signOut}
        </Button>
      </div>
    </div>
  )
}
