/** What the server runs with: what was changed first, the rest on demand. */

import type { Settings } from '../../wire/api/settings.ts'
import { countText } from '../format.ts'
import { t } from './settings-texts.ts'

type Option = Settings['options'][number]

export function Options({ options }: { options: readonly Option[] }) {
  const changed = options.filter(({ isDefault }) => !isDefault)
  const others = options.filter(({ isDefault }) => isDefault)
  return (
    <div class="options">
      {changed.length > 0 ? <List options={changed} /> : <p class="soft">{t().noneChanged}</p>}
      {others.length > 0 && (
        <details>
          <summary>
            {changed.length > 0
              ? t().others(countText(others.length))
              : t().showAll(countText(others.length))}
          </summary>
          <List options={others} />
        </details>
      )}
    </div>
  )
}

function List({ options }: { options: readonly Option[] }) {
  return (
    <dl class="panel">
      {options.map(({ key, value, isDefault, help }) => (
        <div key={key}>
          <dt>
            <code>{key}</code>
            {!isDefault && <span class="badge accent">{t().changed}</span>}
          </dt>
          <dd class="value">
            <code>{value === '' ? '–' : value}</code>
          </dd>
          {/* In English as in docs/configuration.md. */}
          <dd class="help soft" lang="en">
            {help}
          </dd>
        </div>
      ))}
    </dl>
  )
}
