/** The tokens: shown when they are asked for, copied, made anew. */

import { useSignal } from '@preact/signals'
import type { Settings, Tokens } from '../../wire/api/settings.ts'
import { api, problemOf } from '../api/client.ts'
import { Button } from '../components/button.tsx'
import { CopyButton } from '../components/copy-button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Notice } from '../components/states.tsx'
import { toast } from '../components/toasts.tsx'
import { shared } from '../shared-texts.ts'
import { t } from './settings-texts.ts'

const KINDS = ['accessToken', 'watchToken', 'cameraKey'] as const
type Kind = (typeof KINDS)[number]

export function Access({ role }: { role: Settings['role'] }) {
  const tokens = useSignal<Tokens | undefined>(undefined)
  const asked = useSignal<Kind | undefined>(undefined)
  if (role === 'watch') return <Notice>{t().watchOnly}</Notice>
  const show = () =>
    api<Tokens>('GET', '/api/tokens').then(
      (found) => {
        tokens.value = found
      },
      (error) => toast({ kind: 'red', text: problemOf(error) }),
    )
  const rotate = async (kind: Kind) => {
    asked.value = undefined
    try {
      tokens.value = await api<Tokens>('POST', '/api/tokens/rotate', { which: [kind] })
      toast({ kind: 'green', text: t().rotated(t()[kind]) })
    } catch (error) {
      toast({ kind: 'red', text: problemOf(error) })
    }
  }
  const shown = tokens.value
  return (
    <div class="access">
      {shown ? (
        <>
          <ul>
            {KINDS.map((kind) => (
              <TokenRow key={kind} kind={kind} value={shown[kind]} onRotate={() => (asked.value = kind)} />
            ))}
          </ul>
          <Button onClick={() => (tokens.value = undefined)}>{t().hide}</Button>
        </>
      ) : (
        <Button onClick={() => void show()}>{t().show}</Button>
      )}
      {asked.value && (
        <RotateDialog
          kind={asked.value}
          onCancel={() => (asked.value = undefined)}
          onRotate={(kind) => void rotate(kind)}
        />
      )}
    </div>
  )
}

function TokenRow({ kind, value, onRotate }: { kind: Kind; value: string; onRotate: () => void }) {
  const name = t()[kind]
  return (
    <li class="panel">
      <div class="what">
        <h3>{name}</h3>
        <p class="soft">{t()[`${kind}About`]}</p>
        <code data-token={kind}>{value}</code>
      </div>
      <div class="actions">
        <CopyButton text={value} label={name} />
        {kind !== 'cameraKey' && (
          <CopyButton text={`${location.origin}/login#${value}`} label={name}>
            {t().link}
          </CopyButton>
        )}
        <Button icon="turning" label={`${t().rotate}: ${name}`} onClick={onRotate}>
          {t().rotate}
        </Button>
      </div>
    </li>
  )
}

function RotateDialog({
  kind,
  onCancel,
  onRotate,
}: {
  kind: Kind
  onCancel: () => void
  onRotate: (kind: Kind) => void
}) {
  return (
    <Dialog
      title={t().rotateTitle(t()[kind])}
      onClose={onCancel}
      footer={
        <>
          <Button onClick={onCancel}>{shared().cancel}</Button>
          <Button kind="danger" onClick={() => onRotate(kind)}>
            {t().rotate}
          </Button>
        </>
      }
    >
      <p>{kind === 'cameraKey' ? t().rotateKey : t().rotateToken}</p>
    </Dialog>
  )
}
