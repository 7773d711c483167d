/** Every camera of the room at once, or one big with the others beside it; below, what starts and stops them. */

import { computed } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { CameraView } from '../../wire/api/cameras.ts'
import type { Tokens } from '../../wire/api/settings.ts'
import { api } from '../api/client.ts'
import { camera, cameraIds, cameras } from '../api/room.ts'
import { maySteer, settings } from '../api/settings.ts'
import { LinkButton } from '../components/button.tsx'
import { Empty, Notice } from '../components/states.tsx'
import { Dock } from '../control/dock.tsx'
import { go, href, route } from '../router.ts'
import { layoutTiles } from './layout.ts'
import { t } from './live-texts.ts'
import { canPlay, setImportance } from './player.ts'
import { Tile } from './tile.tsx'

export function LiveView() {
  const ids = cameraIds.value
  const view = useRef<HTMLDivElement>(null)
  useEffect(() => {
    view.current?.addEventListener('click', giveFocusBack)
  }, [])
  return (
    <div class="live" ref={view}>
      <div class="notices">
        <NoPictures />
      </div>
      {ids.length === 0 ? (
        <Empty icon="camera" title={t().emptyTitle} text={t().emptyText}>
          <LinkButton kind="primary" icon="add" href={href('add')}>
            {t().add}
          </LinkButton>
        </Empty>
      ) : (
        <Tiles ids={ids} />
      )}
      <Dock />
    </div>
  )
}

/** What a pointer has pressed keeps no focus: the space bar is for recording again. Keys leave the focus where it is. */
function giveFocusBack(event: MouseEvent): void {
  const pressed = (event.target as Element).closest<HTMLElement>('button, input[type="checkbox"]')
  if (event.detail > 0 && pressed === document.activeElement) pressed?.blur()
}

/** Why this browser shows none, and what to do. */
function NoPictures() {
  if (canPlay) return null
  const secureUrl = settings.value?.secureUrl
  if (isSecureContext || !secureUrl)
    return <Notice kind="amber">{isSecureContext ? t().noDecoder : t().notSecure}</Notice>
  return (
    <Notice kind="amber" action={<SecureLink url={secureUrl} />}>
      {t().notSecure}
    </Notice>
  )
}

/** Cookies of one port do not count at the other: the token goes along, where it may be seen, and is asked for when the link is pressed. */
function SecureLink({ url }: { url: string }) {
  const open = async (event: MouseEvent) => {
    if (!maySteer.peek()) return
    event.preventDefault()
    const target = await api<Tokens>('GET', '/api/tokens').then(
      ({ accessToken }) => `${url.replace(/\/$/, '')}/login#${accessToken}`,
      () => url,
    )
    location.assign(target)
  }
  return (
    <LinkButton href={url} onClick={(event) => void open(event)}>
      {t().openSecure}
    </LinkButton>
  )
}

/** Sizes that the layout reckons with, from tokens.css and live.css. */
interface Measures {
  width: number
  height: number
  gap: number
  bar: number
}

function Tiles({ ids }: { ids: readonly string[] }) {
  const room = useRef<HTMLElement>(null)
  const [measures, setMeasures] = useState<Measures | undefined>(undefined)
  const wanted = route.value.view === 'live' ? route.value.rest[0] : undefined
  const big = wanted === undefined ? -1 : ids.indexOf(wanted)

  useLayoutEffect(() => {
    const element = room.current!
    const measure = () => {
      const style = getComputedStyle(element)
      const padding = Number.parseFloat(style.paddingLeft) * 2
      setMeasures({
        width: element.clientWidth - padding,
        height: element.clientHeight - padding,
        gap: Number.parseFloat(style.rowGap),
        bar: Number.parseFloat(style.getPropertyValue('--bar')),
      })
    }
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => observer.disconnect()
  }, [])

  useImportance(big < 0 ? undefined : wanted)
  useLayoutEffect(() => {
    const leave = ({ key }: KeyboardEvent) => {
      if (key === 'Escape' && !document.fullscreenElement && route.peek().rest.length > 0) go('live')
    }
    addEventListener('keydown', leave)
    return () => removeEventListener('keydown', leave)
  }, [])

  const layout = measures && layoutTiles({ ...measures, count: ids.length, big: big < 0 ? undefined : big })
  return (
    <section ref={room} class="tiles" aria-label={t().cameras}>
      <div class="floor" style={{ height: `${layout?.height ?? 0}px` }}>
        {layout &&
          ids.map((id, i) => <Tile key={id} camera={camera(id)!} box={layout.tiles[i]!} isBig={i === big} />)}
      </div>
    </section>
  )
}

/** The big one matters most, then what records, then the order on the screen. */
function useImportance(big: string | undefined): void {
  const key = byImportance.value
  useEffect(() => {
    const ids = key === '' ? [] : key.split(' ')
    const order = [...ids.filter((id) => id === big), ...ids.filter((id) => id !== big)]
    const tell = () => setImportance(order, document.hidden)
    tell()
    document.addEventListener('visibilitychange', tell)
    return () => document.removeEventListener('visibilitychange', tell)
  }, [key, big])
}

/** Ids with spaces between: a string changes only when the order does. */
const byImportance = computed(() => {
  const isIdle = (one: CameraView) => Number(one.state !== 'recording')
  return [...cameras.value]
    .sort((a, b) => isIdle(a) - isIdle(b))
    .map(({ id }) => id)
    .join(' ')
})
