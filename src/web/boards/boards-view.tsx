/** Boards: the console of each camera board, and the devices that send numbers. */

import { computed } from '@preact/signals'
import { useId } from 'preact/hooks'
import { camera, cameras } from '../api/room.ts'
import { maySteer } from '../api/settings.ts'
import { LinkButton } from '../components/button.tsx'
import { Empty, Failing, Loading, Notice } from '../components/states.tsx'
import { nameOf } from '../live/camera-names.ts'
import { href, route } from '../router.ts'
import { BoardPanel } from './board-panel.tsx'
import { isGone } from './board-state.ts'
import './boards.css'
import { t } from './boards-texts.ts'
import { DeviceList } from './device-list.tsx'
import { useDevices } from './device-source.ts'

/** By name alone: it changes only when a board comes or goes, or gets a name. */
const listed = computed(() =>
  JSON.stringify(cameras.value.filter(({ board }) => board !== null).map((one) => [one.id, nameOf(one)])),
)

export function BoardsView() {
  const boards: [id: string, name: string][] = JSON.parse(listed.value)
  const { devices, error, look } = useDevices()
  const [wanted] = route.value.rest
  const shown = wanted === undefined ? boards[0] : boards.find(([id]) => id === wanted)
  const devicesTitle = useId()
  return (
    <div class="page boards">
      <h1>{t().title}</h1>
      {(boards.length > 1 || (boards.length > 0 && !shown)) && (
        <nav class="which" aria-label={t().choose}>
          {boards.map(([id, name]) => (
            <Which key={id} id={id} name={name} isShown={id === shown?.[0]} />
          ))}
        </nav>
      )}
      {!shown && boards.length > 0 && <Notice kind="amber">{t().notHere(wanted ?? '')}</Notice>}
      {shown &&
        (maySteer.value ? (
          <BoardPanel key={shown[0]} id={shown[0]} name={shown[1]} />
        ) : (
          <Notice>{t().watchOnly}</Notice>
        ))}
      {boards.length === 0 && devices?.length === 0 && (
        <Empty icon="board" title={t().none} text={t().noneText}>
          <LinkButton kind="primary" icon="add" href={href('add', 'board')}>
            {t().how}
          </LinkButton>
        </Empty>
      )}
      {(boards.length > 0 || devices?.length !== 0) && (
        <section class="devices" aria-labelledby={devicesTitle}>
          <header>
            <h2 id={devicesTitle}>{t().devices}</h2>
            <p class="soft">{t().devicesLead}</p>
          </header>
          {devices ? (
            <DeviceList devices={devices} error={error} />
          ) : error === undefined ? (
            <Loading />
          ) : (
            <Failing error={error} onRetry={look} />
          )}
        </section>
      )}
    </div>
  )
}

/** Leads to a board, and says how it is with it. */
function Which({ id, name, isShown }: { id: string; name: string; isShown: boolean }) {
  const state = camera(id)?.value.state
  return (
    <a class="button" href={href('boards', id)} aria-current={isShown ? 'page' : undefined}>
      {state === 'recording' && (
        <>
          <span class="lamp" />
          <span class="for-readers">{t().recording}</span>
        </>
      )}
      <span class="name">{name}</span>
      {isGone(id) && <span class="soft">{t().gone}</span>}
    </a>
  )
}
