/** The control room: header, the view that the address names, and what floats above it. */

import { useEffect, useRef } from 'preact/hooks'
import { problemOf } from '../api/client.ts'
import { connection, connectionError } from '../api/room.ts'
import { Icon } from '../components/icon.tsx'
import { Loading, State } from '../components/states.tsx'
import { Toasts } from '../components/toasts.tsx'
import { LiveView } from '../live/live-view.tsx'
import { route, type View } from '../router.ts'
import { languageTag } from '../texts.ts'
import { Header } from './header.tsx'
import { lazy } from './lazy.tsx'
import { t } from './shell-texts.ts'

const VIEW = {
  live: LiveView,
  library: lazy(() => import('../library/library-view.tsx').then(({ LibraryView }) => LibraryView)),
  boards: lazy(() => import('../boards/boards-view.tsx').then(({ BoardsView }) => BoardsView)),
  add: lazy(() => import('../add/add-view.tsx').then(({ AddView }) => AddView)),
  settings: lazy(() => import('../settings/settings-view.tsx').then(({ SettingsView }) => SettingsView)),
}

export function App() {
  const { view } = route.value
  const main = useRef<HTMLElement>(null)
  const shownBefore = useRef<View>(view)
  const tag = languageTag()
  const title = t()[view]
  useEffect(() => {
    document.documentElement.lang = tag
    document.title = `${title} · Rollcall`
  }, [tag, title])
  useEffect(() => {
    if (shownBefore.current === view) return
    shownBefore.current = view
    main.current?.scrollTo(0, 0)
    // A screen reader goes on where the view begins.
    main.current?.focus()
  }, [view])
  const Shown = VIEW[view]
  return (
    <>
      {/* A button: a link's # would be taken for a view. */}
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {t().skip}
      </button>
      <Header />
      {connection.value === 'lost' && (
        <div class="notice amber banner" role="alert">
          <Icon name="turning" class="turning" />
          <p>{t().lost}</p>
        </div>
      )}
      <main id="main" ref={main} tabIndex={-1} aria-label={title}>
        {view === 'live' && connection.value === 'connecting' ? (
          <Loading text={t().connecting} />
        ) : view === 'live' && connection.value === 'failing' ? (
          <State
            icon="alert"
            title={t().failing}
            text={t().failingText(problemOf(connectionError.value))}
            role="alert"
            isFault
          />
        ) : (
          <Shown />
        )}
      </main>
      <Toasts />
    </>
  )
}
