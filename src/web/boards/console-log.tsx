/** What a board was told and what it said: the newest line last, and in sight unless someone reads further up. */

import type { ReadonlySignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { timeText } from '../format.ts'
import { t } from './boards-texts.ts'
import type { ConsoleLine } from './console-line.ts'

/** So near to its end the reader wants to stay there, in CSS pixels. */
const END_PX = 40
const SIGNS = { to: '→', from: '←', server: '–', link: '–' } as const

export function ConsoleLog({ lines }: { lines: ReadonlySignal<readonly ConsoleLine[]> }) {
  const box = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  useLayoutEffect(() => {
    if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [lines.value])
  return (
    <section
      ref={box}
      class="panel lines"
      role="log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too
      tabIndex={0}
      aria-label={t().log}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < END_PX
      }}
    >
      {lines.value.length === 0 && <p class="soft">{t().logEmpty}</p>}
      <ol>
        {lines.value.map(({ atMs, direction, text }, i) => (
          <li
            key={`${atMs} ${i}`}
            class={/^\s*ERROR\b/i.test(text) && direction === 'from' ? 'error' : direction}
          >
            <time class="soft">{timeText(atMs)}</time>
            <span aria-hidden="true">{SIGNS[direction]}</span>
            {direction !== 'link' && <span class="for-readers">{t()[direction]}</span>}
            <span>{direction !== 'link' ? text : text === 'connected' ? t().connected : t().left}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}
