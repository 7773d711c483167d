/** The tail of the log: the newest line last, and in sight unless someone reads further up. */

import { useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { LogTail as Tail } from '../../wire/api/settings.ts'
import { api, problemOf } from '../api/client.ts'
import { SelectField } from '../components/field.tsx'
import { Failing, Loading, Notice } from '../components/states.tsx'
import { timeText } from '../format.ts'
import { t } from './settings-texts.ts'

/** How often it is asked for, in ms. */
const LOOK_MS = 3000
/** So near to its end the reader wants to stay there, in CSS pixels. */
const END_PX = 40
const LEVELS = ['debug', 'info', 'warn', 'error'] as const
type Level = (typeof LEVELS)[number]

export function LogTail() {
  const lines = useSignal<Tail['lines'] | undefined>(undefined)
  const error = useSignal<unknown>(undefined)
  const least = useSignal<Level>('info')
  const box = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const look = () =>
    api<Tail>('GET', '/api/log').then(
      (found) => {
        lines.value = found.lines
        error.value = undefined
      },
      (reason) => {
        error.value = reason
      },
    )
  useEffect(() => {
    void look()
    const timer = setInterval(() => document.visibilityState === 'visible' && void look(), LOOK_MS)
    return () => clearInterval(timer)
  }, [])
  useLayoutEffect(() => {
    if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [lines.value, least.value])
  if (!lines.value) return error.value ? <Failing error={error.value} onRetry={look} /> : <Loading />
  const from = LEVELS.indexOf(least.value)
  const shown = lines.value.filter(({ level }) => LEVELS.indexOf(level) >= from)
  return (
    <div class="log">
      <SelectField<Level>
        label={t().level}
        value={least.value}
        onChange={(level) => {
          least.value = level
        }}
        options={[
          { value: 'debug', text: t().all },
          { value: 'info', text: t().info },
          { value: 'warn', text: t().warn },
          { value: 'error', text: t().error },
        ]}
      />
      {error.value !== undefined && <Notice kind="amber">{t().logStale(problemOf(error.value))}</Notice>}
      <section
        ref={box}
        class="panel lines"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too
        tabIndex={0}
        aria-label={t().log}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < END_PX
        }}
      >
        {shown.length === 0 && <p class="soft">{t().logEmpty}</p>}
        <ol lang="en">
          {shown.map(({ atMs, level, text }, i) => (
            <li key={`${atMs} ${i}`} class={level}>
              <time class="soft">{timeText(atMs)}</time>
              <span>{text}</span>
            </li>
          ))}
        </ol>
      </section>
    </div>
  )
}
